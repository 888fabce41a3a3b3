import { describe, expect, test } from '@jest/globals';

import {
  addDays,
  belgianDay,
  formatMidnight,
  isLocalDate,
  parseInstant,
} from '../../src/mycarenet/belgian-day.js';
import type { LocalDate } from '../../src/mycarenet/belgian-day.js';

const day = (text: string): LocalDate => text as LocalDate;

describe('isLocalDate', () => {
  test.each(['2026-02-09', '2024-02-29', '1931-01-01', '9999-12-31'])('takes %s', (text) => {
    expect(isLocalDate(text)).toBe(true);
  });

  test.each([
    '', '2026-2-9', '09/02/2026', '2026-02-30', '2025-02-29', '2026-13-01', '2026-00-10', '0026-02-09',
    '2026-02-09T00:00:00Z', '２026-02-09', '2026-02-09 ',
  ])('refuses "%s"', (text) => {
    expect(isLocalDate(text)).toBe(false);
  }); // prettier-ignore
});

describe('midnight in Belgium', () => {
  test.each([
    ['2026-02-09', '2026-02-09T00:00:00.000+01:00', 'winter'],
    ['2026-07-01', '2026-07-01T00:00:00.000+02:00', 'summer'],
    ['2026-03-29', '2026-03-29T00:00:00.000+01:00', 'the clock goes forward at 2'],
    ['2026-03-30', '2026-03-30T00:00:00.000+02:00', 'the day after'],
    ['2026-10-25', '2026-10-25T00:00:00.000+02:00', 'the clock goes back at 3'],
    ['2026-10-26', '2026-10-26T00:00:00.000+01:00', 'the day after'],
  ])('%s is %s (%s)', (text, midnight) => {
    expect(formatMidnight(day(text))).toBe(midnight);
  });

  test('days have 23, 24 or 25 hours', () => {
    const hours = (text: string): number =>
      (Date.parse(formatMidnight(addDays(day(text), 1))) - Date.parse(formatMidnight(day(text)))) /
      3_600_000;
    expect(['2026-03-29', '2026-02-09', '2026-10-25'].map(hours)).toEqual([23, 24, 25]);
  });
});

describe('belgianDay', () => {
  test.each([
    ['2026-02-09T22:59:59Z', '2026-02-09'],
    ['2026-02-09T23:00:00Z', '2026-02-10'],
    ['2026-07-01T21:59:59Z', '2026-07-01'],
    ['2026-07-01T22:00:00Z', '2026-07-02'],
    ['2025-12-31T23:30:00Z', '2026-01-01'],
  ])('%s is %s', (at, expected) => {
    expect(belgianDay(new Date(at))).toBe(expected);
  });
});

test('addDays crosses months, years and leap days', () => {
  expect(addDays(day('2026-01-31'), 1)).toBe('2026-02-01');
  expect(addDays(day('2025-12-31'), 1)).toBe('2026-01-01');
  expect(addDays(day('2024-02-28'), 1)).toBe('2024-02-29');
  expect(addDays(day('2026-03-29'), -1)).toBe('2026-03-28');
});

describe('parseInstant', () => {
  test.each([
    ['2026-02-09T00:00:00.000+01:00', '2026-02-08T23:00:00.000Z'],
    ['2026-02-09T00:00:00Z', '2026-02-09T00:00:00.000Z'],
    ['2026-02-09T00:00:00', '2026-02-08T23:00:00.000Z'],
    ['2026-07-01T00:00:00', '2026-06-30T22:00:00.000Z'],
    [' 2026-02-09T09:12:32.4125+01:00 ', '2026-02-09T08:12:32.412Z'],
  ])('%s is %s', (text, expected) => {
    expect(parseInstant(text)?.toISOString()).toBe(expected);
  });

  test.each(['', '2026-02-09', 'yesterday', '2026-02-30T00:00:00Z x', '2026-13-09T00:00:00Z'])(
    'knows nothing of "%s"',
    (text) => {
      expect(parseInstant(text)).toBeUndefined();
    },
  );
});
