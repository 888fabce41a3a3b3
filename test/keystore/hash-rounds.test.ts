/** Rounds of SHA-1 and SHA-256 of our own, against those of Node. */

import { hash, randomBytes } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';

import { hashRounds } from '../../src/keystore/hash-rounds.js';
import type { RoundsHash } from '../../src/keystore/hash-rounds.js';

const LENGTHS: Readonly<Record<RoundsHash, number>> = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 }; // prettier-ignore

const byNode = (name: RoundsHash, digest: Uint8Array, count: number): Buffer => {
  let last = Buffer.from(digest);
  for (let round = 0; round < count; round += 1) {
    last = hash(name, last, 'buffer');
  }
  return last;
};

describe.each(Object.entries(LENGTHS) as [RoundsHash, number][])('%s', (name, length) => {
  test.each([0, 1, 2, 3, 1000])('%i rounds', (count) => {
    const start = randomBytes(length);
    const kept = Buffer.from(start);

    expect(Buffer.from(hashRounds(name, start, count))).toEqual(byNode(name, start, count));
    expect(start).toEqual(kept);
  });

  test('all bits set, none, and a view into a larger buffer', () => {
    for (const start of [Buffer.alloc(length), Buffer.alloc(length, 0xff), randomBytes(length + 7).subarray(7)]) {
      expect(Buffer.from(hashRounds(name, start, 5))).toEqual(byNode(name, start, 5));
    } // prettier-ignore
  });

  test('many digests, one round each', () => {
    for (let count = 0; count < 300; count += 1) {
      const start = randomBytes(length);
      expect(hashRounds(name, start, 1)).toEqual(new Uint8Array(hash(name, start, 'buffer')));
    }
  });
});
