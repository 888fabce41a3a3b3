/**
 * A question that GenericInsurability refused, as an error (mycarenet §2.3, §7.2): its code word for word, who must
 * act, what to do next. Never the patient.
 *
 * @module
 */

import { TopazError } from '../../errors.js';
import type { ErrorCode } from '../../errors.js';
import { maskSsins } from '../../ids/ssin.js';
import { child, children, childText, text } from '../../xml/query.js';
import type { XmlElement } from '../../xml/tree.js';
import type { References } from '../common-input.js';
import type { FaultCategory } from '../soa-codes.js';
import { genInsCode } from './catalogue.js';
import { NS_GENINS_CORE } from './names.js';

/** The facts of a refusal, as they stand in `error.details`. */
export interface GenInsRefusalDetails {
  readonly service: 'genins';
  readonly detailCode: string | undefined;
  readonly faultCode: string;
  readonly source: string | undefined;
  /** Path in the request; told, never evaluated. */
  readonly location: string | undefined;
  readonly message: string | undefined;
  readonly category: FaultCategory;
  readonly retryable: false;
  /** Federations (`200`) that the patient belongs to, where there are several. */
  readonly mutualities?: readonly string[];
  readonly references: References;
}

const UNKNOWN_PATIENT = '23';

/** GenericInsurability answered, and refused. */
export class GenInsRefusal extends TopazError {
  readonly refusal: GenInsRefusalDetails;

  /** @param explanation What the code means, in the language of the user; before the service's own words. */
  constructor(refusal: GenInsRefusalDetails, explanation?: string) {
    super(codeOf(refusal), messageOf(refusal), {
      facts: [...(explanation === undefined ? [] : [explanation]), ...factsOf(refusal)],
      hint: genInsCode(refusal.detailCode ?? '')?.hint ?? hintOf(refusal.category),
      details: { ...refusal },
    });
    this.refusal = refusal;
  }
}

function codeOf({ detailCode, category }: GenInsRefusalDetails): ErrorCode {
  if (detailCode === UNKNOWN_PATIENT) {
    return 'E_PATIENT_UNKNOWN';
  }
  return category === 'client' ? 'E_INTERNAL' : 'E_INSURABILITY_REFUSED';
}

function messageOf({ detailCode, category }: GenInsRefusalDetails): string {
  if (detailCode === UNKNOWN_PATIENT) {
    return 'the patient is not known';
  }
  return category === 'client'
    ? 'MyCareNet found a fault in the question of topaz'
    : 'MyCareNet refused the question';
}

const hintOf = (category: FaultCategory): string =>
  category === 'client'
    ? 'this is a defect of topaz: report it with the references above'
    : 'check the SSIN, the mutuality and the days';

function factsOf(refusal: GenInsRefusalDetails): readonly string[] {
  const { source, faultCode, detailCode, message, mutualities, references } = refusal;
  const words = [`${source ?? 'MyCareNet'}: ${faultCode}`, detailCode, message];
  const numbers = [references.input, references.nip, references.output].filter(
    (reference) => reference !== undefined,
  );
  return [
    words.filter((word) => word !== undefined).join(' '),
    ...(mutualities === undefined ? [] : [`federations ${mutualities.join(', ')}`]),
    ...(numbers.length === 0 ? [] : [`references ${numbers.join(', ')}`]),
  ];
}

/** The refusal in a `MessageFault`. The first detail decides. */
export function genInsRefusalOf(fault: XmlElement, references: References): GenInsRefusal {
  const details = children(child(fault, NS_GENINS_CORE, 'Details'), NS_GENINS_CORE, 'Detail');
  const [detail] = details;
  const read = (parent: XmlElement | undefined, name: string): string | undefined => {
    const value = childText(parent, NS_GENINS_CORE, name)?.trim() ?? '';
    return value === '' ? undefined : maskSsins(value);
  };
  const detailCode = read(detail, 'DetailCode');
  const federations = children(child(fault, NS_GENINS_CORE, 'MultiIO'), NS_GENINS_CORE, 'IO')
    .map((io) => text(io).trim())
    .filter((digit) => /^[0-9]$/.test(digit))
    .map((digit) => `${digit}00`);
  const faultCode = read(fault, 'FaultCode') ?? 'INPUT_ERROR';
  return new GenInsRefusal({
    service: 'genins',
    detailCode,
    faultCode,
    source: read(fault, 'FaultSource'),
    location: read(detail, 'Location'),
    message: read(detail, 'Message') ?? read(fault, 'Message'),
    category: categoryOf(detailCode, faultCode),
    retryable: false,
    ...(federations.length === 0 ? {} : { mutualities: federations }),
    references,
  });
}

/** A code that is new: the side that the fault blames. */
const categoryOf = (detailCode: string | undefined, faultCode: string): FaultCategory =>
  genInsCode(detailCode ?? '')?.category ?? (faultCode === 'INPUT_ERROR' ? 'input' : 'data');
