/**
 * Ciphers of the content of an EnvelopedData. Sealed messages use AES-128-CBC; the others are known so
 * that a message of someone else can be named for what it is (etee §3.2).
 *
 * @module
 */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Cipher } from 'node:crypto';

import {
  OID_AES128_CBC,
  OID_AES128_GCM,
  OID_AES192_CBC,
  OID_AES192_GCM,
  OID_AES256_CBC,
  OID_AES256_GCM,
  OID_DES_EDE3_CBC,
} from '../der/oids.js';
import type { Pull } from '../der/pull.js';
import { malformed } from '../der/reader.js';
import { readOctetString, readSequence, readSmallInteger } from '../der/values.js';
import { octetString, oid, sequence } from '../der/writer.js';
import type { AlgorithmIdentifier } from './algorithms.js';

interface Decryption {
  update(encrypted: Uint8Array): Uint8Array;
  final(): Uint8Array;
}

interface CipherRow {
  readonly keyLength: number;
  readonly start: (key: Uint8Array, algorithm: AlgorithmIdentifier) => Decryption;
}

const AES_KEY_BYTES = 16;
const BLOCK_BYTES = 16;

const cbc = (name: string, keyLength: number): CipherRow => ({
  keyLength,
  start: (key, { parameters }) => createDecipheriv(name, key, readOctetString(parameters)),
});

type GcmName = 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm';

const gcm = (name: GcmName, keyLength: number): CipherRow => ({
  keyLength,
  start: (key, { parameters }) => {
    // RFC 5084 §3.2; the tag follows the ciphertext, 12 bytes where nothing is said.
    const [nonce, length] = readSequence(parameters);
    const authTagLength = length === undefined ? 12 : readSmallInteger(length);
    const decipher = createDecipheriv(name, key, readOctetString(nonce), { authTagLength });
    // The last bytes may be the tag: they wait until more follow.
    let held = Buffer.alloc(0);
    return {
      update: (encrypted) => {
        const all = Buffer.concat([held, encrypted]);
        const end = Math.max(0, all.length - authTagLength);
        held = all.subarray(end);
        return decipher.update(all.subarray(0, end));
      },
      final: () => decipher.setAuthTag(held).final(),
    };
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
 * The content under a ciphertext, chunk by chunk. What comes before the end is not verified yet.
 *
 * Whatever is wrong (the key, the ciphertext, the parameters, an unknown cipher) is `E_ASN1_MALFORMED`, as
 * a content that is not the expected one would be: the two look the same.
 */
export function decryptContent(
  algorithm: AlgorithmIdentifier,
  key: Uint8Array,
  encrypted: Pull,
): Pull {
  let decryption: Decryption | undefined;
  let isOver = false;
  return async () => {
    const chunk = isOver ? undefined : await encrypted();
    if (isOver) {
      return undefined;
    }
    isOver = chunk === undefined;
    try {
      decryption ??= CIPHERS.get(algorithm.oid)?.start(key, algorithm);
      if (decryption !== undefined) {
        return chunk === undefined ? decryption.final() : decryption.update(chunk);
      }
    } catch {
      // Said below, without its cause.
    }
    throw malformed('a content that cannot be decrypted');
  };
}

/** AES-128-CBC under a fresh key and initialisation vector. */
export interface Encryption {
  /** To be wrapped for each recipient, and wiped by the caller. */
  readonly key: Uint8Array;
  /** DER of the algorithm identifier with the initialisation vector. */
  readonly algorithm: Uint8Array;
  readonly cipher: Cipher;
}

export function startEncryption(): Encryption {
  const key = randomBytes(AES_KEY_BYTES);
  const iv = randomBytes(BLOCK_BYTES);
  return {
    key,
    algorithm: sequence(oid(OID_AES128_CBC), octetString(iv)),
    cipher: createCipheriv('aes-128-cbc', key, iv),
  };
}

/** Bytes of a content under AES-CBC: always padded. */
export const encryptedLength = (length: number): number =>
  (Math.floor(length / BLOCK_BYTES) + 1) * BLOCK_BYTES;
