/**
 * The XML of a GenericInsurability answer → the same values as from MemberData (mycarenet §2.3). Not insured is an
 * answer with data and no period that covers the days; without list and situation there are no data.
 *
 * @module
 */

import { TopazError } from '../../errors.js';
import { attribute, child, children, childText, requireChild, text } from '../../xml/query.js';
import type { XmlElement } from '../../xml/tree.js';
import { isLocalDate } from '../belgian-day.js';
import type { LocalDate } from '../belgian-day.js';
import { readReferences } from '../common-input.js';
import type { References } from '../common-input.js';
import { unknownCodes } from '../memberdata/insurability.js';
import type {
  Hospitalisation,
  Insurability,
  InsurabilityStatus,
  MedicalHouse,
  Patient,
  Period,
  Transfer,
  Warning,
} from '../memberdata/insurability.js';
import type { MemberDataReply } from '../memberdata/reply.js';
import { NS_GENINS, NS_GENINS_CORE } from './names.js';
import type { GenInsQuery } from './question.js';
import { genInsRefusalOf } from './refusal.js';

/** What the answer must be an answer to. */
export interface GenInsAsked {
  readonly inputReference: string;
  readonly recordReference: string;
  readonly query: GenInsQuery;
  /** When the answer came: it does not say so itself. */
  readonly answeredAt: Date;
}

const OURS = 'TOPAZ';

/**
 * Reads an answer.
 *
 * @param payload The one child of the SOAP body.
 * @throws GenInsRefusal `E_PATIENT_UNKNOWN`, `E_INSURABILITY_REFUSED`, `E_INTERNAL` (our question was wrong).
 * @throws TopazError `E_REPLY_INVALID` for the answer to another question, or a malformed one.
 */
export function readGenInsReply(payload: XmlElement, asked: GenInsAsked): MemberDataReply {
  if (payload.name !== 'GetInsurabilityResponse' || payload.namespace !== NS_GENINS) {
    throw unexpected('GenIns answered with another message', `${payload.name} in the body`);
  }
  const references = readReferences(child(payload, NS_GENINS, 'CommonOutput'), NS_GENINS_CORE);
  const record = readReferences(child(payload, NS_GENINS, 'RecordCommonOutput'), NS_GENINS_CORE);
  checkReferences(references, record, asked);
  const response = requireChild(payload, NS_GENINS, 'Response');
  const fault = child(response, NS_GENINS_CORE, 'MessageFault');
  if (fault !== undefined) {
    throw genInsRefusalOf(fault, references);
  }
  checkEcho(response, asked);
  const insurability = readInsurability(response, asked);
  return {
    insurability,
    warnings: insurability.remarks,
    references,
    answeredAt: asked.answeredAt,
    assertions: [],
  };
}

function checkReferences(references: References, record: References, asked: GenInsAsked): void {
  for (const [what, answered, expected] of [
    ['the reference', references.input, asked.inputReference],
    ['the reference of the record', record.input, asked.recordReference],
  ] as const) {
    // A decimal: leading zeros say nothing.
    const same = (answered ?? '').replace(/^0+(?=.)/, '') === expected.replace(/^0+(?=.)/, '');
    if (answered !== undefined && !same) {
      throw unexpected('this is the answer to another question', `it names another: ${what}`);
    }
  }
}

/** The question is repeated: its own reference, and the days that the answer is about. */
function checkEcho(response: XmlElement, { inputReference, query }: GenInsAsked): void {
  const detail = child(response, NS_GENINS_CORE, 'InsurabilityRequestDetail');
  const period = child(detail, NS_GENINS_CORE, 'Period');
  for (const [what, answered, expected] of [
    ['the reference', optional(detail, 'InsurabilityReference'), inputReference],
    ['the first day', day(optional(period, 'PeriodStart')), query.from],
    ['the last day', day(optional(period, 'PeriodEnd')), query.to],
  ] as const) {
    if (answered !== undefined && answered !== expected) {
      throw unexpected('this is the answer to another question', `it repeats another: ${what}`);
    }
  }
}

function readInsurability(response: XmlElement, { query }: GenInsAsked): Insurability {
  const person = child(response, NS_GENINS_CORE, 'CareReceiverDetail');
  const detail = child(response, NS_GENINS_CORE, 'InsurabilityResponseDetail');
  if (person === undefined || detail === undefined) {
    throw unexpected('the answer of GenIns says nothing', 'neither data nor a fault');
  }
  const asked = query.patient.kind === 'ssin' ? query.patient.ssin : undefined;
  const patient = readPatient(person, asked);
  const list = child(detail, NS_GENINS_CORE, 'InsurabilityList');
  const items = children(list, NS_GENINS_CORE, 'InsurabilityItem');
  const periods = items.map(readPeriod).toSorted((a, b) => (a.from < b.from ? -1 : 1));
  const situation = child(detail, NS_GENINS_CORE, 'GeneralSituation');
  const payment = child(detail, NS_GENINS_CORE, 'Payment');
  const hospital = child(detail, NS_GENINS_CORE, 'Hospitalized');
  const house = child(detail, NS_GENINS_CORE, 'MedicalHouse');
  const pays = optional(payment, 'PaymentByIo');
  const years = children(payment, NS_GENINS_CORE, 'MaxInvoiced')
    .map((year) => text(year).trim().slice(0, 4))
    .filter((year) => /^[0-9]{4}$/.test(year))
    .map(Number);
  const covered = periods.some(({ from, to }) => from <= query.to && to >= query.from);
  return {
    status: statusOf({ covered, patient, hasData: periods.length > 0 || situation !== undefined }),
    patient,
    periods,
    ...(pays === undefined ? {} : { thirdPartyPayer: isTrue(pays) }),
    generalSituation: attribute(situation, 'Event') ?? null,
    transfers: children(situation, NS_GENINS_CORE, 'Transfer').map(readTransfer),
    medicalHouse: house === undefined ? [] : readMedicalHouse(house),
    ...(hospital === undefined ? {} : { hospitalisation: readHospital(hospital) }),
    ...(years.length === 0 ? {} : { maxInvoicedYears: years }),
    others: [],
    remarks: [
      ...(patient.ssinChanged ? [remark('SSIN_CHANGED', 'the patient has another SSIN than the one asked for')] : []),
      ...(isTrue(attribute(list, 'Truncated') ?? '') ? [remark('TRUNCATED', 'there are more periods than the answer holds')] : []),
      ...periods.flatMap(unknownCodes),
    ],
  }; // prettier-ignore
}

