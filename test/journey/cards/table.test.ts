/** `docs/tables/cards.md` says what the tests beside this file hold true. TOPAZ_WRITE_TABLES=1 writes it. */

import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { expect, test } from '@jest/globals';

import { cellsOf, expected, TOKENS } from './model.js';
import { page } from './table.js';

const FILE = resolve('docs/tables/cards.md');

test('the page is that of the matrix', async () => {
  if (process.env['TOPAZ_WRITE_TABLES'] === '1') {
    await writeFile(FILE, page());
  }
  expect(await readFile(FILE, 'utf8')).toBe(page());
});

test('no cell lets more than two PINs get to a card, and a refusal at most one', () => {
  for (const cell of TOKENS.flatMap(cellsOf)) {
    const wanted = expected(cell);
    if (!('reason' in wanted)) {
      expect(wanted.pins).toBeLessThanOrEqual(wanted.code === 'ok' ? 2 : 1);
    }
  }
});
