/**
 * Assertions → who is insured, where, at which rate (mycarenet §1.7, §1.8). The generic map of attributes is
 * the source; what is not known stays in it and never makes an answer fail.
 *
 * @module
 */

import { TopazError } from '../../errors.js';
import type { LocalDate } from '../belgian-day.js';
import type { MemberAssertion } from './assertions.js';
import {
  readHospitalisation,
  readMedicalHouse,
  readPatient,
  readPeriod,
  readStatement,
  readTransfers,
  valuesOf,
} from './facts.js';
import { isKnownCt1, isKnownCt2 } from './rights.js';

export type InsurabilityStatus = 'insured' | 'not-insured' | 'deceased' | 'no-data';

export interface Patient {
  readonly ssin?: string;
  /** Whether the answer has another SSIN than the question: the number was replaced. */
  readonly ssinChanged: boolean;
  readonly lastName?: string;
  readonly firstName?: string;
  readonly birthDate?: string;
  readonly sex?: 'male' | 'female';
  /** `null` = the answer names no day of death. */
  readonly deceasedOn: string | null;
}

/** A stretch of constant rights; both days included. */
export interface Period {
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly mutuality?: string;
  readonly federation?: string;
  readonly membershipNumber?: string;
  readonly ct1?: string;
  readonly ct2?: string;
  /** Increased reimbursement; left out when one of the codes is missing. */
  readonly bim?: boolean;
  readonly communicatedOn?: string;
  /** Only for invoicing. */
  readonly paymentApproval?: string;
}

/** UNCERTAIN: the names of these attributes in MemberData were never seen (mycarenet §9). */
export interface Transfer {
  readonly direction?: string;
  readonly organisation?: string;
  readonly date?: string;
}

/** Anything else that holds for some days. */
export interface Statement {
  readonly type: string;
  readonly from?: LocalDate;
  readonly to?: LocalDate;
  /** Names without the URN in front. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

export interface MedicalHouse {
  /** `Kine`, `Nurse`, `Medical`: that discipline is not billed by act. */
  readonly type?: string;
  readonly from?: string;
  readonly to?: string;
  readonly name?: string;
  readonly nihii?: string;
}

export interface Hospitalisation {
  readonly hospital?: string;
  readonly admittedOn?: string;
  readonly service?: string;
}

export interface Warning {
  readonly code: string;
  readonly source: string;
  readonly message?: string;
}

export interface Insurability {
  readonly status: InsurabilityStatus;
  /** Absent when the answer holds no data of a patient. */
  readonly patient?: Patient;
  readonly periods: readonly Period[];
  /** Whether the mutuality pays the provider; absent when the answer does not say. */
  readonly thirdPartyPayer?: boolean;
  /** `closedBefore`, `startLater`, `changeDuring`, `multiple`. */
  readonly generalSituation: string | null;
  readonly transfers: readonly Transfer[];
  readonly medicalHouse: readonly MedicalHouse[];
  readonly hospitalisation?: Hospitalisation;
  /** Absent when the facet was neither asked for nor given. */
  readonly chronicConditionYears?: readonly number[];
  /** Years in which the ceiling of what a patient pays was reached; only GenIns says it. */
  readonly maxInvoicedYears?: readonly number[];
  /** Assertions of other types: their presence means that the right exists. */
  readonly others: readonly Statement[];
  /** Our own; those of the answer come before them. */
  readonly remarks: readonly Warning[];
}

export interface AskedFor {
  /** `undefined` when asked by membership number. */
  readonly ssin: string | undefined;
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly chronicCondition: boolean;
}

const OURS = 'TOPAZ';

/**
 * Interprets the assertions of a successful answer.
 *
 * @throws TopazError `E_REPLY_INVALID` when they are about different people, or a period has no days.
 */
export function toInsurability(
  assertions: readonly MemberAssertion[],
  asked: AskedFor,
): Insurability {
  refuseSeveralPatients(assertions);
  const ofType = (type: string): readonly MemberAssertion[] =>
    assertions.filter((assertion) => assertion.type === type);
  const patient = ofType('insurability:patientData').map((a) => readPatient(a, asked.ssin))[0];
  const periods = ofType('insurability:period').map(readPeriod).toSorted(byDay);
  const situations = ofType('insurability:generalSituation');
  const generalSituation =
    situations.flatMap((a) => valuesOf(a, 'generalSituation:event'))[0] ?? null;
  const payment = ofType('insurability:payment').flatMap((a) => valuesOf(a, 'payment:byIO'))[0];
  const years = ofType('chronicCondition').flatMap((a) => valuesOf(a, 'chronicCondition:year'));
  const hospital = ofType('hospitalisation')[0];
  const covered = periods.some(({ from, to }) => from <= asked.to && to >= asked.from);
  const status: InsurabilityStatus = covered
    ? 'insured'
    : patient?.deceasedOn != null
      ? 'deceased'
      : patient !== undefined || periods.length > 0 || generalSituation !== null
        ? 'not-insured'
        : 'no-data';
  return {
    status,
    ...(patient === undefined ? {} : { patient }),
    periods,
    ...(payment === undefined ? {} : { thirdPartyPayer: payment.toLowerCase() === 'true' }),
    generalSituation,
    transfers: situations.flatMap(readTransfers),
    medicalHouse: ofType('medicalHouse').map(readMedicalHouse),
    ...(hospital === undefined ? {} : { hospitalisation: readHospitalisation(hospital) }),
    ...(asked.chronicCondition || years.length > 0
      ? { chronicConditionYears: years.filter((year) => /^[0-9]{4}$/.test(year)).map(Number) }
      : {}),
    others: assertions.filter(({ type }) => !INTERPRETED.has(type)).map(readStatement),
    remarks: [
      ...(patient?.ssinChanged === true ? [SSIN_CHANGED] : []),
      ...periods.flatMap(unknownCodes),
    ],
  };
}

const INTERPRETED: ReadonlySet<string> = new Set([
  'insurability:patientData',
  'insurability:period',
  'insurability:generalSituation',
  'insurability:payment',
  'medicalHouse',
  'hospitalisation',
  'chronicCondition',
]);

const SSIN_CHANGED: Warning = {
  code: 'SSIN_CHANGED',
  source: OURS,
  message: 'the patient has another SSIN than the one asked for',
};

/** Facts of two patients in one answer would be read as those of one. */
function refuseSeveralPatients(assertions: readonly MemberAssertion[]): void {
  const subjects = new Set(assertions.flatMap(({ subjectSsin }) => subjectSsin ?? []));
  if (subjects.size > 1) {
    throw new TopazError('E_REPLY_INVALID', 'the answer is about more than one patient', {
      hint: 'nothing of it was used; ask again, and report it if it happens again',
    });
  }
}

const byDay = (a: Period, b: Period): number => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0);

/** Codes of the rights that are in no list: kept, shown and told. */
export function unknownCodes({ ct1, ct2 }: Period): readonly Warning[] {
  const unknown = [
    ...(ct1 === undefined || isKnownCt1(ct1) ? [] : [`CT1 ${ct1}`]),
    ...(ct2 === undefined || isKnownCt2(ct2) ? [] : [`CT2 ${ct2}`]),
  ];
  return unknown.map((code) => ({
    code: 'CT_UNKNOWN',
    source: OURS,
    message: `${code} is not in the list of known codes`,
  }));
}
