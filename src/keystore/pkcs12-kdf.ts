/**
 * The key derivation of PKCS#12 (RFC 7292 appendix B.2). Old keystores ask for 100 000 rounds of SHA-1 and
 * more: the rounds give way to other work every few milliseconds, so that a spinner turns and Ctrl-C works.
 *
 * @module
 */

import { hash } from 'node:crypto';

import { TopazError } from '../errors.js';
import { hashRounds } from './hash-rounds.js';
import type { RoundsHash } from './hash-rounds.js';

/** What the derived bytes are for. */
export const KDF_PURPOSE = { key: 1, iv: 2, mac: 3 } as const;

export interface KdfOptions {
  readonly hash: RoundsHash;
  readonly purpose: (typeof KDF_PURPOSE)[keyof typeof KDF_PURPOSE];
  /** UTF-16 big-endian with two zero bytes. */
  readonly password: Uint8Array;
  readonly salt: Uint8Array;
  readonly iterations: number;
  /** Bytes wanted. */
  readonly length: number;
}

/** The first ones are slow, until they are compiled. */
const FIRST_ROUNDS = 300;
const ROUNDS_AT_ONCE = 5_000;

/** Derives `length` bytes. */
export async function derivePkcs12(options: KdfOptions): Promise<Uint8Array> {
  const { hash: name, purpose, password, salt, iterations, length } = options;
  const blockSize = name === 'sha384' || name === 'sha512' ? 128 : 64;
  const input = Buffer.concat([fill(salt, blockSize), fill(password, blockSize)]);
  const diversifier = Buffer.alloc(blockSize, purpose);
  const result = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    let digest: Uint8Array = hash(name, Buffer.concat([diversifier, input]), 'buffer');
    let atOnce = FIRST_ROUNDS;
    for (let left = iterations - 1; left > 0;) {
      const rounds = Math.min(left, atOnce);
      digest = hashRounds(name, digest, rounds);
      left -= rounds;
      atOnce = Math.min(2 * atOnce, ROUNDS_AT_ONCE);
      await nextTurn();
    }
    result.set(digest.subarray(0, length - at), at);
    at += digest.length;
    if (at < length) {
      addToBlocks(input, digest, blockSize);
    }
  }
  input.fill(0);
  return result;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Repeats the bytes until they fill whole blocks; nothing stays nothing. */
function fill(bytes: Uint8Array, blockSize: number): Uint8Array {
  const filled = new Uint8Array(Math.ceil(bytes.length / blockSize) * blockSize);
  return filled.map((_, index) => bytes[index % bytes.length] ?? 0);
}

/** Adds the repeated digest and one to each block, as numbers modulo the block size. */
function addToBlocks(input: Buffer, digest: Uint8Array, blockSize: number): void {
  for (let block = 0; block < input.length; block += blockSize) {
    let carry = 1;
    for (let at = blockSize - 1; at >= 0; at -= 1) {
      const sum = (input[block + at] ?? 0) + (digest[at % digest.length] ?? 0) + carry;
      input[block + at] = sum & 0xff;
      carry = sum >> 8;
    }
  }
}

/** About a second: whoever gave a made-up file, or types a wrong password, has the answer by then. */
const MAX_ITERATIONS = 2_000_000;
const MAX_TOTAL = 10_000_000;

/** Counts the rounds that one file costs: a made-up file must not keep the machine busy for hours. */
export class IterationBudget {
  #left = MAX_TOTAL;

  /** @throws TopazError `E_KEYSTORE_FORMAT` for zero rounds or too many. */
  spend(iterations: number): void {
    this.#left -= iterations;
    if (iterations < 1 || iterations > MAX_ITERATIONS || this.#left < 0) {
      throw new TopazError('E_KEYSTORE_FORMAT', 'this keystore asks for too many rounds', {
        facts: [`${iterations} rounds to derive a key`],
        hint: 'no known program writes such a file: ask where it comes from',
      });
    }
  }
}
