/**
 * AlgorithmIdentifier of signatures (RFC 4055, 5758): what certificates and requests are signed with.
 *
 * @module
 */

import { constants, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import {
  OID_ECDSA_SHA1,
  OID_ECDSA_SHA256,
  OID_ECDSA_SHA384,
  OID_ECDSA_SHA512,
  OID_MGF1,
  OID_RSA_PSS,
  OID_RSA_SHA1,
  OID_RSA_SHA256,
  OID_RSA_SHA384,
  OID_RSA_SHA512,
  OID_SHA1,
  OID_SHA256,
  OID_SHA384,
  OID_SHA512,
} from '../der/oids.js';
import type { DerNode } from '../der/reader.js';
import { isContext, isType, readOid, readSequence, readSmallInteger } from '../der/values.js';
import { nullValue, oid, sequence } from '../der/writer.js';

/** Digests that we sign with. */
export type Digest = 'sha256' | 'sha384' | 'sha512';

const SIGNATURES: ReadonlyMap<string, { keyType: 'rsa' | 'ec'; hash: string }> = new Map([
  [OID_RSA_SHA1, { keyType: 'rsa', hash: 'sha1' }],
  [OID_RSA_SHA256, { keyType: 'rsa', hash: 'sha256' }],
  [OID_RSA_SHA384, { keyType: 'rsa', hash: 'sha384' }],
  [OID_RSA_SHA512, { keyType: 'rsa', hash: 'sha512' }],
  [OID_ECDSA_SHA1, { keyType: 'ec', hash: 'sha1' }],
  [OID_ECDSA_SHA256, { keyType: 'ec', hash: 'sha256' }],
  [OID_ECDSA_SHA384, { keyType: 'ec', hash: 'sha384' }],
  [OID_ECDSA_SHA512, { keyType: 'ec', hash: 'sha512' }],
]);

const HASHES: ReadonlyMap<string, string> = new Map([
  [OID_SHA1, 'sha1'],
  [OID_SHA256, 'sha256'],
  [OID_SHA384, 'sha384'],
  [OID_SHA512, 'sha512'],
]);

/** AlgorithmIdentifier for a signature by such a key: RSA with NULL parameters, ECDSA without any. */
export function signatureAlgorithmIdentifier(keyType: 'rsa' | 'ec', digest: Digest): Uint8Array {
  const [type = OID_RSA_SHA256] =
    [...SIGNATURES].find(([, plan]) => plan.keyType === keyType && plan.hash === digest) ?? [];
  return keyType === 'rsa' ? sequence(oid(type), nullValue()) : sequence(oid(type));
}

/**
 * Whether `signature` over `data` holds for `key`: RSA (PKCS#1 v1.5 and PSS) and ECDSA. `false` for anything
 * that does not fit together, an unknown algorithm and a broken encoding too.
 *
 * @param algorithm The AlgorithmIdentifier.
 */
export function isSignature(
  algorithm: DerNode | undefined,
  data: Uint8Array,
  key: KeyObject,
  signature: Uint8Array,
): boolean {
  try {
    const [type, parameters, ...rest] = readSequence(algorithm);
    const name = readOid(type);
    if (name === OID_RSA_PSS) {
      return verifyPss(parameters, data, key, signature);
    }
    const plan = SIGNATURES.get(name);
    return (
      plan !== undefined &&
      (parameters === undefined || isType(parameters, 'NULL')) &&
      rest.length === 0 &&
      key.asymmetricKeyType === plan.keyType &&
      verify(plan.hash, data, key, signature)
    );
  } catch {
    return false;
  }
}

function verifyPss(
  parameters: DerNode | undefined,
  data: Uint8Array,
  key: KeyObject,
  signature: Uint8Array,
): boolean {
  if (key.asymmetricKeyType !== 'rsa' && key.asymmetricKeyType !== 'rsa-pss') {
    return false;
  }
  const fields = readSequence(parameters);
  const inside = (n: number): DerNode | undefined =>
    fields.find((field) => isContext(field, n))?.children[0];
  // RFC 4055 §3.1: absent fields mean SHA-1, MGF1 with SHA-1 and 20 bytes.
  const hash = hashOf(inside(0));
  const [mask, maskHash] = inside(1) === undefined ? [] : readSequence(inside(1));
  const saltLength = inside(2) === undefined ? 20 : readSmallInteger(inside(2));
  if ((mask !== undefined && readOid(mask) !== OID_MGF1) || hashOf(maskHash) !== hash) {
    return false;
  }
  return verify(
    hash,
    data,
    { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength },
    signature,
  );
}

const hashOf = (identifier: DerNode | undefined): string =>
  identifier === undefined
    ? 'sha1'
    : (HASHES.get(readOid(readSequence(identifier)[0])) ?? 'unknown');
