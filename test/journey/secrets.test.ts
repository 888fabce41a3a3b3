/**
 * No PIN, password or private key in a command line, a log, an answer or a file outside keystores: looked
 * for while the journey runs, in the places where others could look too.
 */

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { createHome, type Home, type Outcome } from '../support/binary.js';

const PIN = '583914';
const PASSWORD = 'Unlikely-to-occur-by-chance-7319';
const SECRETS = [PASSWORD, 'PRIVATE KEY'];

let home: Home;
let seen: string[] = [];
let watching = true;
let watcher: Promise<void>;
const outcomes: Outcome[] = [];

beforeAll(async () => {
  home = await createHome();
  await writeFile(home.pinFile, `${PIN}\n`, { mode: 0o600 });
  await writeFile(home.passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
  watcher = watchCommandLines();
  const pin = ['--pin-file', home.pinFile];
  const password = ['--password-file', home.passwordFile];
  const log = ['--log-file', home.path('topaz.log'), '--debug'];
  await home.json([
    'sandbox', 'card', 'create', '--out', home.path('card'), '--ssin', '79021599732', '--name', 'Jean Exemple',
    '--key', 'rsa', '--pin', PIN,
  ]); // prettier-ignore
  // The one exception to the rule: a test card's PIN is no secret when the card is made.
  seen = [];
  home.env['TOPAZ_PKCS11_MODULE'] = `sandbox:${home.path('card')}`;
  await home.startSandbox('--seed', 'demo', '--record', home.path('record'));
  for (const args of [
    [
      'cert',
      'request',
      '--as',
      'person',
      '--email',
      'jean@exemple.test',
      '--phone',
      '+3221234567',
      '--accept-terms',
      ...pin,
      ...password,
    ],
    ['cert', 'finalize', '--use', ...password],
    ['session', 'open', '--via', 'eid', '--as', 'doctor', ...pin, ...password],
    ['session', 'show'],
    ['profile', 'set', 'ehbox.quality', 'DOCTOR'],
    ['ehbox', 'sync', ...password],
    ['profile', 'set', 'mycarenet.quality', 'doctor'],
    ['profile', 'set', 'mycarenet.nihii', '19547181004'],
    ['profile', 'set', 'mycarenet.name', 'Jean Exemple'],
    ['mycarenet', 'insurability', '85061199814', ...password],
  ]) {
    outcomes.push(await home.run([...args, ...log]));
  }
  watching = false;
  await watcher;
}, 180_000);

afterAll(async () => {
  await home.close();
}, 30_000);

/** What `ps` shows of every process, many times a second. */
async function watchCommandLines(): Promise<void> {
  while (watching) {
    for (const pid of await readdir('/proc').catch(() => [])) {
      if (/^\d+$/.test(pid)) {
        const line = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
        if (line.includes(PASSWORD) || line.split('\0').includes(PIN)) {
          seen.push(line);
        }
      }
    }
    await new Promise((done) => setTimeout(done, 5));
  }
}

test('the journey went well', () => {
  expect(outcomes.map(({ status, stderr }) => ({ status, stderr: status === 0 ? '' : stderr }))).toEqual(
    outcomes.map(() => ({ status: 0, stderr: '' })),
  ); // prettier-ignore
});

test('no command line held a secret', () => {
  expect(seen).toEqual([]);
});

test('nothing printed holds a secret or an assertion', () => {
  const printed = outcomes.map(({ stdout, stderr }) => stdout + stderr).join('\n');
  for (const secret of [...SECRETS, PIN, '<Assertion', ':Assertion']) {
    expect({ secret, found: printed.includes(secret) }).toEqual({ secret, found: false });
  }
});

test('no file outside keystores, cards and the PKI of the sandbox holds a secret', async () => {
  const found: string[] = [];
  for (const entry of await readdir(home.dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const inside = path.slice(home.dir.length);
    if (!entry.isFile() || /^\/(?:pin|password)$|^\/card\/|\/pki\/|\.p12$/.test(inside)) {
      continue;
    }
    const text = await readFile(path, 'latin1');
    if (SECRETS.some((secret) => text.includes(secret)) || text.split(/[\s"<>]/).includes(PIN)) {
      found.push(inside);
    }
  }
  expect(found).toEqual([]);
});

test('the log holds no patient and no assertion', async () => {
  const log = await readFile(home.path('topaz.log'), 'utf8').catch(() => '');
  for (const text of ['85061199814', '85.06.11-998.14', 'Voorbeeld', 'Assertion']) {
    expect({ text, found: log.includes(text) }).toEqual({ text, found: false });
  }
});
