/**
 * Who the card says its holder is: from the data objects of the identity and address files, else from the
 * Authentication certificate (OpenSC shows no data). Formats: eid-pkcs11 §6.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { isSsin, parseSsin } from '../ids/ssin.js';
import type { Ssin } from '../ids/ssin.js';
import type { DataObject } from '../pkcs11/module.js';
import type { Certificate } from '../x509/certificate.js';
import { attributeValue } from '../x509/name.js';

/** Days are `YYYY-MM-DD`; what the card does not tell is absent. */
export interface Identity {
  readonly ssin: Ssin;
  /** As on the card: the first two given names, or all of them from the certificate. */
  readonly firstNames: string;
  readonly lastName: string;
  readonly birthDate?: string;
  readonly birthPlace?: string;
  readonly nationality?: string;
  readonly sex?: 'M' | 'F';
  readonly cardNumber?: string;
  readonly validFrom?: string;
  readonly validUntil?: string;
  /** Number of the document type, `1` for a Belgian citizen. */
  readonly documentType?: string;
}

export interface Address {
  readonly street: string;
  readonly postalCode: string;
  readonly municipality: string;
}

const SURNAME = '2.5.4.4';
const GIVEN_NAME = '2.5.4.42';
const SERIAL_NUMBER = '2.5.4.5';

const MONTHS: readonly (readonly string[])[] = [
  ['JAN'], ['FEV', 'FEB'], ['MARS', 'MAAR', 'MÄR', 'MÄRZ', 'MAR'], ['AVR', 'APR'], ['MAI', 'MEI'], ['JUIN', 'JUN'],
  ['JUIL', 'JUL'], ['AOUT', 'AUG'], ['SEPT', 'SEP'], ['OCT', 'OKT'], ['NOV'], ['DEC', 'DEZ'],
]; // prettier-ignore

/** `DD.MM.YYYY` → `YYYY-MM-DD`; `undefined` for anything else. */
export function parseCardDate(text: string): string | undefined {
  const [, day, month, year] = /^([0-9]{2})\.([0-9]{2})\.([0-9]{4})$/.exec(text.trim()) ?? [];
  return day === undefined || month === undefined || year === undefined
    ? undefined
    : checkedDay(Number(year), Number(month), Number(day));
}

/**
 * The date of birth as printed: `15 FEV  1979`, `15 FEB 1979`, German `15.FEB.1979`.
 *
 * @returns `undefined` where day or month are unknown, or the text has another form.
 */
export function parseBirthDate(text: string): string | undefined {
  const [, day, name, year] =
    /^([0-9]{1,2})[\s.]+([\p{L}]+)\.?[\s.]+([0-9]{4})$/u.exec(text.normalize('NFC').trim()) ?? [];
  if (day === undefined || name === undefined || year === undefined) {
    return undefined;
  }
  const upper = name.toUpperCase();
  const month = MONTHS.findIndex((names) => names.includes(upper)) + 1;
  return month === 0 ? undefined : checkedDay(Number(year), month, Number(day));
}

function checkedDay(year: number, month: number, day: number): string | undefined {
  const date = new Date(Date.UTC(year, month - 1, day));
  const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? text : undefined;
}

/** `M`; `F` (fr), `V` (nl) and `W` (de) are women. */
export function parseGender(text: string): 'M' | 'F' | undefined {
  switch (text.trim().toUpperCase()) {
    case 'M':
      return 'M';
    case 'F':
    case 'V':
    case 'W':
      return 'F';
    default:
      return undefined;
  }
}

/** Text of a data object, trimmed; `undefined` where absent or empty. */
function textOf(objects: readonly DataObject[], label: string): string | undefined {
  const value = objects.find((object) => object.label === label)?.value;
  const text = value === undefined ? '' : Buffer.from(value).toString('utf8').trim();
  return text === '' ? undefined : text;
}

/**
 * The identity of the group `id`, checked against the certificate.
 *
 * @param certificate The Authentication certificate; `undefined` on a card without one.
 * @returns `undefined` where the module shows no data objects.
 * @throws TopazError `E_SIGNATURE_INVALID` when file and certificate name different persons.
 */
