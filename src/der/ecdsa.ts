/**
 * The two forms of an ECDSA signature: raw `r || s` (PKCS#11, XML signatures, {@link Signer}) and the
 * ASN.1 SEQUENCE of two integers (certificates, CMS, node:crypto by default).
 *
 * @module
 */

import { malformed, readDer } from './reader.js';
import { readInteger, readSequence } from './values.js';
import { sequence, unsignedInteger } from './writer.js';

/**
 * @param raw Two halves of equal length.
 * @throws TopazError `E_ASN1_MALFORMED` for an odd or empty input.
 */
export function rawToDerSignature(raw: Uint8Array): Uint8Array {
  if (raw.length === 0 || raw.length % 2 !== 0) {
    throw malformed('signature of a wrong length');
  }
  const half = raw.length / 2;
  return sequence(unsignedInteger(raw.subarray(0, half)), unsignedInteger(raw.subarray(half)));
}

/**
 * @param coordinateBytes Length of each half: 32 for P-256, 48 for P-384, 66 for P-521.
 * @throws TopazError `E_ASN1_MALFORMED` when a half does not fit or is not positive.
 */
export function derToRawSignature(der: Uint8Array, coordinateBytes: number): Uint8Array {
  const halves = readSequence(readDer(der)).map((node) => readInteger(node));
  if (halves.length !== 2) {
    throw malformed('signature is not a pair');
  }
  return Buffer.concat(
    halves.map((half) => {
      const hex = half.toString(16);
      if (half <= 0n || hex.length > coordinateBytes * 2) {
        throw malformed('half of a signature out of range');
      }
      return Buffer.from(hex.padStart(coordinateBytes * 2, '0'), 'hex');
    }),
  );
}
