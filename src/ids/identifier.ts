/**
 * `TYPE=ID`: who holds a certificate, an ETK or a mailbox, with the names of the ETK depot
 * (`SSIN`, `NIHII-GROUP`, `CBE` …), and how the eHealthBox names the same holder.
 *
 * The table is what the official connector knows; real deployments can add types, so an unknown type
 * of the right form is accepted (certificate-lifecycle §8, etee §2).
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { parseSsin } from './ssin.js';

export interface Identifier {
  /** Name of the ETK depot: `SSIN`, `NIHII-GROUP` … */
  readonly type: string;
  /** Digits, padded to the length of the type. */
  readonly id: string;
}

/** Address in the eHealthBox: type and subtype there. */
export interface EhboxType {
  readonly type: string;
  readonly subType: string | undefined;
}

interface TypeRow {
  readonly length: number;
  readonly ehbox: EhboxType;
}

const row = (length: number, type: string, subType?: string): TypeRow => ({
  length,
  ehbox: { type, subType },
});

const NIHII_SECTORS = [
  'HOSPITAL', 'GROUP', 'GROUP_DOCTORS', 'GROUP_MIDWIVES', 'OFFICE_DOCTORS', 'OFFICE_DENTISTS', 'MEDICAL_HOUSE',
  'PHARMACY', 'OTD_PHARMACY', 'LABO', 'RETIREMENT', 'PALLIATIVE_CARE', 'OF_BAND', 'OF_PHYSIOS', 'PSYCH_HOUSE',
  'PROT_ACC', 'HOME_SERVICES', 'GUARD_POST', 'BELRAI', 'BELRAI_SCREEN', 'AMBU_SERVICE', 'LEGAL_PSY',
  'REEDUCATION', 'SORTING_CENTER',
] as const; // prettier-ignore

const TYPES: ReadonlyMap<string, TypeRow> = new Map<string, TypeRow>([
  ['SSIN', row(11, 'INSS')],
  ['NIHII', row(8, 'NIHII')],
  ['NIHII11', row(11, 'NIHII11')],
  ['CBE', row(10, 'CBE')],
  // Quirk: the eHealthBox spells this one differently from the ETK depot.
  ['CBE-TREAT_CENTER', row(10, 'CBE', 'TREATMENT_CENTER')],
  ['CBE-CONSORTIUM', row(10, 'CBE', 'CONSORTIUM')],
  ['EHP', row(10, 'EHP')],
  ['EHP-CTRL_ORGANISM', row(10, 'EHP', 'CTRL_ORGANISM')],
  ['SITE', row(4, 'SITE')],
  ['SITESMUR', row(10, 'SITESMUR')],
  ['SITEPIT', row(10, 'SITEPIT')],
  ...NIHII_SECTORS.map((sector): [string, TypeRow] => [`NIHII-${sector}`, row(8, 'NIHII', sector)]),
]);

const FORM = /^([A-Z][A-Z0-9]*(?:-[A-Z_]+)*)=([0-9]+)$/;
const HINT = 'write TYPE=NUMBER, for example SSIN=79021599732 or NIHII-GROUP=94499180';

/** Every type in the table, for help and suggestions. */
export const identifierTypes = (): readonly string[] => [...TYPES.keys()];

/**
 * Reads `TYPE=ID`. Dots, dashes and spaces in the number are ignored; an SSIN is checked.
 *
 * @throws TopazError `E_IDENTIFIER_INVALID`, or `E_SSIN_INVALID` for `SSIN=…`.
 */
export function parseIdentifier(text: string): Identifier {
  const equals = text.indexOf('=');
  const type = text.slice(0, Math.max(equals, 0)).trim().toUpperCase();
  const id = text.slice(equals + 1).replace(/[\s.-]/g, '');
  if (equals < 0 || !FORM.test(`${type}=${id}`)) {
    throw new TopazError('E_IDENTIFIER_INVALID', 'this is not an identifier', { hint: HINT });
  }
  return type === 'SSIN' ? { type, id: parseSsin(id) } : normaliseIdentifier({ type, id });
}

/** Parses the `TYPE=digits` of a certificate subject; `undefined` for any other text. */
export function matchIdentifier(text: string): Identifier | undefined {
  const [, type, id] = FORM.exec(text) ?? [];
  return type === undefined || id === undefined ? undefined : { type, id };
}

/** `SSIN=79021599732`, as in certificates and file names. */
export const formatIdentifier = ({ type, id }: Identifier): string => `${type}=${id}`;

/** Pads with zeros on the left to the length of the type; longer values are cut to it, as the connector does. */
export function normaliseIdentifier({ type, id }: Identifier): Identifier {
  const length = TYPES.get(type)?.length;
  return { type, id: length === undefined ? id : id.padStart(length, '0').slice(0, length) };
}

/** Type and subtype of the eHealthBox for a type of the ETK depot. */
export function ehboxType(type: string): EhboxType {
  const known = TYPES.get(type);
  if (known !== undefined) {
    return known.ehbox;
  }
  const dash = type.indexOf('-');
  return dash < 0
    ? { type, subType: undefined }
    : { type: type.slice(0, dash), subType: type.slice(dash + 1) };
}

/**
 * The ETK depot's type for an eHealthBox address. Organisations may come without subtype
 * (`NIHII` + quality `HOSPITAL`); then the quality gives the sector.
 */
export function etkType(
  type: string,
  subType: string | undefined,
  quality: string | undefined,
): string {
  if (type === 'INSS') {
    return 'SSIN';
  }
  const sector = subType ?? quality;
  if (sector !== undefined) {
    for (const [name, { ehbox }] of TYPES) {
      if (ehbox.type === type && ehbox.subType === sector) {
        return name;
      }
    }
  }
  return type;
}