export function identityFromData(
  objects: readonly DataObject[],
  certificate: Certificate | undefined,
): Identity | undefined {
  const number = textOf(objects, 'national_number');
  if (number === undefined) {
    return undefined;
  }
  const certified = certificate && certificateSsin(certificate);
  if (certified !== undefined && certified !== number) {
    throw new TopazError(
      'E_SIGNATURE_INVALID',
      'the identity file and the certificate of this card name different persons',
      { hint: 'do not use this card; report it to the municipality' },
    );
  }
  const birthDate = textOf(objects, 'date_of_birth');
  const gender = textOf(objects, 'gender');
  const validFrom = textOf(objects, 'validity_begin_date');
  const validUntil = textOf(objects, 'validity_end_date');
  return compact({
    ssin: parseSsin(number),
    firstNames: textOf(objects, 'firstnames') ?? '',
    lastName: textOf(objects, 'surname') ?? '',
    birthDate: birthDate && parseBirthDate(birthDate),
    birthPlace: textOf(objects, 'location_of_birth'),
    nationality: textOf(objects, 'nationality'),
    sex: gender === undefined ? undefined : parseGender(gender),
    cardNumber: textOf(objects, 'card_number'),
    validFrom: validFrom && parseCardDate(validFrom),
    validUntil: validUntil && parseCardDate(validUntil),
    documentType: textOf(objects, 'document_type'),
  });
}

/**
 * The identity of the certificate's subject: number and names; date of birth and sex follow from the
 * number where it is no bis number.
 *
 * @throws TopazError `E_CARD_NOT_EID` when the subject is not that of an eID.
 */
export function identityFromCertificate(certificate: Certificate): Identity {
  const ssin = certificateSsin(certificate);
  if (ssin === undefined) {
    throw new TopazError('E_CARD_NOT_EID', 'the certificate of this card names no holder', {
      hint: 'insert a Belgian eID',
    });
  }
  return compact({
    ssin,
    firstNames: attributeValue(certificate.subject, GIVEN_NAME) ?? '',
    lastName: attributeValue(certificate.subject, SURNAME) ?? '',
    birthDate: birthDateOf(ssin),
    sex: Number(ssin.slice(6, 9)) % 2 === 1 ? 'M' : 'F',
  });
}

/** The number in the certificate, which the key's signature proves; `undefined` where there is none. */
export function certificateSsin(certificate: Certificate): Ssin | undefined {
  const number = attributeValue(certificate.subject, SERIAL_NUMBER) ?? '';
  return isSsin(number) ? number : undefined;
}

/** Birth date in an SSIN; the check number tells the century. `undefined` for bis and unknown dates. */
export function birthDateOf(ssin: Ssin): string | undefined {
  const before2000 = 97 - (Number(ssin.slice(0, 9)) % 97) === Number(ssin.slice(9));
  const year = (before2000 ? 1900 : 2000) + Number(ssin.slice(0, 2));
  return checkedDay(year, Number(ssin.slice(2, 4)), Number(ssin.slice(4, 6)));
}

/** The address of the group `address`; `undefined` where there is none. */
export function addressFromData(objects: readonly DataObject[]): Address | undefined {
  const municipality = textOf(objects, 'address_municipality');
  const street = textOf(objects, 'address_street_and_number');
  const postalCode = textOf(objects, 'address_zip');
  return municipality === undefined && street === undefined && postalCode === undefined
    ? undefined
    : {
        street: street ?? '',
        postalCode: postalCode ?? '',
        municipality: municipality ?? '',
      };
}

type Loose<T> = { [K in keyof T]: T[K] | undefined };

/** Leaves absent fields out, so that JSON does not show them. */
function compact({
  ssin,
  firstNames,
  lastName,
  ...rest
}: Loose<Identity> & Pick<Identity, 'ssin' | 'firstNames' | 'lastName'>): Identity {
  const known = Object.fromEntries(
    Object.entries(rest).filter(([, value]) => value !== undefined),
  ) satisfies Partial<Identity>;
  return { ssin, firstNames, lastName, ...known };
}
