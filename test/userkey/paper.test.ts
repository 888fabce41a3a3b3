/** Paper: lines that find their own errors, and codes that a scanner reads (judge: jsQR). */

import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';

import { describe, expect, test } from '@jest/globals';

import { readKey } from '../../src/userkey/key-text.js';
import {
  formatLine,
  isPaper,
  paperLines,
  readPaper,
  scanParts,
} from '../../src/userkey/paper-lines.js';
import { paperSheet, qrSvg } from '../../src/userkey/paper-sheet.js';
import { pkcs8Of } from '../../src/userkey/user-key.js';
import { ID, testKey } from './keys.js';

/** The scanner; its types do not fit an ES module. */
const jsqr = createRequire(import.meta.url)('jsqr') as (
  pixels: Uint8ClampedArray,
  width: number,
  height: number,
) => { readonly data: string } | null;

const key = testKey();
const der = pkcs8Of(key);
const lines = paperLines(der).map(formatLine);
const text = lines.join('\n');
const bytesOf = (typed: string): string => Buffer.from(readPaper(typed).der).toString('hex');

/** What is told about a text that cannot be read. */
function problem(typed: string): string {
  try {
    readPaper(typed);
    return 'read';
  } catch (error) {
    return (error as { facts: readonly string[] }).facts.join();
  }
}

/** Draws our SVG and looks at it as a scanner does. */
function scan(svg: string): string | undefined {
  const side = Number(/viewBox="0 0 ([0-9]+)/.exec(svg)?.[1]);
  const scale = 4;
  const width = side * scale;
  const pixels = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [, x, y] of svg.matchAll(/M([0-9]+) ([0-9]+)h1v1h-1z/g)) {
    for (let dy = 0; dy < scale; dy += 1) {
      for (let dx = 0; dx < scale; dx += 1) {
        const at = ((Number(y) * scale + dy) * width + Number(x) * scale + dx) * 4;
        pixels.fill(0, at, at + 3);
      }
    }
  }
  return jsqr(pixels, width, width)?.data;
}

describe('lines', () => {
  test('24 bytes a line with number and check; all of it comes back', () => {
    expect(lines[0]).toMatch(/^01 {2}(?:[0-9a-f]{4} ){12} [0-9a-f]{4}$/);
    expect(lines).toHaveLength(Math.ceil(der.length / 24));
    expect(bytesOf(text)).toBe(der.toString('hex'));
    expect(isPaper(text)).toBe(true);
  });

  test('every length of a last line', () => {
    for (let length = 1; length <= 50; length += 1) {
      const bytes = randomBytes(length);
      expect(bytesOf(paperLines(bytes).map(formatLine).join('\n'))).toBe(bytes.toString('hex'));
    }
  });

  test('the check is CRC-16/CCITT-FALSE over number and bytes', () => {
    // 0x0001 and "1234567" ("123456789" alone has 29b1, the value that every table gives).
    expect(paperLines(Buffer.from('1234567'))[0]?.check).toBe(crc(Buffer.from('\u0000\u00011234567')));
    expect(crc(Buffer.from('123456789'))).toBe('29b1');
  }); // prettier-ignore

  test.each<[string, (all: string[]) => void, string]>([
    ['one digit wrong', (all) => { all[16] = change(all[16], 30); }, 'line 17:'],
    ['two digits exchanged', (all) => { all[2] = swapped(all[2] ?? ''); }, 'line 3:'],
    ['a wrong check', (all) => { all[4] = change(all[4], -1); }, 'line 5:'],
    ['a letter that is no digit', (all) => { all[6] = all[6]?.replace(/ [0-9a-f]{4} /, ' 12g4 ') ?? ''; }, 'line 7:'],
    ['two lines wrong', (all) => { all[1] = change(all[1], 10); all[8] = change(all[8], 10); }, 'line 2, 9:'],
    ['a line left out', (all) => { all.splice(10, 1); }, 'line 11 is missing'],
    ['a group left out', (all) => { all[3] = all[3]?.replace(/ [0-9a-f]{4} /, ' ') ?? ''; }, 'line 4:'],
    ['a line under another number', (all) => { all[5] = `07${all[5]?.slice(2) ?? ''}`; }, 'line 7: the check does not fit what was typed; line 6 is missing'],
  ])('%s is found on its line', (_, spoil, told) => {
    const all = [...lines];
    spoil(all);
    expect(problem(all.join('\n'))).toContain(told);
  }); // prettier-ignore

  test('lines in any order, in upper case, with O and l, with titles between', () => {
    const typed = ['Topaz key', '', ...lines.toReversed(), 'page 1 of 1'].join('\r\n').replace(/0/g, 'O').replace(/1/g, 'l').toUpperCase(); // prettier-ignore
    expect(bytesOf(typed)).toBe(der.toString('hex'));
  });

  test('the last line left out is found by the key itself', () => {
    expect(() => readKey(Buffer.from(lines.slice(0, -1).join('\n')))).toThrow(
      expect.objectContaining({ code: 'E_KEY_INVALID' }),
    );
  });

  test('a line twice is nothing new', () => {
    expect(bytesOf(`${text}\n${lines[3] ?? ''}`)).toBe(der.toString('hex'));
  });
});

