/**
 * Ciphers of the content of an EnvelopedData. Sealed messages use AES-128-CBC; the others are known so
 * that a message of someone else can be named for what it is (etee §3.2).
 *
 * @module
 */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

import {
  OID_AES128_CBC,
  OID_AES128_GCM,
  OID_AES192_CBC,
  OID_AES192_GCM,
  OID_AES256_CBC,
  OID_AES256_GCM,
  OID_DES_EDE3_CBC,
} from '../der/oids.js';
import { readOctetString, readSequence, readSmallInteger } from '../der/values.js';
import { octetString, oid, sequence } from '../der/writer.js';
import type { AlgorithmIdentifier } from './algorithms.js';

interface CipherRow {
  readonly keyLength: number;
  readonly decrypt: (
    key: Uint8Array,
    algorithm: AlgorithmIdentifier,
    encrypted: Uint8Array,
  ) => Uint8Array;
}

const AES_KEY_BYTES = 16;
const BLOCK_BYTES = 16;

const cbc = (name: string, keyLength: number): CipherRow => ({
  keyLength,
  decrypt: (key, { parameters }, encrypted) => {
    const decipher = createDecipheriv(name, key, readOctetString(parameters));
    return Buffer.concat([decipher.update(encrypted), decipher.final()]);
  },
});

type GcmName = 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm';

const gcm = (name: GcmName, keyLength: number): CipherRow => ({
  keyLength,
  decrypt: (key, { parameters }, encrypted) => {
    // RFC 5084 §3.2; the tag follows the ciphertext, 12 bytes where nothing is said.
    const [nonce, length] = readSequence(parameters);
    const authTagLength = length === undefined ? 12 : readSmallInteger(length);
    const decipher = createDecipheriv(name, key, readOctetString(nonce), { authTagLength });
    decipher.setAuthTag(encrypted.subarray(Math.max(0, encrypted.length - authTagLength)));
    const body = encrypted.subarray(0, Math.max(0, encrypted.length - authTagLength));
    return Buffer.concat([decipher.update(body), decipher.final()]);
  },
});

const CIPHERS: ReadonlyMap<string, CipherRow> = new Map([
  [OID_AES128_CBC, cbc('aes-128-cbc', 16)],
  [OID_AES192_CBC, cbc('aes-192-cbc', 24)],
  [OID_AES256_CBC, cbc('aes-256-cbc', 32)],
  [OID_AES128_GCM, gcm('aes-128-gcm', 16)],
  [OID_AES192_GCM, gcm('aes-192-gcm', 24)],
  [OID_AES256_GCM, gcm('aes-256-gcm', 32)],
  [OID_DES_EDE3_CBC, cbc('des-ede3-cbc', 24)],
]);

/** Bytes of the key of a cipher, or `undefined` for one that is not known. */
export const contentKeyLength = (algorithm: AlgorithmIdentifier): number | undefined =>
  CIPHERS.get(algorithm.oid)?.keyLength;

/**
 * @returns The content, or `undefined` for whatever reason it cannot be had: a wrong key, a damaged
 *   ciphertext and wrong parameters look the same.
 */
export function decryptContent(
  algorithm: AlgorithmIdentifier,
  key: Uint8Array,
  encrypted: Uint8Array,
): Uint8Array | undefined {
  try {
    return CIPHERS.get(algorithm.oid)?.decrypt(key, algorithm, encrypted);
  } catch {
    return undefined;
  }
}

export interface EncryptedContent {
  /** To be wrapped for each recipient, and wiped by the caller. */
  readonly key: Uint8Array;
  /** DER of the algorithm identifier with the initialisation vector. */
  readonly algorithm: Uint8Array;
  readonly encrypted: Uint8Array;
}

/** Encrypts with AES-128-CBC under a fresh key and initialisation vector. */
export function encryptContent(content: Uint8Array): EncryptedContent {
  const key = randomBytes(AES_KEY_BYTES);
  const iv = randomBytes(BLOCK_BYTES);
  const cipher = createCipheriv('aes-128-cbc', key, iv);
  return {
    key,
    algorithm: sequence(oid(OID_AES128_CBC), octetString(iv)),
    encrypted: Buffer.concat([cipher.update(content), cipher.final()]),
  };
}
