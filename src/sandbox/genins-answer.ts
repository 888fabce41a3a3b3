/**
 * What GenericInsurability answers about the patients of the seed: data, or a fault in their place (mycarenet §2.3).
 *
 * @module
 */

import type { Refusal } from './faults-soap.js';
import { SandboxFault } from './faults-soap.js';
import { refusal } from './genins-question.js';
import type { GenInsAsked } from './genins-question.js';
import { addDays, daysBetween } from './memberdata-days.js';
import type { Patient } from './seed.js';
import { el } from './xml-text.js';
import type { Content, Markup } from './xml-text.js';

const PERIOD_START = 'InsurabilityRequestDetail/Period/PeriodStart';
const SEVERAL = ['2', '6'];
const HOSPITAL = '710222120001';

/** Codes that the seed gives for MemberData, as this service says them. */
const OF_SEED: Readonly<Record<string, string>> = {
  MULTIPLE_IO: '44',
  UNKNOWN_IO: '43',
  UNKNOWN_NISS_ROUTING: '23',
  BO_UNKNOWN_NISS: '23',
  BO_UNKNOWN_REGNBR: '23',
  MISMATCHED_CONTACTTYPE: '42',
};

/** Those that come with data. */
const WARNINGS: ReadonlySet<string> = new Set([
  'MUTATION', 'ONLY_FIVE_PERIODS_RETURNED', 'MISSING_FACETS', 'BO_MISSING_FACET', 'FACET_EXCEPTION',
]); // prettier-ignore

/**
 * Finds who is asked about.
 *
 * @throws Refusal with a detail code; SandboxFault `SOA-02002` where the mutuality is said to be down.
 */
export function findCareReceiver(
  patients: readonly Patient[],
  { ssin, registrationNumber, mutuality }: GenInsAsked,
): Patient {
  const found = patients.find((patient) =>
    ssin === ''
      ? [patient, patient.mutation].some(
          (entry) =>
            entry?.mutuality === mutuality && entry.registrationNumber === registrationNumber,
        )
      : patient.ssin === ssin,
  );
  if (found === undefined) {
    throw refusal(ssin === '' ? '43' : '23', ssin === '' ? PERIOD_START : 'CareReceiverId/Inss', 'not in the seed'); // prettier-ignore
  }
  const { error } = found;
  if (error === undefined || WARNINGS.has(error) || (error === 'MULTIPLE_IO' && ssin === '')) {
    return found;
  }
  const code = OF_SEED[error];
  if (code === undefined) {
    throw new SandboxFault('SOA-02002', `${error}, by the seed`);
  }
  throw refusal(
    code,
    code === '23' ? 'CareReceiverId/Inss' : PERIOD_START,
    `${error}, by the seed`,
  );
}

const gc = (name: string, ...content: readonly Content[]): Markup =>
  el(`gc:${name}`, {}, ...content);
const maybe = (name: string, value: string | undefined): Markup | undefined =>
  value === undefined ? undefined : gc(name, value);

/**
 * The data of a patient for the asked days.
 *
 * @throws Refusal `42` for who is asked about as in hospital and is not.
 */
export function dataOf(patient: Patient, asked: GenInsAsked): readonly Markup[] {
  const inHospital = asked.contactType === 'hospitalized_elsewhere';
  if (inHospital && patient.hospitalised !== true) {
    throw refusal('42', 'InsurabilityRequestDetail/InsurabilityContactType', 'not in hospital');
  }
  const items = patient.insured && patient.noData !== true ? itemsOf(patient, asked) : [];
  return [
    personOf(patient, asked),
    gc(
      'InsurabilityResponseDetail',
      situationOf(patient, asked, items.length),
      gc('Payment', gc('PaymentByIo', String(patient.thirdParty === true))),
      inHospital
        ? gc('Hospitalized', gc('Hospital', HOSPITAL), gc('AdmissionDate', asked.from), gc('AdmissionService', '220')) // prettier-ignore
        : undefined,
      houseOf(patient, asked),
      items.length === 0
        ? undefined
        : el('gc:InsurabilityList', { Truncated: String(patient.error === 'ONLY_FIVE_PERIODS_RETURNED') }, items), // prettier-ignore
    ),
  ];
}

