/** Lists of patients as programs and people write them. */

import { describe, expect, test } from '@jest/globals';

import { TopazError } from '../../../src/errors.js';
import { findDelimiter, readDelimited } from '../../../src/mycarenet/batch/delimited.js';
import { readPatientList } from '../../../src/mycarenet/batch/patient-list.js';
import type { ListedPatient } from '../../../src/mycarenet/batch/patient-list.js';

const MARIE = '85061199814';
const JEAN = '79021599732';
/** Born in 2001: 01.02.03-004 has the check number 12 with the 2 in front. */
const YOUNG = `010203004${String(97 - (2_010_203_004 % 97)).padStart(2, '0')}`;

const list = (text: string | Uint8Array): readonly ListedPatient[] =>
  readPatientList(typeof text === 'string' ? Buffer.from(text) : text);
const numbers = (text: string | Uint8Array): readonly (string | undefined)[] =>
  list(text).map(({ patient }) => (patient?.kind === 'ssin' ? patient.ssin : undefined));

describe('what is read', () => {
  test.each([
    ['one number a line', `${MARIE}\n${JEAN}\n`],
    ['as people write them', `85.06.11-998.14\r\n79 02 15 997 32\r\n`],
    ['a heading of one column', `NISS\n${MARIE}\n${JEAN}`],
    ['semicolons, a heading with accents', `Nom;Numéro national;Mutualité\nA;${MARIE};319\nB;${JEAN};509`],
    ['commas, Dutch', `"Naam","INSZ"\n"Voorbeeld, Marie","${MARIE}"\n"Exemple","${JEAN}"`],
    ['tabs, German', `Name\tENSS\nA\t${MARIE}\nB\t${JEAN}`],
    ['no heading: the column in which numbers fit', `A;12345678901;${MARIE}\nB;10987654321;${JEAN}`],
    ['a heading in unknown words', `nom|identifiant\nA|${MARIE}\nB|${JEAN}`],
    ['a BOM', `\uFEFFNISS;Nom\n${MARIE};A\n${JEAN};B`],
    ['a line end inside quotes', `NISS;Adresse\n${MARIE};"Rue A\nVille"\n${JEAN};x`],
    ['old line ends of the Mac', `NISS\r${MARIE}\r${JEAN}`],
    ['empty lines between', `\n\n${MARIE}\n\n;\n${JEAN}\n\n`],
    ['JSON lines', `{"ssin":"${MARIE}"}\n{"niss":"79.02.15-997.32","name":"x"}\n`],
  ])('%s', (_, text) => {
    expect(numbers(text).filter((each) => each !== undefined)).toEqual([MARIE, JEAN]);
  }); // prettier-ignore

  test.each([
    ['UTF-16, little end first', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(`NISS\n${MARIE}\n`, 'utf16le')])],
    ['UTF-16, big end first', Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(`NISS\n${MARIE}\n`, 'utf16le').swap16()])],
    ['Windows-1252', Buffer.from(`Prénom;Num\u00e9ro national\nÉ;${MARIE}\n`, 'latin1')],
  ])('%s', (_, bytes) => {
    expect(numbers(bytes)).toEqual([MARIE]);
  }); // prettier-ignore

  test('zeros that a spreadsheet dropped, only where the check number then fits', () => {
    expect(numbers(`NISS\n${YOUNG.replace(/^0+/, '')}\n`)).toEqual([YOUNG]);
    const [bad] = list(`NISS\n${MARIE}\n1020300499\n`).filter(({ error }) => error !== undefined);
    expect(bad).toMatchObject({ line: 3, error: { code: 'E_SSIN_INVALID' } });
  });

  test('a membership number where there is no SSIN', () => {
    const text = `niss;mutuality;registration\n;319;0001234567890\n${MARIE};319;0009999999999\n`;
    expect(list(text).map(({ patient }) => patient)).toEqual([
      { kind: 'registration', registration: '0001234567890', mutuality: '319' },
      { kind: 'ssin', ssin: MARIE },
    ]);
  });

  test('lines keep their number and their order, twice the same one too', () => {
    expect(list(`NISS\n${MARIE}\n\n${JEAN}\n${MARIE}\n`).map(({ line }) => line)).toEqual([
      2, 4, 5,
    ]);
  });
});

describe('what is refused', () => {
  test.each([
    ['a wrong check number', `${MARIE}\n85061199815\n`, 'E_SSIN_INVALID'],
    ['a quantity', `NISS;x\n${MARIE};1\n8,50612E+10;2\n`, 'E_SSIN_INVALID'],
    ['an empty cell', `NISS;Nom\n${MARIE};A\n;B\n`, 'E_SSIN_INVALID'],
    ['a membership number without its mutuality', `niss;registration\n${MARIE};\n;12\n`, 'E_USAGE'],
    ['a line that is no object', `{"ssin":"${MARIE}"}\n[1]\n`, 'E_LIST_INVALID'],
    ['a line that is no JSON', `{"ssin":"${MARIE}"}\n{"ssin":\n`, 'E_LIST_INVALID'],
    ['an object without a number', `{"ssin":"${MARIE}"}\n{"ssin":null}\n`, 'E_SSIN_INVALID'],
  ])('%s is the failure of its line', (_, text, code) => {
    const failed = list(text).filter(({ error }) => error !== undefined);
    expect(failed).toHaveLength(1);
    expect(failed[0]?.error).toMatchObject({ code });
    expect(JSON.stringify(failed)).not.toMatch(/8506119981|8,50612/);
  });

  test.each([
    ['nothing', ''],
    ['only a heading', 'NISS\n'],
    ['only line ends', '\n\r\n'],
    ['no number at all', 'NISS;Nom\nabc;A\ndef;B\n'],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13])],
  ])('%s: E_LIST_INVALID', (_, text) => {
    expect(() => list(text)).toThrow(expect.objectContaining({ code: 'E_LIST_INVALID' }));
  });

  test('more than a hundred thousand lines', () => {
    expect(() => list(`${MARIE}\n`.repeat(100_001))).toThrow(TopazError);
  });
});

describe('delimited text', () => {
  test.each([
    ['a;b;c\n1;2;3', ';'],
    ['a,b;c\n1,2;3', ';'],
    ['a,b,c\n1,2,3', ','],
    ['a;"x,y,z"\n1;2', ';'],
    ['abc\ndef', undefined],
    ['', undefined],
  ])('%j is cut at %j', (text, delimiter) => {
    expect(findDelimiter(text)).toBe(delimiter);
  });

  test('quotes, doubled quotes, an empty last cell, a quote that is never closed', () => {
    expect(readDelimited('a;"b ""c"";d";\n"e', ';')).toEqual([
      { line: 1, cells: ['a', 'b "c";d', ''] },
      { line: 2, cells: ['e'] },
    ]);
  });
});
