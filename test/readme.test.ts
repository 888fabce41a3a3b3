/** The five-minute tour of the README, run line by line as a newcomer would. */

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from '@jest/globals';

const run = promisify(execFile);

test('the tour of the README works as written', async () => {
  const readme = await readFile('README.md', 'utf8');
  const tour = /<!-- tour:[^>]*-->\s*```sh\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  expect(tour).toContain('topaz sandbox start');
  const folder = await mkdtemp(join(tmpdir(), 'topaz-tour-'));
  const script = [
    'set -euo pipefail',
    `topaz() { "${process.execPath}" "${resolve('bin/topaz.js')}" "$@"; }`,
    'trap "topaz sandbox stop >/dev/null 2>&1 || true" EXIT',
    tour,
  ].join('\n');
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('TOPAZ_')),
  );
  try {
    const { stdout } = await run('bash', ['-c', script], {
      cwd: folder,
      env: { ...env, TOPAZ_LANG: 'en', CI: '1' },
      timeout: 120_000,
    });
    expect(stdout).toContain('79021599732');
    expect(stdout).toMatch(/\tvalid\t/);
    expect(await readFile(join(folder, 'letter.copy'), 'utf8')).toBe('Dear colleague\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 150_000);
