/**
 * A question that MemberData refused, as an error: the code of the broker or the mutuality word for word, who
 * must act, what to do next (mycarenet §1.9, §7.2).
 *
 * @module
 */

import { TopazError } from '../../errors.js';
import type { ErrorCode } from '../../errors.js';
import { maskSsins } from '../../ids/ssin.js';
import type { References } from '../common-input.js';
import type { FaultCategory } from '../soa-codes.js';
import type { MemberDataResponse } from './assertions.js';
import { detailCode, saysUnknownPatient } from './catalogue.js';

const CATEGORY_HINTS: Readonly<Record<FaultCategory, string>> = {
  input: 'check what was typed',
  client: 'this is a defect of topaz: report it with the references above',
  config: 'check the keys mycarenet.nihii and mycarenet.license of the profile',
  profile: 'your profession may not ask this',
  data: 'check the SSIN or the mutuality',
  platform: 'try again later',
  mutuality: 'try again later; then call the mutuality',
  session: 'topaz session open',
};

/** The facts of a refusal, as they stand in `error.details`. */
export interface RefusalDetails {
  readonly service: string;
  /** `undefined` when the answer gives none. */
  readonly detailCode: string | undefined;
  readonly level1: string;
  readonly level2: string | undefined;
  readonly faultCode: string | undefined;
  readonly source: string | undefined;
  readonly location: string | undefined;
  readonly message: string | undefined;
  readonly category: FaultCategory;
  readonly retryable: boolean;
  readonly references: References;
}

/** MemberData answered, and refused. */
export class MemberDataRefusal extends TopazError {
  readonly refusal: RefusalDetails;

  /** @param explanation What the code means, in the language of the user; before the service's own words. */
  constructor(refusal: RefusalDetails, explanation?: string) {
    const { category } = refusal;
    super(codeOf(refusal), messageOf(refusal), {
      facts: [...(explanation === undefined ? [] : [explanation]), ...factsOf(refusal)],
      hint: detailCode(refusal.detailCode ?? '')?.hint ?? CATEGORY_HINTS[category],
      details: { ...refusal },
    });
    this.refusal = refusal;
  }
}

function codeOf({ detailCode: code = '', category }: RefusalDetails): ErrorCode {
  if (saysUnknownPatient(code)) {
    return 'E_PATIENT_UNKNOWN';
  }
  return category === 'client' ? 'E_INTERNAL' : 'E_INSURABILITY_REFUSED';
}

function messageOf({ detailCode: code = '', category }: RefusalDetails): string {
  if (saysUnknownPatient(code)) {
    return 'the patient is not known';
  }
  switch (category) {
    case 'client':
      return 'MyCareNet found a fault in the question of topaz';
    case 'platform':
    case 'mutuality':
      return 'the mutuality could not answer';
    default:
      return 'MyCareNet refused the question';
  }
}

/** The service's own words, and the references that a help desk asks for. Never the patient. */
function factsOf(refusal: RefusalDetails): readonly string[] {
  const { level1, level2, faultCode, source, message, references } = refusal;
  const code = refusal.detailCode ?? faultCode ?? [level1, level2].filter(Boolean).join('/');
  const words = [`${source ?? 'MyCareNet'}: ${code}`, ...(message === undefined ? [] : [message])];
  const numbers = [references.input, references.nip, references.output].filter(
    (reference) => reference !== undefined,
  );
  return [words.join(' '), ...(numbers.length === 0 ? [] : [`references ${numbers.join(', ')}`])];
}

/** The refusal in an answer whose first status is not `Success`. The first detail decides. */
export function refusalOf(response: MemberDataResponse, references: References): MemberDataRefusal {
  const { level1, level2, faults } = response;
  const [fault] = faults;
  const detail = faults.flatMap(({ details }) => details)[0];
  const known = detail === undefined ? undefined : detailCode(detail.code);
  return new MemberDataRefusal({
    service: 'mda',
    detailCode: detail?.code,
    level1,
    level2,
    faultCode: fault?.code,
    source: detail?.source ?? fault?.source,
    location: detail?.location,
    message: masked(detail?.message ?? fault?.message),
    // A code that is new: the side that the status blames.
    category: known?.category ?? (level1 === 'Requester' ? 'input' : 'platform'),
    retryable: known?.retryable ?? false,
    references,
  });
}

/** Texts of mutualities are free: a number of a patient must not reach an error. */
const masked = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : maskSsins(text);
