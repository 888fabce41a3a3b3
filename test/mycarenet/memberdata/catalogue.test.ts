import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { loadCatalog } from '../../../src/cli/messages/catalog.js';
import {
  DETAIL_CODES,
  detailCode,
  saysUnknownPatient,
} from '../../../src/mycarenet/memberdata/catalogue.js';
import { detailRow } from '../../../src/sandbox/memberdata-faults.js';
import { hasShared, SHARED } from '../../support/tools.js';

/** Seen on acceptance, beside the catalogue of the broker. */
const SEEN = ['BO_MISSING_FACET', 'FACET_EXCEPTION'];
const withSheet = hasShared() ? describe : describe.skip;

withSheet('the catalogue of the fact sheet', () => {
  const rows = readFileSync(join(SHARED, 'facts/mycarenet.md'), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, code = '', status = '', faultCode = '', source = '', , fault = '', retry = ''] = line.split('|').map((cell) => cell.trim()); // prettier-ignore
      const [, name] = /^`([A-Z_]+)`$/.exec(code) ?? [];
      return name === undefined ? [] : [{ name, status, faultCode, source, fault, retry }];
    });

  test('has 62 codes, and all of them are here, in its order', () => {
    expect(rows).toHaveLength(62);
    expect(DETAIL_CODES.filter((code) => !SEEN.includes(code))).toEqual(
      rows.map(({ name }) => name),
    );
  });

  test.each(rows)('$name: who must act, and whether to ask again', ({ name, fault, retry }) => {
    expect(detailCode(name)).toMatchObject({
      category: fault.split('/')[0],
      retryable: /^(?:yes|later)/.test(retry),
    });
  });

  test.each(rows)('$name: the sandbox answers with its status', ({ name, status, faultCode, source }) => {
    const row = detailRow(name);
    expect(`${row?.level1} / ${row?.level2}`).toBe(status);
    expect(row?.faultCode).toBe(faultCode);
    expect(row?.byMutuality).toBe(source !== 'MYCARENET');
  }); // prettier-ignore
});

describe.each(['en', 'fr', 'nl', 'de'] as const)('in %s', (language) => {
  test('every code has a meaning of its own', async () => {
    const catalog = await loadCatalog(language);
    const meanings = DETAIL_CODES.map((code) => catalog[`mycarenet.fault.${code}`]);
    expect(DETAIL_CODES.filter((_, n) => (meanings[n] ?? '') === '')).toEqual([]);
    expect(new Set(meanings).size).toBe(meanings.length);
  });
});

test('an unknown patient is a fact: it is not asked about again', () => {
  const codes = DETAIL_CODES.filter(saysUnknownPatient);
  expect(codes).toEqual([
    'UNKNOWN_NISS_ROUTING',
    'UNKNOWN_IO',
    'BO_UNKNOWN_NISS',
    'BO_UNKNOWN_REGNBR',
  ]);
  expect(codes.some((code) => detailCode(code)?.retryable)).toBe(false);
});

test('names of prototypes are no codes', () => {
  expect(detailCode('constructor')).toBeUndefined();
  expect(detailRow('constructor')).toBeUndefined();
});
