/**
 * What the chip of the simulated card computes: the mechanisms of eid-pkcs11 §4 for its key type, with
 * their limits. Raw ECDSA over a given digest is not offered by node:crypto, so it stands here; the keys
 * are those of made-up people.
 *
 * @module
 */

import { constants, createECDH, privateEncrypt, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { CKR } from '../ckr.js';
import { CKM } from '../constants.js';
import { CkrError } from '../module.js';

const HASHES: ReadonlyMap<number, string> = new Map([
  [CKM.SHA1_RSA_PKCS, 'sha1'],
  [CKM.SHA256_RSA_PKCS, 'sha256'],
  [CKM.SHA384_RSA_PKCS, 'sha384'],
  [CKM.SHA512_RSA_PKCS, 'sha512'],
  [CKM.ECDSA_SHA256, 'sha256'],
  [CKM.ECDSA_SHA384, 'sha384'],
  [CKM.ECDSA_SHA512, 'sha512'],
]);

/** Signing mechanisms by key type: applet 1.7 (RSA-2048) and 1.8 (EC P-384). */
export const MECHANISMS: Readonly<Record<'rsa' | 'ec', readonly number[]>> = {
  rsa: [
    CKM.RSA_PKCS,
    CKM.SHA1_RSA_PKCS,
    CKM.SHA256_RSA_PKCS,
    CKM.SHA384_RSA_PKCS,
    CKM.SHA512_RSA_PKCS,
    CKM.SHA256_RSA_PKCS_PSS,
  ],
  ec: [CKM.ECDSA, CKM.ECDSA_SHA256, CKM.ECDSA_SHA384, CKM.ECDSA_SHA512],
};

/** Lengths of digest that `CKM_ECDSA` takes; others are a general error, as with the module. */
const DIGEST_LENGTHS: ReadonlySet<number> = new Set([20, 28, 32, 48, 64]);
const RSA_PADDING_BYTES = 11;

/**
 * Signs as the card does.
 *
 * @returns RSA: 256 bytes. EC: 96 bytes `r || s`.
 * @throws CkrError `CKR_MECHANISM_INVALID`, `CKR_GENERAL_ERROR`, `CKR_DATA_LEN_RANGE`.
 */
export function cardSign(
  key: KeyObject,
  keyType: 'rsa' | 'ec',
  mechanism: number,
  data: Uint8Array,
): Uint8Array {
  if (!MECHANISMS[keyType].includes(mechanism)) {
    throw new CkrError(CKR.MECHANISM_INVALID, 'C_SignInit');
  }
  const hash = HASHES.get(mechanism);
  if (hash !== undefined) {
    return Uint8Array.from(
      keyType === 'ec'
        ? sign(hash, data, { key, dsaEncoding: 'ieee-p1363' })
        : sign(hash, data, key),
    );
  }
  switch (mechanism) {
    case CKM.RSA_PKCS:
      if (data.length > 256 - RSA_PADDING_BYTES) {
        throw new CkrError(CKR.DATA_LEN_RANGE, 'C_Sign');
      }
      return Uint8Array.from(
        privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, Buffer.from(data)),
      );
    case CKM.SHA256_RSA_PKCS_PSS:
      return Uint8Array.from(
        sign('sha256', data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
      );
    default:
      return signDigest(key, data);
  }
}

/** Order of P-384 (FIPS 186-4 D.1.2.4). */
const ORDER = BigInt(
  '0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
);
const SIZE = 48;

/** ECDSA over a digest on P-384; a longer digest is cut to 384 bits. */
function signDigest(key: KeyObject, digest: Uint8Array): Uint8Array {
  if (!DIGEST_LENGTHS.has(digest.length)) {
    throw new CkrError(CKR.GENERAL_ERROR, 'C_Sign');
  }
  const secret = toBigInt(Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url'));
  const e = toBigInt(digest.subarray(0, SIZE));
  for (;;) {
    const nonce = randomBytes(SIZE);
    const k = toBigInt(nonce);
    if (k === 0n || k >= ORDER) {
      continue;
    }
    const curve = createECDH('secp384r1');
    curve.setPrivateKey(nonce);
    const r = toBigInt(curve.getPublicKey().subarray(1, 1 + SIZE)) % ORDER;
    const s = (inverse(k) * (e + r * secret)) % ORDER;
    if (r !== 0n && s !== 0n) {
      return Uint8Array.from(Buffer.from(hex(r) + hex(s), 'hex'));
    }
  }
}

const toBigInt = (bytes: Uint8Array): bigint =>
  BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`);
const hex = (value: bigint): string => value.toString(16).padStart(SIZE * 2, '0');

/** Inverse modulo the order, by the extended Euclidean algorithm. */
function inverse(value: bigint): bigint {
  let [a, b] = [value % ORDER, ORDER];
  let [x, y] = [1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, y] = [y, x - quotient * y];
  }
  return ((x % ORDER) + ORDER) % ORDER;
}
