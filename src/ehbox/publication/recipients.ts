/**
 * Who may be written to: the qualities of the eHealthBox with their types and subtypes (ehealthbox §8). What a
 * person typed is held against this table before anything is sent; boxes that were read are not, since the
 * list grows.
 *
 * @module
 */

import { TopazError } from '../../errors.js';
import { ehboxType, parseIdentifier } from '../../ids/identifier.js';
import type { EhboxType, Identifier } from '../../ids/identifier.js';
import { nihii8, parseNihii } from '../../ids/nihii.js';
import { nearest } from '../../profile/nearest.js';
import { sameAddress } from '../address.js';
import type { BoxAddress } from '../address.js';

/** Each with `INSS` and with `NIHII`, without subtype. */
export const PERSON_QUALITIES: readonly string[] = [
  'AMBULANCE_RESCUER', 'APPLIED_PSYCH_BACHELOR', 'AUDICIEN', 'AUDIOLOGIST', 'DENTIST', 'DIETICIAN', 'DOCTOR',
  'FAMILY_SCIENCE_BACHELOR', 'GERONTOLOGY_MASTER', 'IMAGING_TECHNOLOGIST', 'IMPLANTPROVIDER', 'LAB_TECHNOLOGIST',
  'LOGOPEDIST', 'MIDWIFE', 'NURSE', 'OCCUPATIONAL_THERAPIST', 'OPTICIEN', 'ORTHOPEDAGOGIST_MASTER', 'ORTHOPEDIST',
  'ORTHOPTIST', 'PEDIATRIC_NURSE', 'PHARMACIST', 'PHARMACIST_ASSISTANT', 'PHYSIOTHERAPIST', 'PODOLOGIST',
  'PRACTICALNURSE', 'PSYCHOLOGIST', 'PSYCHOMOTOR_THERAPY', 'READAPTATION_BACHELOR', 'SOCIAL_WORKER',
  'SPECIALIZED_EDUCATOR', 'TRUSS_MAKER',
]; // prettier-ignore

const NIHII_SECTORS = [
  'GROUP', 'GROUP_DOCTORS', 'GUARD_POST', 'HOME_SERVICES', 'HOSPITAL', 'LABO', 'MEDICAL_HOUSE', 'OFFICE_DENTISTS',
  'OFFICE_DOCTORS', 'OF_BAND', 'OF_PHYSIOS', 'OTD_PHARMACY', 'PALLIATIVE_CARE', 'PHARMACY', 'PROT_ACC',
  'PSYCH_HOUSE', 'REEDUCATION', 'RETIREMENT',
] as const; // prettier-ignore

/** Type and subtype of an organisation, by its quality. */
export const ORGANISATION_QUALITIES: ReadonlyMap<string, EhboxType> = new Map<string, EhboxType>([
  ['CONSORTIUM', { type: 'CBE', subType: 'CONSORTIUM' }],
  ['CTRL_ORGANISM', { type: 'EHP', subType: 'CTRL_ORGANISM' }],
  ['INSTITUTION', { type: 'CBE', subType: undefined }],
  ['INSTITUTION_EHP', { type: 'EHP', subType: undefined }],
  ['TREATMENT_CENTER', { type: 'CBE', subType: 'TREATMENT_CENTER' }],
  ...NIHII_SECTORS.map((name): [string, EhboxType] => [name, { type: 'NIHII', subType: name }]),
]);

const EXAMPLE = 'SSIN=79021599732:DOCTOR or NIHII-HOSPITAL=71022212';
const TEN_DIGITS = /^\d{10}$/;

/**
 * Reads `TYPE=ID[:QUALITY]`. A person needs the quality; that of an organisation follows from its type.
 *
 * @throws TopazError `E_IDENTIFIER_INVALID` for what the table does not hold, `E_SSIN_INVALID`,
 *   `E_NIHII_INVALID`, `E_CBE_INVALID`.
 */
