/**
 * The user key as a JWK, the form in which the platform hands it over by a code to scan (RFC 7517, RFC 7518 §6.3).
 *
 * @module
 */

import { createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { keyInvalid } from './user-key.js';

type Field = 'n' | 'e' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi';
const PRIVATE_FIELDS = ['d', 'p', 'q'] as const;

/**
 * Reads one. A scanned key may lack the public numbers and the derived ones: they follow from the others.
 *
 * @throws TopazError `E_KEY_INVALID`.
 */
export function readJwk(text: string): KeyObject {
  const fields = parse(text);
  const missing = PRIVATE_FIELDS.filter((name) => fields.get(name) === undefined);
  if (missing.length > 0) {
    throw keyInvalid(`the JWK has no ${missing.join(', ')}: it is no private RSA key`);
  }
  const [d, p, q] = PRIVATE_FIELDS.map((name) => toNumber(fields.get(name) ?? '')) as [bigint, bigint, bigint]; // prettier-ignore
  if (p < 3n || q < 3n || d < 3n) {
    throw keyInvalid('a number of the JWK is too small');
  }
  // Some programs reduce d by this, others by the product: the exponent is the same.
  const order = ((p - 1n) * (q - 1n)) / gcd(p - 1n, q - 1n);
  const complete: Record<Field, bigint> = {
    n: given(fields, 'n') ?? p * q,
    e: given(fields, 'e') ?? inverse(d, order),
    d,
    p,
    q,
    dp: given(fields, 'dp') ?? d % (p - 1n),
    dq: given(fields, 'dq') ?? d % (q - 1n),
    qi: given(fields, 'qi') ?? inverse(q % p, p),
  };
  try {
    return createPrivateKey({
      format: 'jwk',
      key: {
        kty: 'RSA',
        ...Object.fromEntries(
          Object.entries(complete).map(([name, value]) => [name, fromNumber(value)]),
        ),
      },
    });
  } catch {
    throw keyInvalid('the numbers of the JWK make no RSA key');
  }
}

/** Writes one, as WebCrypto takes it for RSA-OAEP with SHA-1. */
export function writeJwk(privateKey: KeyObject): string {
  const jwk = privateKey.export({ format: 'jwk' });
  return `${JSON.stringify({ ...jwk, alg: 'RSA-OAEP', key_ops: ['decrypt'], ext: true })}\n`;
}

function parse(text: string): ReadonlyMap<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw keyInvalid('the JWK is no JSON');
  }
  if (typeof value !== 'object' || value === null) {
    throw keyInvalid('the JWK is no object');
  }
  const fields = new Map<string, string>();
  for (const [name, field] of Object.entries(value)) {
    if (typeof field === 'string') {
      fields.set(name, field);
    }
  }
  if ((fields.get('kty') ?? 'RSA') !== 'RSA') {
    throw keyInvalid('the JWK is of another kind than RSA');
  }
  return fields;
}

const given = (fields: ReadonlyMap<string, string>, name: Field): bigint | undefined => {
  const text = fields.get(name);
  return text === undefined ? undefined : toNumber(text);
};

function toNumber(text: string): bigint {
  if (!/^[A-Za-z0-9_-]{1,1024}$/.test(text)) {
    throw keyInvalid('a number of the JWK is not base64url');
  }
  return BigInt(`0x0${Buffer.from(text, 'base64url').toString('hex')}`);
}

function fromNumber(value: bigint): string {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url');
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) {
    [x, y] = [y, x % y];
  }
  return x;
}

/** Inverse of `a` modulo `m` (extended Euclid); 0 where there is none. */
function inverse(a: bigint, m: bigint): bigint {
  let [oldR, r, oldS, s] = [a % m, m, 1n, 0n];
  while (r !== 0n) {
    const quotient = oldR / r;
    [oldR, r] = [r, oldR - quotient * r];
    [oldS, s] = [s, oldS - quotient * s];
  }
  return oldR === 1n ? ((oldS % m) + m) % m : 0n;
}
