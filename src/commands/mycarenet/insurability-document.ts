/**
 * The JSON of `topaz mycarenet insurability`: `topaz.mycarenet.insurability/1` (mycarenet §7.2). What was not
 * asked or does not apply is left out; `null` means that the answer says there is none.
 *
 * @module
 */

import { seconds } from '../../cli/text.js';
import type { TopazError } from '../../errors.js';
import type { MemberAssertion } from '../../mycarenet/memberdata/assertions.js';
import { facetsOf } from '../../mycarenet/memberdata/query.js';
import type { MemberDataQuery, PatientId } from '../../mycarenet/memberdata/query.js';
import type { MemberDataReply } from '../../mycarenet/memberdata/reply.js';
import type { Environment } from '../../profile/environment.js';
import type { InsurabilityService } from './sealing.js';

export const SCHEMA = 'topaz.mycarenet.insurability/1';

export type Document = { readonly schema: string } & Readonly<Record<string, unknown>>;

/** One answered question. */
export interface Answered {
  /** @default 'mda' */
  readonly service?: InsurabilityService;
  readonly query: MemberDataQuery;
  readonly reference: string;
  readonly reply: MemberDataReply;
}

/** What became of one question. */
export type Outcome =
  | { readonly patient: PatientId; readonly answered: Answered; readonly error?: undefined }
  | { readonly patient: PatientId; readonly error: TopazError };

/** The question, as it is repeated in the document. */
export const requestDocument = (
  query: MemberDataQuery,
  reference: string,
): Readonly<Record<string, unknown>> => ({
  reference,
  patient: patientDocument(query.patient),
  from: query.from,
  to: query.to,
  requestType: query.requestType,
  hospitalized: query.hospitalized,
  facets: facetsOf(query).map(({ name }) => name),
});

const patientDocument = (patient: PatientId): Readonly<Record<string, string>> =>
  patient.kind === 'registration'
    ? { mutuality: patient.mutuality, registration: patient.registration }
    : {
        ssin: patient.ssin,
        ...(patient.mutuality === undefined ? {} : { mutuality: patient.mutuality }),
      };

/** How a patient is called in `failed[].id`: the SSIN, or number@mutuality. */
export const patientId = (patient: PatientId): string =>
  patient.kind === 'ssin' ? patient.ssin : `${patient.registration}@${patient.mutuality}`;

/** One answer. */
export function answerDocument(
  { service = 'mda', query, reference, reply }: Answered,
  { environment, raw }: { readonly environment: Environment; readonly raw: boolean },
): Document {
  const { insurability, warnings, references, answeredAt, assertions } = reply;
  const { others } = insurability;
  // Our own remarks are among the warnings already.
  const facts = Object.entries(insurability).filter(
    ([key]) => key !== 'others' && key !== 'remarks',
  );
  return {
    schema: SCHEMA,
    service,
    environment,
    request: requestDocument(query, reference),
    ...Object.fromEntries(facts),
    ...(others.length === 0 ? {} : { others }),
    warnings,
    references,
    ...(answeredAt === undefined ? {} : { answeredAt: seconds(answeredAt) }),
    ...(raw ? { raw: { assertions: assertions.map(assertionDocument) } } : {}),
  };
}

const assertionDocument = (assertion: MemberAssertion): Readonly<Record<string, unknown>> => ({
  type: assertion.type,
  issuer: assertion.issuer,
  ...(assertion.notBefore === undefined ? {} : { notBefore: seconds(assertion.notBefore) }),
  ...(assertion.notOnOrAfter === undefined
    ? {}
    : { notOnOrAfter: seconds(assertion.notOnOrAfter) }),
  attributes: Object.fromEntries(assertion.attributes),
});

/** One that failed, in the form of `topaz.error/1`. */
export const failureDocument = (
  id: string,
  { code, message, hint, exitCode, facts, details }: TopazError,
): Readonly<Record<string, unknown>> => ({
  id,
  error: {
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    exitCode,
    ...(facts.length === 0 ? {} : { facts }),
    ...(details === undefined ? {} : { details }),
  },
});