export function parseRecipient(text: string): BoxAddress {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const quality =
    colon < 0
      ? undefined
      : text
          .slice(colon + 1)
          .trim()
          .toUpperCase();
  const identifier = parseIdentifier(name);
  checkNumber(identifier, name.slice(name.indexOf('=') + 1).replace(/[\s.-]/g, ''));
  // The eHealthBox knows persons by the eight digits.
  const type = identifier.type === 'NIHII11' ? 'NIHII' : identifier.type;
  const box = ehboxType(type);
  const isPersonal = (type === 'SSIN' || type === 'NIHII') && !isSector(type, quality);
  return isPersonal
    ? personBox(box.type, identifier, quality)
    : organisationBox(box, identifier, quality);
}

/** `NIHII=71022212:HOSPITAL` is an organisation, written as the eHealthBox itself may write it. */
const isSector = (type: string, quality: string | undefined): boolean =>
  quality !== undefined && ORGANISATION_QUALITIES.get(quality)?.type === type;

function personBox(type: string, { id }: Identifier, quality: string | undefined): BoxAddress {
  if (quality === undefined || quality === '') {
    throw invalid('a person has a box per quality', `add the quality: ${EXAMPLE}`);
  }
  if (quality === 'CITIZEN') {
    throw invalid('the eHealthBox does not reach citizens', 'write to a care provider or an organisation'); // prettier-ignore
  }
  if (!PERSON_QUALITIES.includes(quality)) {
    throw unknownQuality(quality, PERSON_QUALITIES);
  }
  return { type, id: type === 'NIHII' ? nihii8(id) : id, quality };
}

function organisationBox(
  { type, subType }: EhboxType,
  { id }: Identifier,
  quality: string | undefined,
): BoxAddress {
  const rows = [...ORGANISATION_QUALITIES].filter(([, row]) => row.type === type);
  const own = rows.find(([, row]) => row.subType === subType);
  const found = quality === undefined ? own : rows.find(([name]) => name === quality);
  if (found === undefined) {
    throw quality === undefined
      ? invalid('organisations of this type have no eHealthBox', `for example ${EXAMPLE}`)
      : unknownQuality(quality, rows.map(([name]) => name)); // prettier-ignore
  }
  const [known, row] = found;
  if (subType !== undefined && row.subType !== subType) {
    throw invalid('the quality is not that of this type', `leave it out, or write :${subType}`);
  }
  return { type, id: type === 'NIHII' ? nihii8(id) : id, subType: row.subType, quality: known };
}

/** Numbers are compared as typed: padding or cutting would make somebody else of a mistyped one. */
function checkNumber({ type }: Identifier, typed: string): void {
  if (type.startsWith('NIHII')) {
    parseNihii(typed);
  } else if (/^CBE(?:-|$)/.test(type)) {
    if (!TEN_DIGITS.test(typed) || Number(typed.slice(8)) !== 97 - (Number(typed.slice(0, 8)) % 97)) {
      throw new TopazError('E_CBE_INVALID', 'this is no enterprise number', {
        hint: 'ten digits, the last two are check digits',
      });
    } // prettier-ignore
  } else if (/^EHP(?:-|$)/.test(type) && !TEN_DIGITS.test(typed)) {
    throw invalid('an EHP number has ten digits', 'check the number');
  }
}

function unknownQuality(quality: string, known: readonly string[]): TopazError {
  const [near] = nearest(quality, known);
  return invalid(
    'the eHealthBox has no such quality',
    near === undefined ? `one of: ${known.slice(0, 8).join(', ')} …` : `did you mean ${near}?`,
    /^[A-Z_]{1,40}$/.test(quality) ? [`quality ${quality}`] : [],
  );
}

const invalid = (message: string, hint: string, facts: readonly string[] = []): TopazError =>
  new TopazError('E_IDENTIFIER_INVALID', message, { hint, facts });

/**
 * Reads all of them; one that is named twice counts once.
 *
 * @throws TopazError `E_USAGE` without any, and as {@link parseRecipient}.
 */
export function parseRecipients(texts: readonly string[]): readonly BoxAddress[] {
  const found: BoxAddress[] = [];
  for (const text of texts) {
    const address = parseRecipient(text);
    if (!found.some((known) => sameAddress(known, address))) {
      found.push(address);
    }
  }
  if (found.length === 0) {
    throw new TopazError('E_USAGE', 'to whom?', { hint: `add --to ${EXAMPLE}` });
  }
  return found;
}
