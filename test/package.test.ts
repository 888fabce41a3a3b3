/** What is installed: all that runs is in the package, nothing that only the build needs, and it stays small. */

import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from '@jest/globals';

const run = promisify(execFile);
const MAX_BYTES = 40 * 1024 * 1024;

test('the installed package: what runs, its pages and schemas, no source, at most 40 MB', async () => {
  const { stdout } = await run(process.execPath, ['scripts/installed-size.mjs', '--json'], {
    maxBuffer: 10_000_000,
  });
  const { own, bytes, packages, files } = JSON.parse(stdout) as {
    own: number;
    bytes: number;
    packages: { name: string }[];
    files: string[];
  };
  expect(own).toBeGreaterThan(1_000_000);
  expect(packages.map(({ name }) => name)).toContain('libxml2-wasm');
  expect(bytes).toBeLessThan(MAX_BYTES);
  for (const wanted of ['bin/topaz.js', 'bin/package.json', 'dist/main.js', 'dist/core.js', 'dist/package.json', 'dist/static-help.js', 'dist/help.nl.txt', 'dist/agent.js', 'dist/pkcs11-child.js', 'docs/schema/today.json', 'docs/guides/fr/renewal.md', 'man/topaz.1', 'LICENSE']) {
    expect(files).toContain(wanted);
  } // prettier-ignore
  expect(
    files.filter((path) => /^(src|test|fixtures|bench|scripts)\/|meta\.json$/.test(path)),
  ).toEqual([]);
}, 60_000);

test('a checkout that was never built says what to run', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'topaz-unbuilt-'));
  try {
    await cp('bin', join(folder, 'bin'), { recursive: true });
    await cp('package.json', join(folder, 'package.json'));
    for (const words of [['--help'], ['cert', 'status']]) {
      await expect(run(process.execPath, [join(folder, 'bin/topaz.js'), ...words])).rejects.toMatchObject({
        code: 1,
        stderr: 'topaz: it is not built yet\n  next: npm run setup\n',
      });
    } // prettier-ignore
  } finally {
    await rm(folder, { recursive: true });
  }
});
