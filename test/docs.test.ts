/** Pages about commands are made from the commands: what is committed must be what would be made. */

import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from '@jest/globals';

import { hasProgram } from './support/tools.js';

const run = promisify(execFile);

test('docs/cli and man are what `npm run docs` makes', async () => {
  const { stderr } = await run(process.execPath, ['scripts/docs.mjs', '--check']).catch(
    (error: unknown) => error as { stderr: string },
  );
  expect(stderr).toBe('');
}, 60_000);

const groff = hasProgram('groff', { required: false }) ? test : test.skip;
groff(
  'groff has nothing to say about the manual pages',
  async () => {
    const pages = (await readdir('man')).map((name) => join('man', name));
    expect(pages.length).toBeGreaterThan(60);
    const { stdout, stderr } = await run('groff', ['-man', '-Tutf8', '-ww', '-z', ...pages]);
    expect(stdout + stderr).toBe('');
  },
  60_000,
);
