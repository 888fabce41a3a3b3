import { describe, expect, test } from '@jest/globals';

import {
  ehboxType,
  etkType,
  formatIdentifier,
  identifierTypes,
  matchIdentifier,
  normaliseIdentifier,
  parseIdentifier,
} from '../../src/ids/identifier.js';
import {
  formatNihii,
  hasValidNihiiCheck,
  nihii8,
  padNihii11,
  parseNihii,
} from '../../src/ids/nihii.js';

describe('parseIdentifier', () => {
  test.each([
    ['SSIN=79.02.15-997.32', 'SSIN', '79021599732'],
    ['nihii-group=94499180', 'NIHII-GROUP', '94499180'],
    ['CBE=820563481', 'CBE', '0820563481'],
    ['NIHII-HOSPITAL=71000436000', 'NIHII-HOSPITAL', '71000436'],
    ['NIHII-NEW_SECTOR=12345678', 'NIHII-NEW_SECTOR', '12345678'],
    ['NIHII11=19547181004', 'NIHII11', '19547181004'],
  ])('%s', (text, type, id) => {
    expect(parseIdentifier(text)).toEqual({ type, id });
  });

  test.each(['', 'SSIN', '=1', 'SSIN=', 'SS IN=1', 'NIHII-=12345678', 'CBE=12x', 'A=1=2'])(
    'refuses %j',
    (text) => {
      expect(() => parseIdentifier(text)).toThrow(
        expect.objectContaining({ code: 'E_IDENTIFIER_INVALID' }),
      );
    },
  );

  test('checks an SSIN', () => {
    expect(() => parseIdentifier('SSIN=79021599733')).toThrow(
      expect.objectContaining({ code: 'E_SSIN_INVALID' }),
    );
  });
});

describe('names of the eHealthBox', () => {
  test.each([
    ['SSIN', 'INSS', undefined],
    ['CBE-TREAT_CENTER', 'CBE', 'TREATMENT_CENTER'],
    ['NIHII-GROUP', 'NIHII', 'GROUP'],
    ['NIHII-NEW', 'NIHII', 'NEW'],
    ['OTHER', 'OTHER', undefined],
  ])('%s is %s/%s there', (etk, type, subType) => {
    expect(ehboxType(etk)).toEqual({ type, subType });
  });

  test.each(identifierTypes().map((type) => [type]))(
    '%s survives the way there and back',
    (type) => {
      const there = ehboxType(type);
      expect(etkType(there.type, there.subType, undefined)).toBe(type);
    },
  );

  test('an organisation without subtype is recognised by its quality', () => {
    expect(etkType('NIHII', undefined, 'HOSPITAL')).toBe('NIHII-HOSPITAL');
    expect(etkType('NIHII', undefined, 'DOCTOR')).toBe('NIHII');
  });
});

test('identifiers in certificates and file names', () => {
  expect(matchIdentifier('NIHII-OFFICE_DOCTORS=82222211')).toEqual({
    type: 'NIHII-OFFICE_DOCTORS',
    id: '82222211',
  });
  expect(matchIdentifier('eHealth-platform Belgium')).toBeUndefined();
  expect(formatIdentifier(normaliseIdentifier({ type: 'CBE', id: '1' }))).toBe('CBE=0000000001');
});

describe('NIHII', () => {
  test.each([
    ['1-95471-81-004', '19547181004'],
    ['94499180', '94499180'],
    ['1/95471/81.004', '19547181004'],
  ])('%s is %s', (text, digits) => {
    expect(parseNihii(text)).toBe(digits);
  });

  test.each(['', '1954718', '195471810', '1954718100x'])('refuses %j', (text) => {
    expect(() => parseNihii(text)).toThrow(expect.objectContaining({ code: 'E_NIHII_INVALID' }));
  });

  test('check number, cut, padding and form', () => {
    expect(hasValidNihiiCheck('19547181004')).toBe(true);
    expect(hasValidNihiiCheck('19547182004')).toBe(false);
    expect(nihii8('19547181004')).toBe('19547181');
    expect(padNihii11('94499180')).toBe('94499180000');
    expect(formatNihii('19547181004')).toBe('1-95471-81-004');
    expect(formatNihii('94499180')).toBe('9-44991-80');
    expect(formatNihii('1')).toBe('1');
  });
});
