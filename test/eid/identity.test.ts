import { describe, expect, test } from '@jest/globals';

import {
  addressFromData,
  birthDateOf,
  identityFromData,
  parseBirthDate,
  parseCardDate,
  parseGender,
} from '../../src/eid/identity.js';
import { parseSsin } from '../../src/ids/ssin.js';
import type { DataObject } from '../../src/pkcs11/module.js';

const objects = (fields: Record<string, string>): DataObject[] =>
  Object.entries(fields).map(([label, text]) => ({ label, value: Buffer.from(text, 'utf8') }));

describe('dates of the card', () => {
  test.each([
    ['15.02.2031', '2031-02-15'],
    [' 01.12.1999 ', '1999-12-01'],
    ['31.02.2031', undefined],
    ['15-02-2031', undefined],
    ['', undefined],
  ])('%j is %s', (text, day) => {
    expect(parseCardDate(text)).toBe(day);
  });

  test.each([
    ['15 FEV  1979', '1979-02-15'],
    ['15 MARS 1979', '1979-03-15'],
    ['15 AOUT 1979', '1979-08-15'],
    ['15 SEPT 1979', '1979-09-15'],
    ['15 DEC  1979', '1979-12-15'],
    ['01 MAAR 1985', '1985-03-01'],
    ['01 MEI  1985', '1985-05-01'],
    ['01 OKT  1985', '1985-10-01'],
    ['01.MÄR.1985', '1985-03-01'],
    ['01.DEZ.1985', '1985-12-01'],
    ['1 JUIL 2003', '2003-07-01'],
    ['1 JUIN 2003', '2003-06-01'],
    ['30 FEV  1979', undefined],
    ['1979', undefined],
    ['FEV  1979', undefined],
    ['15 XXX  1979', undefined],
  ])('born %j is %s', (text, day) => {
    expect(parseBirthDate(text)).toBe(day);
  });

  test('a decomposed umlaut is the same month', () => {
    expect(parseBirthDate('01.MA\u0308R.1985')).toBe('1985-03-01');
  });

  test.each([
    ['79021599732', '1979-02-15'],
    ['03070999738', '2003-07-09'],
  ])('the number %s says %s', (ssin, day) => {
    expect(birthDateOf(parseSsin(ssin))).toBe(day);
  });
});

test.each([
  ['M', 'M'],
  ['F', 'F'],
  ['V', 'F'],
  ['W', 'F'],
  ['X', undefined],
  ['', undefined],
])('gender %j is %s', (text, sex) => {
  expect(parseGender(text)).toBe(sex);
});

describe('identity from the data objects', () => {
  test('takes the fields that are there, and no others', () => {
    const identity = identityFromData(
      objects({
        national_number: '79021599732',
        surname: 'Exemple',
        firstnames: 'Jean René',
        date_of_birth: '15 FEV  1979',
        gender: 'M',
        validity_end_date: '14.06.2031',
        nobility: '',
      }),
      undefined,
    );

    expect(identity).toEqual({
      ssin: '79021599732',
      firstNames: 'Jean René',
      lastName: 'Exemple',
      birthDate: '1979-02-15',
      sex: 'M',
      validUntil: '2031-06-14',
    });
  });

  test('is absent where the module shows no data', () => {
    expect(identityFromData([], undefined)).toBeUndefined();
  });

  test('refuses a number whose check is wrong, without repeating it', () => {
    const read = (): unknown =>
      identityFromData(objects({ national_number: '79021599733' }), undefined);

    expect(read).toThrow(
      expect.objectContaining({
        code: 'E_SSIN_INVALID',
        message: expect.not.stringContaining('790215'),
      }),
    );
  });
});

test('an address, or none', () => {
  expect(
    addressFromData(objects({ address_zip: '1000', address_municipality: 'Bruxelles' })),
  ).toEqual({ street: '', postalCode: '1000', municipality: 'Bruxelles' });
  expect(addressFromData(objects({ ADDRESS_FILE: 'x' }))).toBeUndefined();
});
