import { randomUUID } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';

import { createReferences } from '../../src/mycarenet/reference.js';

const NOW = new Date('2026-02-09T08:12:31Z');

describe('createReferences', () => {
  test('gives 14 letters and digits that stand in an XML name', () => {
    const next = createReferences(() => NOW, randomUUID);
    for (let n = 0; n < 100; n += 1) {
      expect(next()).toMatch(/^T[0-9A-Z]{13}$/);
    }
  });

  test('never gives one twice, though the clock stands still, and grows', () => {
    const next = createReferences(() => NOW, randomUUID);
    const all = Array.from({ length: 20_000 }, next);
    expect(new Set(all).size).toBe(all.length);
    const times = all.map((reference) => reference.slice(0, 9));
    expect([...times].sort()).toEqual(times);
    expect(new Set(times).size).toBe(times.length);
  });

  test('never gives one twice, though the clock goes back', () => {
    let ms = NOW.getTime();
    const next = createReferences(
      () => new Date((ms -= 1000)),
      () => '00000000-0000-4000-8000-000000000000',
    );
    const all = Array.from({ length: 50 }, next);
    expect(new Set(all).size).toBe(50);
  });

  test('two programs in the same millisecond differ', () => {
    const all = Array.from({ length: 2000 }, () => createReferences(() => NOW, randomUUID)());
    expect(new Set(all).size).toBe(all.length);
  });
});
