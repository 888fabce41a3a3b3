/** Text for terminals: nothing that steers them, nothing wider than they are. */

import { describe, expect, test } from '@jest/globals';

import { nearest } from '../../src/profile/nearest.js';
import {
  cleanLines,
  cleanText,
  facts,
  formatCents,
  formatDay,
  formatSize,
  shorten,
  table,
  textWidth,
  wrap,
} from '../../src/cli/text.js';

const run = (lang: 'fr' | 'nl' | 'de' | 'en', columns = 100) => ({
  settings: { lang },
  ctx: { io: { columns } },
  style: { out: { bold: (text: string) => `*${text}*` } },
});

describe('cleanText', () => {
  test.each([
    ['\u001b[31mred\u001b[0m', '[31mred[0m'],
    ['\u001b]0;title\u0007x', ']0;titlex'],
    ['\u009b31mx', '31mx'],
    ['a\u0008\u0008b', 'ab'],
    ['a\tb\r\nc', 'a b c'],
    ['abc\u202ecba\u2066', 'abccba'],
    ['été “façon”', 'été “façon”'],
  ])('%j becomes %j', (text, expected) => {
    expect(cleanText(text)).toBe(expected);
  });

  test('keeps the lines of a message', () => {
    expect(cleanLines('a\r\nb\n\tc\u001b[2J')).toEqual(['a', 'b', '    c[2J']);
  });
});

test('days are written in the words of the language, whatever the time zone', () => {
  expect(formatDay(run('fr'), '2026-03-01')).toBe('1 mars 2026');
  expect(formatDay(run('nl'), '2026-03-01')).toBe('1 maart 2026');
  expect(formatDay(run('de'), '2026-03-01')).toBe('1. März 2026');
  expect(formatDay(run('en'), '2026-03-01')).toBe('1 March 2026');
  expect(formatDay(run('en'), 'not a day')).toBe('not a day');
});

test('sizes and sums', () => {
  expect(formatSize(run('en'), 999)).toBe('999 B');
  expect(formatSize(run('en'), 3_100_000)).toBe('3,1 MB');
  expect(formatSize(run('fr'), 3_100_000)).toBe('3,1 MB');
  expect(formatCents(run('fr'), 1250).replace(/\s/g, ' ')).toBe('12,50 €');
});

describe('widths', () => {
  test('wide, combined and coloured text', () => {
    expect(textWidth('abc')).toBe(3);
    expect(textWidth('e\u0301')).toBe(1);
    expect(textWidth('漢字')).toBe(4);
    expect(textWidth('\u001b[1mabc\u001b[22m')).toBe(3);
  });

  test('shorten says that something is missing', () => {
    expect(shorten('Discharge letter', 16)).toBe('Discharge letter');
    expect(shorten('Discharge letter', 10)).toBe('Discharge…');
    expect(textWidth(shorten('漢字漢字', 5))).toBeLessThanOrEqual(5);
  });

  test('wrap breaks at spaces', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('', 10)).toEqual([]);
  });
});

describe('table', () => {
  const rows = [
    ['9Y0001A7F3K02', '2026-03-01', 'Labo Exemple', 'Results Voorbeeld M.'],
    [
      '9Y0001A7F1K9C',
      '2026-02-28',
      'CHU Exemple',
      'Discharge letter \u001b[2J with a very long subject',
    ],
  ];
  const headings = ['ID', 'DATE', 'FROM', 'SUBJECT'];

  test('aligns, and cleans what strangers wrote', () => {
    const lines = table(run('en', 120), rows, headings);
    expect(lines[0]).toBe('*ID             DATE        FROM          SUBJECT*');
    expect(lines[1]).toBe('9Y0001A7F3K02  2026-03-01  Labo Exemple  Results Voorbeeld M.');
    expect(lines.join('')).not.toContain('\u001b');
  });

  test('shortens free text to the width, never an identifier', () => {
    const lines = table(run('en', 70), rows, headings);
    for (const line of lines.slice(1)) {
      expect(textWidth(line)).toBeLessThanOrEqual(70);
    }
    expect(lines[2]).toMatch(/^9Y0001A7F1K9C .*…$/);
  });

  test('drops the last columns first when a middle one is the free text', () => {
    const lines = table(
      run('en', 60),
      rows.map((row) => [...row, 'last column']),
      [...headings, 'LAST'],
      { free: 3 },
    );
    expect(lines[0]).not.toContain('LAST');
  });

  test('is never narrower than 60 columns', () => {
    expect(Math.max(...table(run('en', 10), rows).map(textWidth))).toBe(60);
  });

  test('nothing gives nothing', () => {
    expect(table(run('en'), [])).toEqual([]);
    expect(facts([])).toEqual([]);
  });
});

describe('nearest', () => {
  const names = ['cert', 'eid', 'ehbox', 'session', 'profile', 'sandbox', 'seal', 'unseal'];
  test.each([
    ['crt', ['cert']],
    ['sesion', ['session']],
    ['ehbxo', ['ehbox']],
    ['CERT', ['cert']],
    ['sael', ['seal']],
    ['xyzzy', []],
    ['', []],
  ])('%j: %j', (name, expected) => {
    expect(nearest(name, names)).toEqual(expected);
  });

  test('never more than three', () => {
    expect(nearest('aa', ['ab', 'ac', 'ad', 'ae'])).toHaveLength(3);
  });
});
