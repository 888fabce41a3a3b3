/**
 * A key in any form in which it may come: the platform's file (hexadecimal), a JWK, PEM or DER, a key under a
 * passphrase, typed or scanned paper. Told apart by what is in it.
 *
 * @module
 */

import type { KeyObject } from 'node:crypto';

import { readJwk } from './jwk.js';
import { isPaper, readPaper } from './paper-lines.js';
import { isEncryptedKey } from './passphrase.js';
import { keyInvalid, readPrivateKey } from './user-key.js';
import type { PartyId } from './user-key.js';

export type KeyFormat = 'key' | 'jwk' | 'pem' | 'der' | 'paper';

/** What was read: a key, or one that needs its passphrase first. */
export type ReadKey = { readonly format: KeyFormat; readonly id?: PartyId } & (
  | { readonly privateKey: KeyObject; readonly encrypted?: undefined }
  | { readonly privateKey?: undefined; readonly encrypted: Uint8Array }
);

/** A sheet with its codes has some hundred kilobytes. */
const MAX_BYTES = 1024 * 1024;
const PEM = /-----BEGIN ((?:ENCRYPTED |RSA )?PRIVATE KEY)-----([A-Za-z0-9+/=\s]+)-----END \1-----/;

/**
 * Reads a key.
 *
 * @param wanted Only this form; `undefined` = whichever it is.
 * @throws TopazError `E_KEY_INVALID`.
 */
export function readKey(bytes: Uint8Array, wanted?: 'key' | 'jwk'): ReadKey {
  if (bytes.length === 0 || bytes.length > MAX_BYTES) {
    throw keyInvalid(bytes.length === 0 ? 'it is empty' : 'it is too long for a key');
  }
  const read = readAny(bytes);
  if (wanted !== undefined && read.format !== wanted) {
    throw keyInvalid(
      `it is not in the form "${wanted}"`,
      'leave out --format, or name the other form',
    );
  }
  return read;
}

function readAny(bytes: Uint8Array): ReadKey {
  if (bytes[0] === 0x30 && bytes[1] !== undefined && bytes[1] > 0x7f) {
    return fromDer('der', bytes);
  }
  const text = new TextDecoder().decode(bytes).trim();
  if (/^[0-9a-fA-F]+$/.test(text)) {
    if (text.length % 2 !== 0) {
      throw keyInvalid('a digit is missing or too many: their number is odd');
    }
    return fromDer('key', Buffer.from(text, 'hex'));
  }
  if (text.startsWith('{')) {
    return { format: 'jwk', privateKey: readJwk(text) };
  }
  const pem = PEM.exec(text)?.[2];
  if (pem !== undefined) {
    return fromDer('pem', Buffer.from(pem, 'base64'));
  }
  if (isPaper(text)) {
    const { der, id } = readPaper(text);
    return { ...fromDer('paper', der), ...(id === undefined ? {} : { id }) };
  }
  throw keyInvalid('it is in no form of a key: hexadecimal digits, JWK, PEM, or lines of a printed sheet');
} // prettier-ignore

const fromDer = (format: KeyFormat, der: Uint8Array): ReadKey =>
  isEncryptedKey(der)
    ? { format, encrypted: Uint8Array.from(der) }
    : { format, privateKey: readPrivateKey(der) };
