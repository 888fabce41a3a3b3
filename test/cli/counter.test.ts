/** The line of a step whose amount is known. */

import { describe, expect, test } from '@jest/globals';

import { counterText, shortDuration } from '../../src/cli/counter.js';

const TEXT = { unicode: true, timeLeft: (seconds: number) => `${seconds} s left` };

describe('counter', () => {
  test.each([
    [{ done: 0, total: 40, elapsedMs: 0 }, '0/40  ░░░░░░░░░░'],
    [{ done: 12, total: 40, elapsedMs: 4_999 }, '12/40  ▓▓▓░░░░░░░'],
    [{ done: 12, total: 40, elapsedMs: 6_000 }, '12/40  ▓▓▓░░░░░░░  2.0/s, 14 s left'],
    [{ done: 40, total: 40, elapsedMs: 20_000 }, '40/40  ▓▓▓▓▓▓▓▓▓▓'],
    // More than announced: the bar stays a bar.
    [{ done: 41, total: 40, elapsedMs: 20_000 }, '41/40  ▓▓▓▓▓▓▓▓▓▓'],
    [{ done: 0, total: 0, elapsedMs: 0 }, '0/0  ▓▓▓▓▓▓▓▓▓▓'],
  ])('%j', (count, line) => {
    expect(counterText(count, TEXT)).toBe(line);
  });

  test('without Unicode, in sizes', () => {
    const amount = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
    expect(counterText({ done: 5e6, total: 1e7, elapsedMs: 10_000 }, { ...TEXT, unicode: false, amount })).toBe(
      '5.0 MB/10.0 MB  #####-----  0.5 MB/s, 10 s left',
    );
  }); // prettier-ignore

  test.each([
    [1, '1 s'],
    [89, '89 s'],
    [90, '2 min'],
    [3_600, '60 min'],
    [7_500, '2 h 5 min'],
  ])('%i seconds', (seconds, text) => {
    expect(shortDuration(seconds)).toBe(text);
  });
});
