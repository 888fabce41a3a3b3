/**
 * Every detail code of MemberData: who must act, and whether asking again may help (mycarenet §1.9). What a
 * code means is said in four languages by the messages `mycarenet.fault.<CODE>`.
 *
 * @module
 */

import type { FaultCategory } from '../soa-codes.js';

export interface DetailCode {
  readonly category: FaultCategory;
  /** Whether the same question may be answered later. */
  readonly retryable: boolean;
  /** A better next step than that of the category. */
  readonly hint?: string;
}

const no = (category: FaultCategory, hint?: string): DetailCode => ({
  category,
  retryable: false,
  ...(hint === undefined ? {} : { hint }),
});
const later = (category: FaultCategory): DetailCode => ({ category, retryable: true });

const client = no('client');
const input = no('input');

const CODES: Readonly<Record<string, DetailCode>> = {
  CROSSCHECK_ISSUER: client,
  CROSSCHECK_ID: client,
  FORBIDDEN_ATTRIBUTES: client,
  MISSING_ISSUER_TAG: client,
  MISSING_ISSUER_FORMAT: client,
  INVALID_ISSUER_FORMAT: client,
  INVALID_ISSUER_VALUE: no('config', 'topaz profile set mycarenet.nihii NUMBER'),
  MISSING_OR_BAD_EXTENSIONS_TYPE: client,
  MISSING_EXTENSIONS_TAG: client,
  DUPLICATED_FACET: client,
  UNKNOWN_FACET: client,
  UNAUTHORIZED_FACET: no('profile', 'ask again without that --facet'),
  INVALID_FACET_COMBINATION: client,
  INVALID_DIMENSION_ID: client,
  MISSING_DIMENSION: client,
  DUPLICATED_DIMENSION: client,
  INCONSISTENT_DIMENSIONS: client,
  MISSING_NAMEID: client,
  MISSING_NAMEID_FORMAT: client,
  INVALID_NAMEID_FORMAT: client,
  INVALID_NAMEID_VALUE: input,
  EMPTY_INSS: input,
  EMPTY_IO: input,
  EMPTY_REG_NUM: input,
  INVALID_INSS_FORMAT: input,
  INVALID_IO_FORMAT: input,
  INVALID_INSS_VALUE: input,
  INVALID_IO_VALUE: no('input', 'check the number of the mutuality'),
  INVALID_SUBJECT_CONFIRMATION_METHOD_VALUE: client,
  MISSING_SUBJECT_CONFIRMATION_TAG: client,
  MISSING_SUBJECT_CONFIRMATION_DATA_TAG: client,
  SUBJECT_CONFIRMATION_WITH_ID: client,
  EMPTY_STARTDATE: client,
  EMPTY_ENDDATE: client,
  INVALID_PERIOD: no('input', 'give the first day with --from and the last with --to'),
  START_DATE_IN_FUTURE: no('input', 'ask about a day that has come'),
  INVALID_PERIOD_FOR_SECTOR: no('input', 'ask about one day: --on DATE'),
  PERIOD_TOO_FAR_IN_PAST: no('input', 'ask about a day of the last five years'),
  UNKNOWN_NISS_ROUTING: no('input', 'check the SSIN, or ask by --mutuality and --registration'),
  UNKNOWN_IO: no('data', 'check the SSIN, or ask by --mutuality and --registration'),
  MULTIPLE_IO: no('data', 'ask again at one of them: --mutuality NUMBER'),
  MISSING_FACETS: later('data'),
  MUTATION: no('data'),
  NO_FACET: later('platform'),
  INVALID_RESPONSE_FROM_IO: later('platform'),
  SEND_TO_IM_EXCEPTION: later('platform'),
  BO_EXCEPTION: later('mutuality'),
  IOSM_EXCEPTION: later('mutuality'),
  BO_UNKNOWN_NISS: no('data', 'check the SSIN and the mutuality'),
  BO_INVALID_REGNBR: no('input', 'check the membership number'),
  BO_UNKNOWN_REGNBR: no('input', 'check the membership number and the mutuality'),
  BO_PERIOD_TOO_FAR_IN_THE_PAST: no('input', 'ask about a later day'),
  EMPTY_REQUESTTYPE: client,
  UNALLOWED_REQUESTTYPE: client,
  UNAUTHORIZED_REQUESTTYPE: no('profile', 'ask again with --request-type information'),
  EMPTY_CONTACTTYPE: client,
  UNALLOWED_CONTACTTYPE: client,
  UNAUTHORIZED_CONTACTTYPE: no('profile', 'ask again without --hospitalized'),
  MISMATCHED_CONTACTTYPE: no('input', 'ask again without --hospitalized'),
  ONLY_FIVE_PERIODS_RETURNED: no('data'),
  UNALLOWED_CAREPATHTYPE: client,
  EMPTY_CAREPATHTYPE: client,
  // Seen on acceptance, not in the catalogue of the broker.
  BO_MISSING_FACET: later('mutuality'),
  FACET_EXCEPTION: no('mutuality'),
};

/** All codes, in the order of the broker's catalogue. */
export const DETAIL_CODES: readonly string[] = Object.keys(CODES);

/** What is known about a code; `undefined` for a new one. */
export const detailCode = (code: string): DetailCode | undefined =>
  Object.hasOwn(CODES, code) ? CODES[code] : undefined;

const UNKNOWN_PATIENT: ReadonlySet<string> = new Set([
  'UNKNOWN_NISS_ROUTING',
  'UNKNOWN_IO',
  'BO_UNKNOWN_NISS',
  'BO_UNKNOWN_REGNBR',
]);

/** Whether a code says that the patient is not known. Flagged by some as a failure, it is a fact: no retry. */
export const saysUnknownPatient = (code: string): boolean => UNKNOWN_PATIENT.has(code);
