/**
 * AES key wrap (RFC 3394): a content key under a secret key that both sides have from elsewhere.
 *
 * @module
 */

import { createCipheriv, createDecipheriv } from 'node:crypto';

import { OID_AES128_WRAP, OID_AES192_WRAP, OID_AES256_WRAP } from '../der/oids.js';
import { oid, sequence } from '../der/writer.js';

const INITIAL_VALUE = new Uint8Array(8).fill(0xa6);

/** Bytes of the secret key of each algorithm. */
const KEY_BYTES: ReadonlyMap<string, number> = new Map([
  [OID_AES128_WRAP, 16],
  [OID_AES192_WRAP, 24],
  [OID_AES256_WRAP, 32],
]);

/** Without parameters (RFC 3565 §2.3.2). */
export const AES128_WRAP_IDENTIFIER = sequence(oid(OID_AES128_WRAP));

/** @param secretKey 16 bytes. */
export function wrapKey(secretKey: Uint8Array, key: Uint8Array): Uint8Array {
  const cipher = createCipheriv('id-aes128-wrap', secretKey, INITIAL_VALUE);
  return Buffer.concat([cipher.update(key), cipher.final()]);
}

/**
 * @param algorithm Dotted object identifier of the wrap.
 * @returns `undefined` for an unknown algorithm, a secret key of another length, and a wrong one.
 */
export function unwrapKey(
  algorithm: string,
  secretKey: Uint8Array,
  wrapped: Uint8Array,
): Uint8Array | undefined {
  const bytes = KEY_BYTES.get(algorithm);
  if (bytes !== secretKey.length) {
    return undefined;
  }
  try {
    const cipher = createDecipheriv(`id-aes${bytes * 8}-wrap`, secretKey, INITIAL_VALUE);
    return Buffer.concat([cipher.update(wrapped), cipher.final()]);
  } catch {
    return undefined;
  }
}
