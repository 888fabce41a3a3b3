/**
 * What a mutuality knows about the patients of the seed, as statements for the asked period (mycarenet §1.7,
 * §8).
 *
 * @module
 */

import { Refusal } from './faults-soap.js';
import type { Statement } from './memberdata-answer.js';
import { addDays, dayAt, daysBetween, midnight } from './memberdata-days.js';
import { detailRow } from './memberdata-faults.js';
import { isUnixEpoch } from './memberdata-query.js';
import type { MemberQuery } from './memberdata-query.js';
import type { Patient } from './seed.js';

export interface Found {
  readonly patient: Patient;
  /** The mutuality that answers. */
  readonly mutuality: string;
}

export interface Facts {
  readonly statements: readonly Statement[];
  readonly warnings: readonly { readonly code: string; readonly source?: string }[];
}

const UNKNOWN_MUTUALITY = '300';
const MAX_PERIODS = 5;

/**
 * Finds who is asked about.
 *
 * @throws Refusal `UNKNOWN_NISS_ROUTING`, `BO_UNKNOWN_NISS`, `BO_UNKNOWN_REGNBR`, or the code that the seed
 *   gives the patient.
 */
export function findPatient(patients: readonly Patient[], { patient: asked }: MemberQuery): Found {
  const found = patients.find((patient) => {
    const memberships = membershipsOf(patient);
    return asked.kind === 'registration@mut'
      ? memberships.some(
          ({ mutuality, registrationNumber }) =>
            mutuality === asked.mutuality && registrationNumber === asked.number,
        )
      : patient.ssin === asked.ssin;
  });
  if (asked.kind === 'registration@mut' && found === undefined) {
    throw new Refusal('BO_UNKNOWN_REGNBR', 'not in the seed', [['mutuality', asked.mutuality]]);
  }
  if (found === undefined) {
    throw new Refusal('UNKNOWN_NISS_ROUTING', 'not in the seed');
  }
  const mutuality =
    asked.kind === 'ssin' ? (found.mutuality ?? UNKNOWN_MUTUALITY) : asked.mutuality;
  if (asked.kind === 'ssin@mut' && !membershipsOf(found).some((m) => m.mutuality === mutuality)) {
    throw new Refusal('BO_UNKNOWN_NISS', 'a member elsewhere', [['mutuality', mutuality]]);
  }
  // Several mutualities: asked again with one of them, the patient is found.
  const error = found.error === 'MULTIPLE_IO' && asked.kind !== 'ssin' ? undefined : found.error;
  if (error !== undefined && detailRow(error)?.level1 !== 'Success') {
    throw new Refusal(error, 'by the seed', [['mutuality', mutuality]]);
  }
  return { patient: found, mutuality };
}

const membershipsOf = ({ mutuality, registrationNumber, mutation }: Patient) => [
  { mutuality, registrationNumber },
  ...(mutation === undefined ? [] : [mutation]),
];

/**
 * Everything that is known about a patient in the asked period.
 *
 * @throws Refusal `MISMATCHED_CONTACTTYPE` for who is asked about as in hospital and is not.
 */
export function factsOf({ patient, mutuality }: Found, query: MemberQuery): Facts {
  if (patient.noData === true || isUnixEpoch(dayAt(new Date(query.notBefore)))) {
    return { statements: [], warnings: [] };
  }
  const dimensions = query.facets.find(({ name }) => name === 'insurability')?.dimensions ?? [];
  const has = (value: string): boolean => dimensions.some((dimension) => dimension.value === value);
  if (has('hospitalized') && patient.hospitalised !== true) {
    throw new Refusal('MISMATCHED_CONTACTTYPE', 'not in hospital', [['mutuality', mutuality]]);
  }
  const warnings: { code: string; source?: string }[] =
    patient.error === undefined || patient.error === 'MULTIPLE_IO' ? [] : [{ code: patient.error }];
  const statements: Statement[] = [];
  if (dimensions.length > 0) {
    const stretches = patient.insured ? stretchesOf(patient, query) : [];
    const moved = new Set(stretches.map((stretch) => stretch.mutuality)).size > 1;
    if (moved && patient.error !== 'MUTATION') {
      warnings.push({ code: 'MUTATION' });
    }
    statements.push(...insurability(patient, query, stretches, { invoicing: has('invoicing') }));
    if (has('hospitalized')) {
      statements.push(hospitalisation(query));
    }
  }
  if (query.facets.some(({ name }) => name === 'chronicCondition')) {
    if (mutuality.startsWith('6')) {
      // One mutuality does not know this facet, and says so twice.
      warnings.push({ code: 'BO_MISSING_FACET' });
      warnings.push({ code: 'FACET_EXCEPTION', source: 'CHRONICCONDITION' });
    } else if (patient.thirdParty === true) {
      statements.push(chronicCondition(query));
    }
  }
  return { statements, warnings };
}