const remark = (code: string, message: string): Warning => ({ code, source: OURS, message });

function statusOf({
  covered,
  patient,
  hasData,
}: {
  readonly covered: boolean;
  readonly patient: Patient;
  readonly hasData: boolean;
}): InsurabilityStatus {
  if (covered) {
    return 'insured';
  }
  if (patient.deceasedOn !== null) {
    return 'deceased';
  }
  return hasData ? 'not-insured' : 'no-data';
}

function readPatient(person: XmlElement, asked: string | undefined): Patient {
  const read = (name: string): string | undefined => optional(person, name);
  const [ssin, lastName, firstName, sex] = ['Inss', 'LastName', 'FirstName', 'Sex'].map(read);
  const birthDate = day(read('Birthday'));
  return {
    ...(ssin === undefined ? {} : { ssin }),
    ssinChanged: asked !== undefined && ssin !== undefined && ssin !== asked,
    ...(lastName === undefined ? {} : { lastName }),
    ...(firstName === undefined ? {} : { firstName }),
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(sex === 'male' || sex === 'female' ? { sex } : {}),
    deceasedOn: day(read('Deceased')) ?? null,
  };
}

function readPeriod(item: XmlElement): Period {
  const period = child(item, NS_GENINS_CORE, 'Period');
  const from = day(optional(period, 'PeriodStart'));
  // An end that is not said lies beyond every day that can be asked.
  const to = day(optional(period, 'PeriodEnd')) ?? FAR;
  if (from === undefined || to < from) {
    throw unexpected('a period of the answer has no days', 'PeriodStart, PeriodEnd');
  }
  const [mutuality, membershipNumber, ct1, ct2, paymentApproval] = [
    'Mutuality', 'RegNrWithMut', 'CT1', 'CT2', 'PaymentApproval',
  ].map((name) => optional(item, name)); // prettier-ignore
  const communicatedOn = day(optional(item, 'InsurabilityDate'));
  return {
    from,
    to,
    ...(mutuality === undefined ? {} : { mutuality, federation: `${mutuality.charAt(0)}00` }),
    ...(membershipNumber === undefined ? {} : { membershipNumber }),
    ...(ct1 === undefined ? {} : { ct1 }),
    ...(ct2 === undefined ? {} : { ct2 }),
    ...(ct1 === undefined || ct2 === undefined ? {} : { bim: isOdd(ct1) && isOdd(ct2) }),
    ...(communicatedOn === undefined ? {} : { communicatedOn }),
    ...(paymentApproval === undefined ? {} : { paymentApproval }),
  };
}

const FAR = '9999-12-31' as LocalDate;
const isOdd = (code: string): boolean => /[13579]$/.test(code);

function readTransfer(transfer: XmlElement): Transfer {
  const direction = attribute(transfer, 'Direction');
  const organisation = optional(transfer, 'InsuranceOrg');
  const date = day(optional(transfer, 'TransferDate'));
  return {
    ...(direction === undefined ? {} : { direction }),
    ...(organisation === undefined ? {} : { organisation }),
    ...(date === undefined ? {} : { date }),
  };
}

/** One contract per discipline that it holds for. */
function readMedicalHouse(house: XmlElement): readonly MedicalHouse[] {
  const from = day(optional(house, 'PeriodStart'));
  const to = day(optional(house, 'PeriodEnd'));
  const days = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  return ['Nurse', 'Medical', 'Kine']
    .filter((type) => isTrue(attribute(house, type) ?? ''))
    .map((type) => ({ type, ...days }));
}

function readHospital(element: XmlElement): Hospitalisation {
  const hospital = optional(element, 'Hospital');
  const admittedOn = day(optional(element, 'AdmissionDate'));
  const service = optional(element, 'AdmissionService');
  return {
    ...(hospital === undefined ? {} : { hospital }),
    ...(admittedOn === undefined ? {} : { admittedOn }),
    ...(service === undefined ? {} : { service }),
  };
}

function optional(parent: XmlElement | undefined, name: string): string | undefined {
  const value = childText(parent, NS_GENINS_CORE, name)?.trim();
  return value === '' ? undefined : value;
}

/** The day of an `xs:date`; some write a zone behind it. */
function day(value: string | undefined): LocalDate | undefined {
  const date = (value ?? '').trim().slice(0, 10);
  return isLocalDate(date) ? date : undefined;
}

const isTrue = (value: string): boolean => value === 'true' || value === '1';

const unexpected = (message: string, fact: string): TopazError =>
  new TopazError('E_REPLY_INVALID', message, {
    facts: [fact],
    hint: 'nothing of it was used; ask again, and report it if it happens again',
  });