function personOf(patient: Patient, { from, to }: GenInsAsked): Markup {
  const { ssin, firstName, lastName, birthDate, deceased, gender } = patient;
  const sex = gender === undefined ? undefined : gender === 'M' ? 'male' : 'female';
  return gc(
    'CareReceiverDetail',
    gc('Inss', ssin),
    gc('FirstName', firstName),
    gc('LastName', lastName),
    maybe('Birthday', birthDate),
    // Said only when it lies within the days asked about.
    maybe('Deceased', deceased !== undefined && deceased >= from && deceased <= to ? deceased : undefined), // prettier-ignore
    maybe('Sex', sex),
  );
}

function situationOf(patient: Patient, { from, to }: GenInsAsked, items: number): Markup | undefined {
  const { mutation, noData } = patient;
  if (noData === true || items === 1) {
    return undefined;
  }
  if (items === 0) {
    return el('gc:GeneralSituation', { Event: 'closedBefore' });
  }
  const day = middleOf(from, to);
  return el(
    'gc:GeneralSituation',
    { Event: 'changeDuring' },
    el('gc:Transfer', { Direction: 'toOtherIo' }, gc('InsuranceOrg', `${(mutation?.mutuality ?? '300').charAt(0)}00`), gc('TransferDate', day)),
  );
} // prettier-ignore

function houseOf({ medicalHouse }: Patient, { from }: GenInsAsked): Markup | undefined {
  return medicalHouse === undefined
    ? undefined
    : el(
        'gc:MedicalHouse',
        Object.fromEntries(
          ['Nurse', 'Medical', 'Kine'].map((type) => [type, String(type === medicalHouse)]),
        ),
        gc('PeriodStart', from),
      );
}

/** First day of the second half. */
const middleOf = (from: string, to: string): string =>
  addDays(from, Math.floor((daysBetween(from, to) + 1) / 2));

function itemsOf(patient: Patient, { from, to }: GenInsAsked): readonly Markup[] {
  const { mutation, mutuality = '300', registrationNumber } = patient;
  const item = (start: string, end: string, at: string, number: string | undefined): Markup =>
    gc(
      'InsurabilityItem',
      maybe('RegNrWithMut', number),
      gc('Mutuality', at),
      gc('Period', gc('PeriodStart', start), gc('PeriodEnd', end)),
      maybe('CT1', patient.ct1),
      maybe('CT2', patient.ct2),
      gc('InsurabilityDate', from),
    );
  if (mutation === undefined || from === to) {
    return [item(from, to, mutuality, registrationNumber)];
  }
  const day = middleOf(from, to);
  return [
    item(from, addDays(day, -1), mutuality, registrationNumber),
    item(day, to, mutation.mutuality, mutation.registrationNumber),
  ];
}

/** The fault in the place of data. */
export function faultOf(error: Refusal, { ssin, registrationNumber, mutuality }: GenInsAsked): readonly Markup[] {
  const { code } = error;
  const field = new Map(error.parameters).get('field');
  const kind = code === '44' ? 'MULTIIO_ERROR' : code === '43' ? 'NO_IO_ERROR' : 'INPUT_ERROR';
  const given = (name: string, value: string): Markup | undefined =>
    maybe(name, value === '' ? undefined : value);
  return [
    gc('CareReceiverId', given('Inss', ssin), given('RegNrWithMut', registrationNumber), given('Mutuality', mutuality)),
    gc(
      'MessageFault',
      gc('FaultCode', kind),
      gc('FaultSource', 'MYCARENET'),
      code === '44' ? gc('MultiIO', SEVERAL.map((io) => gc('IO', io))) : undefined,
      el('gc:Message', { 'xml:lang': 'en' }, kind),
      gc(
        'Details',
        gc(
          'Detail',
          gc('DetailCode', code),
          maybe('Location', field === undefined ? undefined : `../../../../${field}`),
          el('gc:Message', { 'xml:lang': 'en' }, error.message),
        ),
      ),
    ),
  ];
} // prettier-ignore