interface Stretch {
  readonly notBefore: string;
  readonly notOnOrAfter: string;
  readonly mutuality: string;
  readonly registrationNumber: string;
}

/** Parts of the asked period with one mutuality each. */
function stretchesOf(patient: Patient, query: MemberQuery): readonly Stretch[] {
  const { mutuality = UNKNOWN_MUTUALITY, registrationNumber = '', mutation, error } = patient;
  const whole = { ...periodOf(query), mutuality, registrationNumber };
  const from = dayAt(new Date(query.notBefore));
  const days = daysBetween(from, dayAt(new Date(Date.parse(query.notOnOrAfter) - 1))) + 1;
  const parts =
    mutation !== undefined ? 2 : error === 'ONLY_FIVE_PERIODS_RETURNED' ? MAX_PERIODS : 1;
  if (parts === 1 || days < parts) {
    return [whole];
  }
  const bounds = Array.from({ length: parts - 1 }, (_, n) =>
    midnight(addDays(from, Math.floor((days * (n + 1)) / parts))),
  );
  return [query.notBefore, ...bounds].map((notBefore, n) => ({
    notBefore,
    notOnOrAfter: bounds[n] ?? query.notOnOrAfter,
    ...(n > 0 && mutation !== undefined ? mutation : { mutuality, registrationNumber }),
  }));
}

const periodOf = ({ notBefore, notOnOrAfter }: MemberQuery) => ({ notBefore, notOnOrAfter });

function insurability(
  patient: Patient,
  query: MemberQuery,
  stretches: readonly Stretch[],
  { invoicing }: { invoicing: boolean },
): readonly Statement[] {
  const whole = { facet: 'insurability', ...periodOf(query) };
  const day = dayAt(new Date(query.notBefore));
  const event =
    stretches.length === 0 ? 'closedBefore' : patient.mutation !== undefined && stretches.length > 1 ? 'changeDuring' : undefined; // prettier-ignore
  return [
    { ...whole, type: 'insurability:patientData', attributes: patientData(patient, query) },
    ...stretches.map(({ notBefore, notOnOrAfter, mutuality, registrationNumber }): Statement => ({
      facet: 'insurability',
      type: 'insurability:period',
      notBefore,
      notOnOrAfter,
      attributes: [
        ['careReceiver:registrationNumber', registrationNumber],
        ['careReceiver:mutuality', mutuality],
        ...maybe('cb1', patient.ct1),
        ...maybe('cb2', patient.ct2),
        ['communicationDate', day],
        ...maybe(
          'paymentApproval',
          invoicing ? `${mutuality}${day.replaceAll('-', '')}` : undefined,
        ),
      ],
    })),
    ...(event === undefined
      ? []
      : [{ ...whole, type: 'insurability:generalSituation', attributes: maybe('generalSituation:event', event) }]), // prettier-ignore
    ...(stretches.length === 0
      ? []
      : [
          {
            ...whole,
            type: 'insurability:payment',
            attributes: maybe('payment:byIO', patient.thirdParty === true ? 'True' : 'False'),
          },
        ]),
    ...(patient.medicalHouse === undefined
      ? []
      : [{ ...whole, type: 'medicalHouse', attributes: maybe('medicalHouse:type', patient.medicalHouse) }]), // prettier-ignore
  ];
}

function patientData(patient: Patient, query: MemberQuery): readonly (readonly [string, string])[] {
  const { ssin, lastName, firstName, birthDate, gender, deceased } = patient;
  const end = dayAt(new Date(query.notOnOrAfter));
  return [
    ['urn:be:fgov:person:ssin', ssin],
    ['careReceiver:name', lastName],
    ['careReceiver:firstName', firstName],
    ...maybe('careReceiver:birthDate', birthDate),
    ...maybe('careReceiver:gender', gender === undefined ? undefined : gender === 'M' ? 'male' : 'female'), // prettier-ignore
    ...maybe('careReceiver:deceasedDate', deceased !== undefined && deceased < end ? deceased : undefined), // prettier-ignore
  ];
}

/** Names of these attributes were never seen (mycarenet §9). */
const hospitalisation = (query: MemberQuery): Statement => ({
  facet: 'insurability',
  type: 'hospitalisation',
  ...periodOf(query),
  attributes: [
    ['hospitalisation:hospital', '71022212000'],
    ['hospitalisation:admissionDate', dayAt(new Date(query.notBefore))],
    ['hospitalisation:admissionService', '220'],
  ],
});

function chronicCondition(query: MemberQuery): Statement {
  const year = Number(dayAt(new Date(query.notBefore)).slice(0, 4));
  return {
    facet: 'chronicCondition',
    type: 'chronicCondition',
    notBefore: midnight(`${String(year)}-01-01`),
    notOnOrAfter: midnight(`${String(year + 1)}-01-01`),
    attributes: [['chronicCondition:year', String(year)]],
  };
}

const maybe = (name: string, value: string | undefined): readonly (readonly [string, string])[] =>
  value === undefined ? [] : [[name, value]];
