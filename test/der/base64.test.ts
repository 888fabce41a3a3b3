import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';

import { describe, expect, test } from '@jest/globals';

import { decodeBase64 } from '../../src/der/base64.js';

describe('base64', () => {
  test.each([0, 1, 2, 3, 57, 1000])('%i bytes of base64(1) come back, lines and all', (size) => {
    const bytes = randomBytes(size);
    const text = execFileSync('base64', { input: bytes, encoding: 'utf8' });
    expect(decodeBase64(text)).toEqual(new Uint8Array(bytes));
  });

  test.each(['A', 'AB', 'ABC', 'A===', '====', '=', 'AB=C', 'ABC=A', 'AB==ABCD', 'ABC-', 'ABC_', 'ABC\u00a0D', 'ABÇD', 'AB\0D', 'ABC%'])(
    '%j is none',
    (text) => {
      expect(decodeBase64(text)).toBeUndefined();
    },
  ); // prettier-ignore

  test('the bytes are in memory of their own, of just their length', () => {
    const bytes = decodeBase64('AQID');
    expect(bytes?.buffer.byteLength).toBe(3);
  });

  test('forty million characters, good and bad, need no stack', () => {
    const text = 'A'.repeat(40_000_000);
    expect(decodeBase64(text)?.length).toBe(30_000_000);
    expect(decodeBase64(`${text}AAA-`)).toBeUndefined();
  });
});
