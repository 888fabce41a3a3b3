/** Shares of a key. Judge: the program whose text form the platform uses. */

import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';

import { describe, expect, test } from '@jest/globals';

import { combineShares, isShare, splitSecret } from '../../src/userkey/shamir.js';

interface Secrets {
  share(hex: string, shares: number, threshold: number, padLength?: number): string[];
  combine(shares: readonly string[]): string;
}
const theirs = createRequire(import.meta.url)('secrets.js-grempe') as Secrets;

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const invalid = expect.objectContaining({ code: 'E_KEY_INVALID' });

/** Every choice of `count` out of the list. */
const choices = <T>(list: readonly T[], count: number): readonly (readonly T[])[] =>
  count === 0
    ? [[]]
    : list.flatMap((first, index) =>
        choices(list.slice(index + 1), count - 1).map((rest) => [first, ...rest]),
      );

describe('theirs → ours', () => {
  test.each([
    [2, 2, 1218, 0],
    [5, 3, 1218, 0],
    [3, 2, 1218, 128],
    [5, 3, 33, 1024],
    [255, 4, 64, 0],
  ])('%i shares, %i needed, %i bytes, padded to %i', (shares, threshold, length, pad) => {
    const secret = randomBytes(length);
    const texts = theirs.share(hexOf(secret), shares, threshold, pad);
    const some = texts.slice(-threshold).toReversed();
    expect(hexOf(combineShares(some))).toBe(hexOf(secret));
    expect(texts.every(isShare)).toBe(true);
  });

  test('a secret that begins with zeros', () => {
    const secret = Buffer.concat([Buffer.alloc(3), randomBytes(20)]);
    expect(hexOf(combineShares(theirs.share(hexOf(secret), 3, 2, 0)))).toBe(hexOf(secret));
  });
});

describe('ours → theirs', () => {
  test.each([
    [2, 2],
    [5, 3],
    [255, 255],
  ])('%i shares, %i needed', (shares, threshold) => {
    const secret = randomBytes(shares > 100 ? 40 : 1218);
    const texts = splitSecret(secret, { shares, threshold });
    expect(texts).toHaveLength(shares);
    expect(theirs.combine(texts.slice(0, threshold))).toBe(hexOf(secret));
  });

  test('the text of the first and the last share', () => {
    const texts = splitSecret(Uint8Array.of(0xab), { shares: 255, threshold: 2 });
    expect(texts[0]).toMatch(/^801[0-9a-f]{4}$/);
    expect(texts[9]).toMatch(/^80a[0-9a-f]{4}$/);
    expect(texts[254]).toMatch(/^8ff[0-9a-f]{4}$/);
  });
});

describe('any k of n, and no fewer', () => {
  const secret = randomBytes(200);
  const texts = splitSecret(secret, { shares: 5, threshold: 3 });

  test('every choice of three, in any order, and four and five', () => {
    for (const some of [...choices(texts, 3), ...choices(texts, 4), texts]) {
      expect(hexOf(combineShares(some.toReversed()))).toBe(hexOf(secret));
    }
  });

  test('no choice of two gives it back', () => {
    for (const some of choices(texts, 2)) {
      let got = '';
      try {
        got = hexOf(combineShares(some));
      } catch (error) {
        expect(error).toEqual(invalid);
      }
      expect(got).not.toBe(hexOf(secret));
    }
  });

  test('fewer shares say nothing: for a fixed chance every byte of the secret gives other data', () => {
    const fixed = (): Uint8Array => Uint8Array.of(7);
    const seen = new Set<string | undefined>();
    for (let byte = 0; byte < 256; byte += 1) {
      seen.add(splitSecret(Uint8Array.of(byte), { shares: 2, threshold: 2 }, fixed)[1]);
    }
    expect(seen.size).toBe(256);
  });
});

describe('what is refused', () => {
  const texts = splitSecret(randomBytes(30), { shares: 3, threshold: 2 });
  const [one = '', two = ''] = texts;
  test.each<[string, readonly string[]]>([
    ['one share', [one]],
    ['none', []],
    ['the same twice', [one, one]],
    ['the same in another case', [one, one.toUpperCase()]],
    ['a cut one', [one, two.slice(0, -2)]],
    ['an odd digit', [one, `${two}a`]],
    ['a number of bits that is another', [one, `9${two.slice(1)}`]],
    ['number zero', [one, `800${two.slice(3)}`]],
    ['words', [one, 'share two']],
    ['nothing', [one, '']],
    ['very long', [one, `802${'00'.repeat(40_000)}`]],
  ])('%s', (_, given) => {
    expect(() => combineShares(given)).toThrow(invalid);
  });

  test('white space around is no reason', () => {
    expect(combineShares([` ${one}\n`, `${two}\r\n`])).toHaveLength(30);
  });
});
