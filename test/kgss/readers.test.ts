/** Readers of a key, as people write them. */

import { describe, expect, test } from '@jest/globals';

import { parseReader } from '../../src/kgss/readers.js';
import { qualityNames } from '../../src/sts/qualities.js';

const ID = 'urn:be:fgov:identification-namespace';
const CERTIFIED = 'urn:be:fgov:certified-namespace:ehealth';
const SSIN = 'urn:be:fgov:person:ssin';

describe('readers', () => {
  test.each([
    ['SSIN=79.02.15-997.32', ID, SSIN, ['79021599732']],
    ['ssin=79021599732', ID, SSIN, ['79021599732']],
    ['doctor=79.02.15-997.32', ID, SSIN, ['79021599732']],
    ['doctor=1-95471-81-004', CERTIFIED, `${SSIN}:ehealth:1.0:doctor:nihii11`, ['19547181004']],
    ['Doctor', CERTIFIED, `${SSIN}:doctor:boolean`, ['true']],
    ['dentist=*', CERTIFIED, `${SSIN}:ehealth:1.0:professional:dentist:boolean`, ['true']],
    ['optician', CERTIFIED, `${SSIN}:ehealth:1.0:nihii:optician:nihii11`, []],
    ['NIHII-GROUP=94499180', ID, 'urn:be:fgov:ehealth:1.0:groupofnurses:nihii-number', ['94499180']],
    ['groupofnurses=9-44991-80', ID, 'urn:be:fgov:ehealth:1.0:groupofnurses:nihii-number', ['94499180']],
    ['hospital=71000436000', ID, 'urn:be:fgov:ehealth:1.0:hospital:nihii-number', ['71000436']],
    ['hospital', CERTIFIED, 'urn:be:fgov:ehealth:1.0:certificateholder:hospital:nihii-number:recognisedhospital:boolean', ['true']],
    ['CBE=0123456749', ID, 'urn:be:fgov:ehealth:1.0:certificateholder:enterprise:cbe-number', ['0123456749']],
  ])('%s', (text, namespace, name, values) => {
    expect(parseReader(text)).toEqual([{ namespace, name, values }]);
  }); // prettier-ignore

  test('a nurse by NIHII is told by either of two attributes', () => {
    expect(parseReader('nurse=54048310401').map(({ name }) => name)).toEqual([
      `${SSIN}:ehealth:1.0:nurse:nihii11`,
      `${SSIN}:ehealth:1.0:nihii:nurse:nihii11`,
    ]);
  });

  test('every quality can be a reader as such', () => {
    for (const name of qualityNames()) {
      expect(parseReader(name).length).toBeGreaterThan(0);
    }
  });

  test.each([
    ['', 'E_IDENTIFIER_INVALID'],
    ['docter', 'E_IDENTIFIER_INVALID'],
    ['docter=19547181004', 'E_IDENTIFIER_INVALID'],
    ['constructor', 'E_IDENTIFIER_INVALID'],
    ['__proto__=1', 'E_IDENTIFIER_INVALID'],
    ['NIHII-LABO=71234523', 'E_IDENTIFIER_INVALID'],
    ['NIHII=19547181', 'E_IDENTIFIER_INVALID'],
    ['hospital=', 'E_IDENTIFIER_INVALID'],
    ['hospital=a', 'E_IDENTIFIER_INVALID'],
    ['SSIN=79021599733', 'E_SSIN_INVALID'],
    ['doctor=19547181', 'E_NIHII_INVALID'],
    ['doctor=123', 'E_NIHII_INVALID'],
  ])('%s is none', (text, code) => {
    expect(() => parseReader(text)).toThrow(expect.objectContaining({ code }));
  });
});
