/**
 * Addresses of the eHealthBox (ehealthbox §8): type, number, subtype and quality as on the wire, and the
 * same holder in the names that topaz uses everywhere (`SSIN`, `NIHII-LABO` …).
 *
 * Organisations come with and without subtype, NIHII numbers with eight or eleven digits: two addresses
 * are the same when type, number without suffix and quality are.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { ehboxType, etkType, formatIdentifier, parseIdentifier } from '../ids/identifier.js';
import type { Identifier } from '../ids/identifier.js';
import { nihii8 } from '../ids/nihii.js';

/** As on the wire: `INSS`, `NIHII`, `CBE` … */
export interface BoxAddress {
  readonly type: string;
  readonly id: string;
  readonly subType?: string | undefined;
  readonly quality: string;
}

const QUALITY = /^[A-Z][A-Z_]*$/;

/**
 * Reads `TYPE=ID:QUALITY`, for example `SSIN=79021599732:DOCTOR`. An organisation needs no quality.
 *
 * @throws TopazError `E_IDENTIFIER_INVALID`, `E_SSIN_INVALID`.
 */
export function parseBoxAddress(text: string): BoxAddress {
  const colon = text.indexOf(':');
  const identifier = parseIdentifier(colon < 0 ? text : text.slice(0, colon));
  const quality = colon < 0 ? undefined : text.slice(colon + 1).toUpperCase();
  const address = addressOf(identifier, quality);
  if (address === undefined || !QUALITY.test(address.quality)) {
    throw new TopazError('E_IDENTIFIER_INVALID', 'this box needs a quality', {
      hint: 'write TYPE=NUMBER:QUALITY, for example SSIN=79021599732:DOCTOR',
    });
  }
  return address;
}

/**
 * The box of a holder. The quality of an organisation is its sector; a person has none by himself.
 *
 * @returns `undefined` for a person without quality.
 */
export function addressOf(
  { type, id }: Identifier,
  quality: string | undefined,
): BoxAddress | undefined {
  const { type: boxType, subType } = ehboxType(type);
  const implied = { CBE: 'INSTITUTION', EHP: 'INSTITUTION_EHP' }[type] ?? subType;
  const known = quality ?? implied;
  return known === undefined ? undefined : { type: boxType, id, subType, quality: known };
}

/** The holder in the names of the ETK depot. */
export function identifierOf({ type, id, subType, quality }: BoxAddress): Identifier {
  const etk = etkType(type, subType, quality);
  return { type: etk, id: etk.startsWith('NIHII-') ? nihii8(id) : id };
}

/** `NIHII-LABO=71234523`. */
export const formatAddress = (address: BoxAddress): string =>
  formatIdentifier(identifierOf(address));

const bareId = ({ type, id }: BoxAddress): string => (type === 'NIHII' ? nihii8(id) : id);

export const sameAddress = (a: BoxAddress, b: BoxAddress): boolean =>
  a.type === b.type && bareId(a) === bareId(b) && a.quality === b.quality;

/** Name of the mirror's folder: `INSS-79021599732-DOCTOR`. Only letters, digits, `_` and `-`. */
export const boxFolderName = (address: BoxAddress): string =>
  [address.type, bareId(address), address.quality]
    .map((word) => word.replace(/[^A-Za-z0-9_]/g, '_').slice(0, 40))
    .join('-');
