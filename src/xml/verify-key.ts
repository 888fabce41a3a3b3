/**
 * Whether a key made a signature: the kind of key must fit the algorithm, and be strong enough. An algorithm
 * with a shared secret is not among them, so a public key is never taken for one.
 *
 * @module
 */

import { constants, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import type { SignatureAlgorithm } from '../keys/keys.js';

const MIN_RSA_BITS = 2048;
const CURVES: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

const HASHES: Readonly<Record<SignatureAlgorithm, string>> = {
  'rsa-sha1': 'sha1',
  'rsa-sha256': 'sha256',
  'rsa-pss-sha256': 'sha256',
  'ecdsa-sha256': 'sha256',
  'ecdsa-sha384': 'sha384',
  'ecdsa-sha512': 'sha512',
};

/** ECDSA as raw `r || s`, the form of XML signatures. */
export function holds(
  algorithm: SignatureAlgorithm,
  key: KeyObject,
  data: Uint8Array,
  value: Uint8Array,
): boolean {
  if (!fits(algorithm, key)) {
    return false;
  }
  const hash = HASHES[algorithm];
  if (algorithm === 'rsa-pss-sha256') {
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    return verify(hash, data, { key, padding, saltLength: 32 }, value);
  }
  return algorithm.startsWith('rsa')
    ? verify(hash, data, key, value)
    : verify(hash, data, { key, dsaEncoding: 'ieee-p1363' }, value);
}

function fits(algorithm: SignatureAlgorithm, key: KeyObject): boolean {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  return algorithm.startsWith('rsa')
    ? key.asymmetricKeyType === 'rsa' && modulusLength >= MIN_RSA_BITS
    : key.asymmetricKeyType === 'ec' && CURVES.has(namedCurve);
}
