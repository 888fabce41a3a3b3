import { describe, expect, test } from '@jest/globals';

import { formatSsin, isSsin, maskSsin, parseSsin, maskSsins } from '../../src/ids/ssin.js';

describe('parseSsin', () => {
  test.each([
    ['79021599732', '79021599732', 'born before 2000'],
    ['79.02.15-997.32', '79021599732', 'as printed on the card'],
    [' 85 06 11 998 14 ', '85061199814', 'with spaces'],
    ['03070999738', '03070999738', 'born in 2000 or later'],
  ])('%s is %s (%s)', (text, ssin) => {
    expect(parseSsin(text)).toBe(ssin);
  });

  test.each([
    ['', 'empty'],
    ['7902159973', 'ten digits'],
    ['790215997321', 'twelve digits'],
    ['79021599733', 'check number off by one'],
    ['７9021599732', 'full-width digit'],
    ['٧9021599732', 'arabic digit'],
    ['79021599732\n1', 'two lines'],
  ])('refuses %j (%s)', (text) => {
    expect(() => parseSsin(text)).toThrow(expect.objectContaining({ code: 'E_SSIN_INVALID' }));
  });

  test('does not repeat the number in the message', () => {
    expect(() => parseSsin('79021599733')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('790215') as unknown }),
    );
  });

  test('accepts a bis number, whose month has 20 or 40 added', () => {
    const base = 794215997;
    const check = String(97 - (base % 97)).padStart(2, '0');
    expect(isSsin(`${base}${check}`)).toBe(true);
  });
});

test('formats and masks', () => {
  expect(formatSsin('79021599732')).toBe('79.02.15-997.32');
  expect(formatSsin('7')).toBe('7');
  expect(maskSsin('79021599732')).toBe('79.02.15-***.**');
});

describe('maskSsins', () => {
  test.each([
    ['patient 85061199814 unknown', 'patient 85.06.11-***.** unknown'],
    ['85.06.11-998.14', '85.06.11-***.**'],
    ['CN=SSIN=79021599732', 'CN=SSIN=79.02.15-***.**'],
    ['ticket 85061199815', 'ticket 85061199815'],
    ['185061199814', '185061199814'],
  ])('%s', (text, masked) => {
    expect(maskSsins(text)).toBe(masked);
  });
});
