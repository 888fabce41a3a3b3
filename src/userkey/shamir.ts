/**
 * Shamir's secret sharing in the text form of the platform: GF(2^8) with the polynomial 0x11D; a share is one
 * digit for the bits (`8`), its number in two hexadecimal digits, then its data in hexadecimal (topaz-keys).
 *
 * @module
 */

import { randomBytes } from 'node:crypto';

import type { TopazError } from '../errors.js';
import { keyInvalid } from './user-key.js';

const POLYNOMIAL = 0x11d;
const BITS = '8';
const SHARE = /^8([0-9a-fA-F]{2})((?:[0-9a-fA-F]{2})+)$/;
/** A share of an RSA-2048 key has about 1 220 bytes. */
const MAX_HEX = 64 * 1024;

const EXP = new Uint8Array(510);
const LOG = new Uint8Array(256);
for (let i = 0, x = 1; i < 255; i += 1) {
  EXP[i] = x;
  EXP[i + 255] = x;
  LOG[x] = i;
  x <<= 1;
  if (x > 255) {
    x ^= POLYNOMIAL;
  }
}

const at = (table: Uint8Array, index: number): number => table[index] ?? 0;
const multiply = (a: number, b: number): number =>
  a === 0 || b === 0 ? 0 : at(EXP, at(LOG, a) + at(LOG, b));
const divide = (a: number, b: number): number =>
  a === 0 ? 0 : at(EXP, at(LOG, a) + 255 - at(LOG, b));

/**
 * Splits a secret.
 *
 * @param random Bytes that nobody can guess. @default node:crypto
 * @returns As many share texts as `shares`; any `threshold` of them give the secret back, fewer say nothing of it.
 */
export function splitSecret(
  secret: Uint8Array,
  { shares, threshold }: { readonly shares: number; readonly threshold: number },
  random: (length: number) => Uint8Array = randomBytes,
): readonly string[] {
  // A bit of 1 in front keeps the leading zeros of the secret.
  const marked = Uint8Array.of(1, ...secret);
  const data = Array.from({ length: shares }, () => new Uint8Array(marked.length));
  for (const [index, byte] of marked.entries()) {
    const coefficients = [byte, ...random(threshold - 1)];
    for (const [share, bytes] of data.entries()) {
      bytes[index] = valueAt(coefficients, share + 1);
    }
    coefficients.fill(0);
  }
  return data.map(
    (bytes, share) =>
      `${BITS}${(share + 1).toString(16).padStart(2, '0')}${Buffer.from(bytes).toString('hex')}`,
  );
}

/** Horner's scheme, lowest coefficient first. */
const valueAt = (coefficients: readonly number[], x: number): number =>
  coefficients.reduceRight((sum, coefficient) => multiply(sum, x) ^ coefficient, 0);

interface Share {
  readonly x: number;
  readonly data: Uint8Array;
}

/**
 * Combines shares. Whether they were enough cannot be seen here: too few give another secret.
 *
 * @throws TopazError `E_KEY_INVALID` for what is no share, for the same share twice, for shares of different lengths.
 */
export function combineShares(texts: readonly string[]): Uint8Array {
  const shares = texts.map(readShare);
  const [first] = shares;
  if (first === undefined || shares.length < 2) {
    throw sharesInvalid('two shares are needed at least');
  }
  if (new Set(shares.map(({ x }) => x)).size !== shares.length) {
    throw sharesInvalid('the same share is given twice');
  }
  if (shares.some(({ data }) => data.length !== first.data.length)) {
    throw sharesInvalid(
      'the shares are of different lengths: they are not of one key, or one is cut',
    );
  }
  const weights = shares.map(({ x }) =>
    shares.reduce(
      (product, other) => (other.x === x ? product : multiply(product, divide(other.x, x ^ other.x))),
      1,
    ),
  ); // prettier-ignore
  const marked = first.data.map((_, index) =>
    shares.reduce(
      (sum, { data }, share) => sum ^ multiply(at(data, index), weights[share] ?? 0),
      0,
    ),
  );
  return unmarked(marked);
}

/** Takes the leading 1 away, and the zeros that some programs put before it. */
function unmarked(marked: Uint8Array): Uint8Array {
  const start = marked.findIndex((byte) => byte !== 0);
  if (at(marked, start) === 1) {
    return marked.slice(start + 1);
  }
  // A length in digits that is odd puts the bit within a byte; a key in DER never has one.
  throw sharesInvalid('these shares do not make a key: too few of them, or of different keys');
}

function readShare(text: string): Share {
  const trimmed = text.trim();
  const [, number, hex] = trimmed.length > MAX_HEX ? [] : (SHARE.exec(trimmed) ?? []);
  if (number === undefined || hex === undefined) {
    throw sharesInvalid('it is no share: 8, two digits for its number, then hexadecimal digits');
  }
  const x = Number.parseInt(number, 16);
  if (x === 0) {
    throw sharesInvalid('a share has no number');
  }
  return { x, data: Buffer.from(hex, 'hex') };
}

/** Whether a text has the form of a share. */
export const isShare = (text: string): boolean => SHARE.test(text.trim());

const sharesInvalid = (problem: string): TopazError =>
  keyInvalid(problem, 'take as many shares as were said to be needed, all of the same key');
