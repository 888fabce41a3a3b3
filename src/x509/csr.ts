/**
 * Certificate requests (PKCS#10, RFC 2986) as eHealth takes them: RSA, SHA-256, no attributes
 * (certificate-lifecycle §9).
 *
 * @module
 */

import { createPublicKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { malformed, readDer } from '../der/reader.js';
import {
  expectTag,
  isContext,
  readBitString,
  readSequence,
  readSmallInteger,
} from '../der/values.js';
import { bitString, context, integer, sequence } from '../der/writer.js';
import { keyTypeOf } from './build.js';
import { importPublicKey } from './certificate.js';
import { readName } from './name.js';
import type { Name } from './name.js';
import { isSignature, signatureAlgorithmIdentifier } from './signature-algorithm.js';

/**
 * Makes a request, signed by the key itself with SHA-256.
 *
 * @param subject DER of the name.
 * @returns DER.
 */
export function createCsr(subject: Uint8Array, privateKey: KeyObject): Uint8Array {
  const algorithm = signatureAlgorithmIdentifier(keyTypeOf(privateKey), 'sha256');
  const publicKeyInfo = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  // RFC 2986 §4.1: the attributes are written even when there are none.
  const information = sequence(integer(0), subject, publicKeyInfo, context(0));
  return sequence(information, algorithm, bitString(sign('sha256', information, privateKey)));
}

/** A request as it was read. */
export interface Csr {
  readonly subject: Name;
  /** DER of SubjectPublicKeyInfo. */
  readonly publicKeyInfo: Uint8Array;
  /** Whether it is signed by its own key. */
  readonly verified: boolean;
}

/**
 * Reads a request from its DER and checks its signature.
 *
 * @throws TopazError `E_ASN1_MALFORMED`.
 */
export function parseCsr(der: Uint8Array): Csr {
  const [information, algorithm, signature, ...rest] = readSequence(readDer(der));
  const [version, subject, key, attributes, ...more] = readSequence(information);
  if (rest.length > 0 || more.length > 0 || readSmallInteger(version) !== 0) {
    throw malformed('certificate request of an unknown form');
  }
  if (!isContext(attributes, 0)) {
    throw malformed('certificate request without attributes field');
  }
  const publicKeyInfo = expectTag(key, 'SEQUENCE').bytes;
  return {
    subject: readName(subject),
    publicKeyInfo,
    verified: isSignature(
      algorithm,
      expectTag(information, 'SEQUENCE').bytes,
      importPublicKey(publicKeyInfo),
      readBitString(signature),
    ),
  };
}
