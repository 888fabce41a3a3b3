/**
 * One assertion of MemberData → the fact that it states: a patient, a period, a transfer … (mycarenet §1.7). Names
 * that were never seen are matched by their ending (mycarenet §9).
 *
 * @module
 */

import { TopazError } from '../../errors.js';
import { belgianDay } from '../belgian-day.js';
import type { LocalDate } from '../belgian-day.js';
import { NIPPIN, shortName } from '../names.js';
import type { MemberAssertion } from './assertions.js';
import type {
  Hospitalisation,
  MedicalHouse,
  Patient,
  Period,
  Statement,
  Transfer,
} from './insurability.js';
import { federationOf, isIncreased } from './rights.js';

const DAY = /^[0-9]{4}-[0-9]{2}-[0-9]{2}/;

/** Values of an attribute by its name without the URN in front, or by a full name. */
export const valuesOf = ({ attributes }: MemberAssertion, name: string): readonly string[] =>
  (attributes.get(`${NIPPIN}${name}`) ?? attributes.get(name) ?? []).filter(
    (value) => value !== '',
  );

const value = (assertion: MemberAssertion, name: string): string | undefined =>
  valuesOf(assertion, name)[0];

export function readPatient(assertion: MemberAssertion, askedSsin: string | undefined): Patient {
  const ssin = value(assertion, 'urn:be:fgov:person:ssin');
  const sex = sexOf(value(assertion, 'careReceiver:gender'));
  return {
    ...given('ssin', ssin),
    ssinChanged: ssin !== undefined && askedSsin !== undefined && ssin !== askedSsin,
    ...given('lastName', value(assertion, 'careReceiver:name')),
    ...given('firstName', value(assertion, 'careReceiver:firstName')),
    ...given('birthDate', dayIn(value(assertion, 'careReceiver:birthDate'))),
    ...(sex === undefined ? {} : { sex }),
    deceasedOn: dayIn(value(assertion, 'careReceiver:deceasedDate')) ?? null,
  };
}

function sexOf(text: string | undefined): 'male' | 'female' | undefined {
  switch (text?.toLowerCase()) {
    case 'male':
    case 'm':
      return 'male';
    case 'female':
    case 'f':
      return 'female';
    default:
      return undefined;
  }
}

export function readPeriod(assertion: MemberAssertion): Period {
  const { from, to } = daysOf(assertion);
  if (from === undefined || to === undefined || to < from) {
    throw new TopazError('E_REPLY_INVALID', 'a period of the answer does not say its days', {
      hint: 'nothing of it was used; ask again, and report it if it happens again',
    });
  }
  const mutuality = value(assertion, 'careReceiver:mutuality');
  const [ct1, ct2] = [value(assertion, 'cb1'), value(assertion, 'cb2')];
  const bim = isIncreased(ct1, ct2);
  return {
    from,
    to,
    ...given('mutuality', mutuality),
    ...given('federation', federationOf(mutuality)),
    ...given('membershipNumber', value(assertion, 'careReceiver:registrationNumber')),
    ...given('ct1', ct1),
    ...given('ct2', ct2),
    ...(bim === undefined ? {} : { bim }),
    ...given('communicatedOn', dayIn(value(assertion, 'communicationDate'))),
    ...given('paymentApproval', value(assertion, 'paymentApproval')),
  };
}

/** Days of an assertion; the exclusive end becomes the last day. */
function daysOf({ notBefore, notOnOrAfter }: MemberAssertion): {
  readonly from?: LocalDate;
  readonly to?: LocalDate;
} {
  return {
    ...(notBefore === undefined ? {} : { from: belgianDay(notBefore) }),
    ...(notOnOrAfter === undefined ? {} : { to: belgianDay(new Date(notOnOrAfter.getTime() - 1)) }),
  };
}

/** Values whose name ends so, whatever stands before: for names that were never seen. */
const endingIn = ({ attributes }: MemberAssertion, ending: RegExp): readonly string[] =>
  [...attributes].flatMap(([name, all]) => (ending.test(name) ? all : []));

export function readTransfers(assertion: MemberAssertion): readonly Transfer[] {
  const directions = endingIn(assertion, /transfer.*direction$/i);
  const organisations = endingIn(assertion, /transfer.*(?:io|organization|mutuality)$/i);
  const dates = endingIn(assertion, /transfer.*date$/i);
  const count = Math.max(directions.length, organisations.length, dates.length);
  return Array.from({ length: count }, (_, n) => ({
    ...given('direction', directions[n]),
    ...given('organisation', organisations[n]),
    ...given('date', dayIn(dates[n])),
  }));
}

export function readMedicalHouse(assertion: MemberAssertion): MedicalHouse {
  const { from, to } = daysOf(assertion);
  return {
    ...given('type', value(assertion, 'medicalHouse:type')),
    ...given('from', dayIn(endingIn(assertion, /medicalHouse.*start(?:Date)?$/i)[0]) ?? from),
    ...given('to', dayIn(endingIn(assertion, /medicalHouse.*end(?:Date)?$/i)[0]) ?? to),
    ...given('name', endingIn(assertion, /medicalHouse.*name$/i)[0]),
    ...given('nihii', endingIn(assertion, /medicalHouse.*nihii(?:11)?$/i)[0]),
  };
}

export const readHospitalisation = (assertion: MemberAssertion): Hospitalisation => ({
  ...given('hospital', endingIn(assertion, /hospital$/i)[0]),
  ...given('admittedOn', dayIn(endingIn(assertion, /admissionDate$/i)[0])),
  ...given('service', endingIn(assertion, /(?:admission)?service$/i)[0]),
});

export const readStatement = (assertion: MemberAssertion): Statement => ({
  type: assertion.type,
  ...daysOf(assertion),
  attributes: Object.fromEntries(
    [...assertion.attributes].map(([name, all]) => [shortName(name), all]),
  ),
});

/** The day of an `xs:date` or `xs:dateTime`; other texts are kept. */
const dayIn = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : (DAY.exec(text)?.[0] ?? text);

const given = <K extends string>(
  key: K,
  text: string | undefined,
): { readonly [P in K]?: string } =>
  // A computed key widens to a string index; the shape is the one declared.
  (text === undefined ? {} : { [key]: text }) as { readonly [P in K]?: string };
