/**
 * PublicKeyIdentifier: the handle of a certificate request at CertRA, the SHA-1 of the public key's bits
 * (RFC 5280 §4.2.1.2 method 1; certificate-lifecycle §9).
 *
 * @module
 */

import { createHash } from 'node:crypto';

import { readDer } from '../der/reader.js';
import { readBitString, readSequence } from '../der/values.js';

/** The 20 bytes. */
export const keyIdentifierBytes = (publicKeyInfo: Uint8Array): Uint8Array =>
  Uint8Array.from(
    createHash('sha1')
      .update(readBitString(readSequence(readDer(publicKeyInfo))[1]))
      .digest(),
  );

/**
 * @param publicKeyInfo DER of SubjectPublicKeyInfo.
 * @returns 40 lower-case hex digits.
 * @throws TopazError `E_ASN1_MALFORMED`.
 */
export const publicKeyIdentifier = (publicKeyInfo: Uint8Array): string =>
  Buffer.from(keyIdentifierBytes(publicKeyInfo)).toString('hex');
