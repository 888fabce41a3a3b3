/** Every code that the sandbox's registration authority refuses with is documented as its own. */

import { readFileSync } from 'node:fs';

import { expect, test } from '@jest/globals';

import { readSources } from '../support/sources.js';

const FILES =
  /^sandbox\/(certra-|certificates|foreigners|ra-frame|approval|services\/(certra|etkra)\.)/;

test('the table of codes is complete, and holds none that is gone', () => {
  const used = new Set(
    readSources()
      .filter(({ path }) => FILES.test(path))
      .flatMap(({ path }) => [
        ...readFileSync(`src/${path}`, 'utf8').matchAll(/(?:new Refusal|fail)\(\s*'([A-Z_]+)'/g),
      ])
      .map(([, code]) => code),
  );
  const documented = [...readFileSync('docs/sandbox-codes.md', 'utf8').matchAll(/^\| `([A-Z_]+)` +\| (?:CertRA|ETKRA)/gm)].map(([, code]) => code); // prettier-ignore
  expect([...used].filter((code) => !documented.includes(code))).toEqual([]);
  expect(documented.filter((code) => !used.has(code))).toEqual([]);
  expect(used.size).toBeGreaterThan(20);
});
