/**
 * The Topaz user key: one RSA-2048 key pair per healthcare party (a person or a medical house). It opens the
 * party's records; nobody can make it again (topaz-keys).
 *
 * @module
 */

import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  privateDecrypt,
  publicEncrypt,
} from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

import { TopazError } from '../errors.js';

/** Id of a healthcare party: a lower-case UUID. Only {@link parsePartyId} makes one. */
export type PartyId = string & { readonly __brand: 'PartyId' };

export interface UserKey {
  readonly id: PartyId;
  readonly privateKey: KeyObject;
  /** DER of the SubjectPublicKeyInfo, as the server keeps it. */
  readonly spki: Uint8Array;
}

const BITS = 2048;
const EXPONENT = 65_537n;
const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' } as const;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const FILE_NAME = /^([0-9a-fA-F-]{36})-icc-(priv|pub)\.2048\.key$/;

/**
 * Reads the id of a healthcare party.
 *
 * @throws TopazError `E_USAGE`.
 */
export function parsePartyId(text: string): PartyId {
  const id = text.trim().toLowerCase();
  if (!isPartyId(id)) {
    throw new TopazError('E_USAGE', 'the id of a healthcare party is a UUID', {
      hint: 'for example --id 3f2504e0-4f89-41d3-9a0c-0305e82c3301; the platform shows it when it asks for the key',
    });
  }
  return id;
}

const isPartyId = (text: string): text is PartyId => UUID.test(text);

/** `<id>-icc-priv.2048.key`, by which the platform finds the file. */
export const privateFileName = (id: PartyId): string => `${id}-icc-priv.2048.key`;

/** `<id>-icc-pub.2048.key`. */
export const publicFileName = (id: PartyId): string => `${id}-icc-pub.2048.key`;

/** The id in the name of a key file; `undefined` for another name. */
export function idOfFileName(name: string): PartyId | undefined {
  const id = FILE_NAME.exec(name)?.[1]?.toLowerCase();
  return id !== undefined && isPartyId(id) ? id : undefined;
}

/** Makes a key pair. */
export async function generateUserKey(id: PartyId): Promise<UserKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: BITS,
    publicExponent: Number(EXPONENT),
  });
  return toUserKey(id, privateKey);
}

/**
 * A user key from a private key, checked: size, exponent, and that its numbers belong together.
 *
 * @throws TopazError `E_KEY_INVALID` that says what does not hold.
 */
export function toUserKey(id: PartyId, privateKey: KeyObject): UserKey {
  const problem = problemOf(privateKey);
  if (problem !== undefined) {
    throw keyInvalid(problem);
  }
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return { id, privateKey, spki: Uint8Array.from(spki) };
}

/** PKCS#8 of the key: the form that is kept, split and printed. The caller wipes it. */
export const pkcs8Of = ({ privateKey }: UserKey): Buffer =>
  privateKey.export({ type: 'pkcs8', format: 'der' });

/**
 * Reads PKCS#8, or PKCS#1 as old files hold it; told apart by parsing.
 *
 * @throws TopazError `E_KEY_INVALID`.
 */
export function readPrivateKey(der: Uint8Array): KeyObject {
  const key = Buffer.from(der);
  for (const type of ['pkcs8', 'pkcs1'] as const) {
    try {
      return createPrivateKey({ key, format: 'der', type });
    } catch {
      // The other form.
    }
  }
  throw keyInvalid('it is no RSA private key (PKCS#8 or PKCS#1)');
}

/** `SHA256:…` over the public key, in groups of four hexadecimal digits: what people compare. */
export const keyFingerprint = (spki: Uint8Array): string =>
  (createHash('sha256').update(spki).digest('hex').slice(0, 32).match(/.{4}/g) ?? []).join(' ');

/** The check of the platform: what the public key encrypts, the private key reads (RSA-OAEP, SHA-1). */
export function opens(privateKey: KeyObject, spki: Uint8Array): boolean {
  const probe = Buffer.from('does this key open what that one closes?');
  try {
    const publicKey = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    const sealed = publicEncrypt({ key: publicKey, ...OAEP }, probe);
    return privateDecrypt({ key: privateKey, ...OAEP }, sealed).equals(probe);
  } catch {
    return false;
  }
}

/** What is wrong with a key, in words; `undefined` for a sound one. */
function problemOf(privateKey: KeyObject): string | undefined {
  if (privateKey.asymmetricKeyType !== 'rsa') {
    return 'it is no RSA key';
  }
  const jwk = privateKey.export({ format: 'jwk' });
  const [n, e, d, p, q, dp, dq, qi] = (['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const).map((name) => numberOf(jwk, name)) as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint]; // prettier-ignore
  if (n.toString(2).length !== BITS) {
    return `it has ${n.toString(2).length} bits, not ${BITS}`;
  }
  if (e !== EXPONENT) {
    return 'its public exponent is not 65537';
  }
  const consistent =
    p * q === n &&
    (e * d) % (p - 1n) === 1n &&
    (e * d) % (q - 1n) === 1n &&
    d % (p - 1n) === dp &&
    d % (q - 1n) === dq &&
    (qi * q) % p === 1n;
  return consistent ? undefined : 'its numbers do not belong together';
}

const numberOf = (jwk: JsonWebKey, name: keyof JsonWebKey): bigint => {
  const value = jwk[name];
  return typeof value === 'string' ? BigInt(`0x0${Buffer.from(value, 'base64url').toString('hex')}`) : 0n;
}; // prettier-ignore

/** A key that cannot be used. The problem never holds a part of it. */
export const keyInvalid = (problem: string, hint?: string): TopazError =>
  new TopazError('E_KEY_INVALID', 'this is no usable Topaz user key', {
    facts: [problem],
    hint: hint ?? 'take another copy of the key: topaz key show says where copies were made',
  });