describe('codes', () => {
  test('a scanner reads each, and together they are the key', () => {
    const parts = scanParts(ID, der);
    const scanned = parts.map((part) => scan(qrSvg(part)));
    expect(scanned).toEqual(parts);
    const { der: got, id } = readPaper(scanned.toReversed().join('\n'));
    expect([Buffer.from(got).toString('hex'), id]).toEqual([der.toString('hex'), ID]);
  });

  test('one missing, or of another sheet: told', () => {
    const parts = scanParts(ID, der);
    expect(problem(parts.slice(1).join('\n'))).toBe(`code 1 of ${parts.length} is missing`);
    const other = parts[1]?.replace(ID, '7c9e6679-7425-40de-944b-e07fc1f90ae7') ?? '';
    expect(problem([parts[0], other].join('\n'))).toBe('the scanned codes are not of one sheet');
    expect(problem(parts[0]?.replace(/1\/[0-9]+:/, '1/99:') ?? '')).toContain('is missing');
  });
});

describe('the sheet', () => {
  const sheet = paperSheet({
    id: ID,
    der,
    spki: key.spki,
    day: '2026-03-01',
    language: 'fr',
    texts: {
      title: 'Clé <Topaz>',
      purpose: 'p',
      secrecy: 's',
      recovery: 'r',
      id: 'id',
      fingerprint: 'f',
      printed: 'd',
      code: 'code',
    },
  });

  test('holds every line and a code per part, and is read back as it stands', () => {
    const joined = (lines: string): string => lines.replace(/ +/g, ' ');
    expect(joined(sheet)).toContain(joined(text));
    const codes = [...sheet.matchAll(/<svg .*?<\/svg>/gs)].map(([svg]) => scan(svg));
    expect(codes).toEqual(scanParts(ID, der));
    expect(Buffer.from(readPaper(sheet).der).toString('hex')).toBe(der.toString('hex'));
  });

  test('loads nothing and runs nothing; texts are texts', () => {
    expect(sheet).not.toMatch(/<script|src=|href=|url\(|@import/i);
    expect(sheet).toContain('Clé &#60;Topaz&#62;');
  });
});

const change = (line = '', at: number): string => {
  const index = at < 0 ? line.length + at : at;
  const digit = line[index] === 'a' ? 'b' : 'a';
  return line.slice(0, index) + digit + line.slice(index + 1);
};

/** Exchanges the first two digits that differ and stand side by side in one group. */
function swapped(line: string): string {
  for (let at = 4; at < line.length - 6; at += 1) {
    const [a = ' ', b = ' '] = [line[at], line[at + 1]];
    if (a !== ' ' && b !== ' ' && a !== b) {
      return line.slice(0, at) + b + a + line.slice(at + 2);
    }
  }
  return line;
}

/** CRC-16/CCITT-FALSE by a table, another way than the code under test. */
function crc(bytes: Uint8Array): string {
  let register = 0xffff;
  for (const byte of bytes) {
    let entry = (((register >> 8) ^ byte) & 0xff) << 8;
    for (let bit = 0; bit < 8; bit += 1) {
      entry = entry & 0x8000 ? ((entry << 1) ^ 0x1021) & 0xffff : (entry << 1) & 0xffff;
    }
    register = ((register << 8) ^ entry) & 0xffff;
  }
  return register.toString(16).padStart(4, '0');
}
