/**
 * RSA signatures over a digest whose content has gone by (RFC 8017 §8.1.2, §8.2.2): messages without signed
 * attributes are signed over their content, and a large content is not kept. Public data only.
 *
 * @module
 */

import { constants, createHash, publicDecrypt } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { OID_SHA1, OID_SHA256, OID_SHA384, OID_SHA512 } from '../der/oids.js';
import { nullValue, octetString, oid, sequence } from '../der/writer.js';
import type { DigestName } from './algorithms.js';
import type { SignatureScheme } from './verify.js';

const OIDS: Readonly<Record<DigestName, string>> = {
  sha1: OID_SHA1,
  sha256: OID_SHA256,
  sha384: OID_SHA384,
  sha512: OID_SHA512,
};
const TRAILER = 0xbc;

/** @returns `false` also for a signature that is no RSA block of this key. */
export function verifyDigest(
  { kind, digest: name, saltLength }: SignatureScheme,
  digest: Uint8Array,
  key: KeyObject,
  signature: Uint8Array,
): boolean {
  try {
    if (kind === 'pkcs1') {
      const block = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature);
      return block.equals(sequence(sequence(oid(OIDS[name]), nullValue()), octetString(digest)));
    }
    return kind === 'pss' && isPss(publicBlock(key, signature), name, digest, saltLength);
  } catch {
    return false;
  }
}

/** The encoded message, one bit shorter than the modulus. */
function publicBlock(key: KeyObject, signature: Uint8Array): { block: Buffer; bits: number } {
  const bits = (key.asymmetricKeyDetails?.modulusLength ?? 0) - 1;
  const whole = publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature);
  return { block: whole.subarray(whole.length - Math.ceil(bits / 8)), bits };
}

/** RFC 8017 §9.1.2. */
function isPss(
  { block, bits }: { readonly block: Buffer; readonly bits: number },
  name: DigestName,
  digest: Uint8Array,
  saltLength: number,
): boolean {
  const split = block.length - digest.length - 1;
  const start = split - saltLength - 1;
  if (start < 0 || block.at(-1) !== TRAILER) {
    return false;
  }
  const seed = block.subarray(split, -1);
  const mask = maskOf(name, seed, split);
  const data = block.subarray(0, split).map((byte, at) => byte ^ (mask[at] ?? 0));
  const unused = 8 * block.length - bits;
  if (((block[0] ?? 0) & ~(0xff >> unused)) !== 0) {
    return false;
  }
  data[0] = (data[0] ?? 0) & (0xff >> unused);
  const isPadded = data.subarray(0, start).every((byte) => byte === 0) && data[start] === 1;
  const expected = createHash(name)
    .update(new Uint8Array(8))
    .update(digest)
    .update(data.subarray(start + 1))
    .digest();
  return isPadded && expected.equals(seed);
}

/** MGF1. */
function maskOf(name: DigestName, seed: Uint8Array, length: number): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let size = 0, counter = 0; size < length; counter += 1) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(counter);
    const block = createHash(name).update(seed).update(number).digest();
    blocks.push(block);
    size += block.length;
  }
  return Buffer.concat(blocks).subarray(0, length);
}
