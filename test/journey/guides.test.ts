/** The guides: the same in each language, and their commands work as written, one after the other. */

import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from '@jest/globals';

const run = promisify(execFile);
const LANGUAGES = ['en', 'fr', 'nl'] as const;
/** In an order in which each finds what it needs. */
const GUIDES = [
  'first-certificate',
  'morning-routine',
  'sandbox',
  'nurses-group',
  'renewal',
  'ci-and-cron',
  'helpdesk',
  'from-java',
  'new-computer',
];

const read = (language: string, name: string): Promise<string> =>
  readFile(join('docs/guides', language, `${name}.md`), 'utf8');

const blocks = (text: string, kind = '\\w+'): readonly string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, code = '']) => code,
  );

test.each(LANGUAGES)(
  '%s: every guide is there, listed, with the same commands',
  async (language) => {
    const files = (await readdir(join('docs/guides', language))).sort();
    expect(files).toEqual([...GUIDES.map((name) => `${name}.md`), 'README.md'].sort());
    const index = await read(language, 'README');
    for (const name of GUIDES) {
      const text = await read(language, name);
      const [title = ''] = text.split('\n');
      expect(index).toContain(`[${title.replace(/^# /, '')}](${name}.md)`);
      expect(blocks(text)).toEqual(blocks(await read('en', name)));
    }
  },
);

/** The short run proves that the frame holds, and the guides that people read first. */
const EXECUTED = process.env['TOPAZ_DEEP'] === '1' ? GUIDES : GUIDES.slice(0, 2);

test('the commands work as written', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'topaz-guides-'));
  const scripts = await Promise.all(
    EXECUTED.map(
      async (name) => `( echo "== ${name}" >&2\n${blocks(await read('en', name), 'sh').join('')})`,
    ),
  );
  const script = [
    'set -euo pipefail',
    `topaz() { "${process.execPath}" "${resolve('bin/topaz.js')}" "$@"; }`,
    'export -f topaz',
    'export HOME=$PWD TOPAZ_HOME=$PWD/home TOPAZ_PROFILE=sandbox',
    'trap "TOPAZ_HOME=$PWD/home topaz session close >/dev/null 2>&1 || true; TOPAZ_HOME=$PWD/home topaz sandbox stop >/dev/null 2>&1 || true" EXIT',
    "umask 077; echo 1234 > pin; echo 'guides only, no secret' > password",
    'topaz sandbox start --detach --seed demo --approve auto --data "$PWD/data" > /dev/null',
    'topaz sandbox card create --out card > /dev/null',
    'export TOPAZ_PKCS11_MODULE=sandbox:$PWD/card TOPAZ_PIN_FILE=$PWD/pin',
    'export TOPAZ_KEYSTORE_PASSWORD_FILE=$PWD/password TOPAZ_KEYSTORE_NEW_PASSWORD_FILE=$PWD/password TOPAZ_KEY_PASSPHRASE_FILE=$PWD/password',
    ...scripts,
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
    expect(stdout).toMatch(/\tvalid\t/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 150_000);
