/** Numbers of organisations, application ids and bis numbers: what is taken, and what is refused before sending. */

import { describe, expect, test } from '@jest/globals';

import { parseBisNumber } from '../../src/lifecycle/foreigner.js';
import {
  checkOrganisation,
  fitsCheckDigits,
  parseApplicationId,
  parseOrganisation,
} from '../../src/lifecycle/organisation.js';
import { renewableFrom } from '../../src/lifecycle/replacement.js';

const rules = (type: string, pattern: string | undefined, ...checkDigits: string[]) => ({
  type,
  names: [],
  pattern,
  checkDigits,
});

describe('numbers', () => {
  test.each([
    ['NIHII-GROUP=94499180', { type: 'NIHII-GROUP', id: '94499180' }],
    ['nihii-group = 944.991-80', { type: 'NIHII-GROUP', id: '94499180' }],
    ['CBE=999999922', { type: 'CBE', id: '0999999922' }],
    ['NEW-KIND=12345', { type: 'NEW-KIND', id: '12345' }],
  ])('%s is read', (text, expected) => {
    expect(parseOrganisation(text)).toEqual(expected);
  });

  test.each(['NIHII-GROUP=944991800', 'SSIN=79021599732', 'NIHII-GROUP', '=1', 'A=x', `NEW-KIND=${'1'.repeat(21)}`])(
    '%s is refused, and never cut',
    (text) => {
      expect(() => parseOrganisation(text)).toThrow(
        expect.objectContaining({ code: 'E_IDENTIFIER_INVALID' }),
      );
    },
  ); // prettier-ignore

  test.each([
    ['94499180', 'CHECK-97-MOD-97', true],
    ['94499181', 'CHECK-97-MOD-97', false],
    ['94499117', 'CHECK-MOD-97', true],
    ['94499118', 'CHECK-MOD-97', false],
    // The rest is 0: 97 by the one rule, 00 or 97 by the other.
    ['00009797', 'CHECK-97-MOD-97', true],
    ['00009700', 'CHECK-97-MOD-97', false],
    ['00009700', 'CHECK-MOD-97', true],
    ['00009797', 'CHECK-MOD-97', true],
    ['12', 'CHECK-MOD-97', false],
    ['12345678901234567890', 'CHECK-97-MOD-97', false],
    ['94499180', 'CHECK-SOMETHING', undefined],
  ] as const)('%s by %s: %s', (digits, algorithm, expected) => {
    expect(fitsCheckDigits(digits, algorithm)).toBe(expected);
  });

  const group = { type: 'NIHII-GROUP', id: '94499180' };
  test.each([
    ['by its rules', [rules('NIHII-GROUP', '[0-9]{8}', 'CHECK-97-MOD-97')]],
    ['without rules', [rules('NIHII-GROUP', undefined)]],
    ['by one of several', [rules('NIHII-GROUP', '9\\d+', 'CHECK-MOD-97', 'CHECK-97-MOD-97')]],
    ['by an algorithm that is not known here', [rules('NIHII-GROUP', undefined, 'CHECK-MOD-97', 'NEW')]],
    ['with a pattern that is none here', [rules('NIHII-GROUP', '[0-9]{8}+(?<x', 'CHECK-97-MOD-97')]],
  ])('a number is taken %s', (_, types) => {
    expect(() => { checkOrganisation(group, types); }).not.toThrow();
  }); // prettier-ignore

  test.each([
    ['pattern', [rules('NIHII-GROUP', '[0-9]{7}')]],
    ['part of the pattern', [rules('NIHII-GROUP', '[0-9]{7}|x')]],
    ['check digits', [rules('NIHII-GROUP', '[0-9]{8}', 'CHECK-MOD-97')]],
    ['kind', [rules('NIHII-GROUPS', '[0-9]{8}')]],
  ])('a number is refused by its %s', (_, types) => {
    expect(() => { checkOrganisation(group, types); }).toThrow(
      expect.objectContaining({ code: 'E_IDENTIFIER_INVALID' }),
    );
  }); // prettier-ignore

  test('a kind that is not listed is taken with a mandate alone', () => {
    expect(() => {
      checkOrganisation(group, [], { mandated: true });
    }).not.toThrow();
  });

  test('a pattern of the service cannot hold the program up', () => {
    const start = performance.now();
    const evil = [rules('NIHII-GROUP', '([0-9]+)+x')];
    const long = { type: 'NIHII-GROUP', id: '1'.repeat(20) };
    expect(() => {
      checkOrganisation(long, evil);
    }).toThrow();
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe('application ids', () => {
  test.each([
    ['labo', 'LABO'],
    [' Été-1_x ', 'ETE-1_X'],
    ['A'.repeat(30), 'A'.repeat(30)],
  ])('%s becomes %s', (text, id) => {
    expect(parseApplicationId(text)).toBe(id);
  });

  test.each(['', ' ', 'A'.repeat(31), 'a b', 'a,b', 'a=b', 'Ω', '../x', 'a\n'.repeat(2)])(
    '"%s" is refused',
    (text) => {
      expect(() => parseApplicationId(text)).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
    },
  );
});

describe('bis numbers', () => {
  test('are read with dots', () => {
    expect(parseBisNumber('79.42.15-997.21')).toBe('79421599721');
  });

  test.each(['79.02.15-997.32', '79421599722', 'x'])('%s is refused', (text) => {
    expect(() => parseBisNumber(text)).toThrow(expect.objectContaining({ code: 'E_SSIN_INVALID' }));
  });
});

test('the replacement period begins when eHealth says, else 90 days before the end', () => {
  const end = new Date('2029-06-30T12:00:00Z');
  expect(renewableFrom(end, undefined).toISOString()).toBe('2029-04-01T12:00:00.000Z');
  expect(renewableFrom(end, { renewableFrom: '2029-05-01T00:00:00.000Z' }).toISOString()).toBe(
    '2029-05-01T00:00:00.000Z',
  );
});
