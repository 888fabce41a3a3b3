/**
 * `kill -9` at random moments of a mailbox synchronisation with 200 messages, the built program against the running
 * sandbox: nothing is confirmed that is not on the disk, nothing is lost, nothing comes twice. TOPAZ_DEEP=1 kills a
 * hundred times.
 */

import { spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { createHome, type Home } from '../../support/binary.js';

const DEEP = process.env['TOPAZ_DEEP'] === '1';
const KILLS = DEEP ? 100 : 2;
const MESSAGES = 200;

let home: Home;
let password: string[];
/** How long the program needs to start, on this machine, now. */
let startMs: number;

beforeAll(async () => {
  home = await createHome();
  password = ['--password-file', home.passwordFile];
  const genasync = Array.from({ length: MESSAGES }, (_, n) => ({
    to: 'NIHII=94499180',
    service: 'invoicing',
    messageName: 'HCPAFD',
    contentBase64: Buffer.from(`message ${n} ${'x'.repeat((n * 37) % 2000)}`).toString('base64'),
    encoding: n % 2 === 0 ? 'deflate' : 'none',
    form: n % 5 === 0 ? 'xop' : 'inline',
  }));
  const seed = {
    schema: 'topaz.sandbox.seed/1',
    organisations: [{ type: 'NIHII-GROUP', id: '94499180', name: 'Groupe Exemple', responsible: '68052399767' }],
    genasync,
  };
  await writeFile(home.path('seed.json'), JSON.stringify(seed));
  await home.startSandbox('--seed', home.path('seed.json'));
  const data = ['--data', home.path('sandbox-data')];
  await home.json(['sandbox', 'keystore', 'create', ...data, '--holder', 'NIHII-GROUP=94499180', '--out', 'group.p12', ...password]);
  await home.json(['keystore', 'import', 'group.p12', '--use', ...password]);
  await home.json(['session', 'open', '--via', 'keystore', '--as', 'groupofnurses', ...password]);
  const before = performance.now();
  await home.json(['mycarenet', 'mailbox', 'list']);
  startMs = performance.now() - before;
}, 120_000); // prettier-ignore

afterAll(async () => {
  await home.close();
}, 30_000);

/** A sequence that can be played again. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}

const SYNC = ['mycarenet', 'mailbox', 'sync', '--domain', 'invoicing'];

/** Runs topaz and kills it after a while. @returns Whether it was killed. */
function runAndKill(args: readonly string[], afterMs: number): Promise<boolean> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [resolve('bin/topaz.js'), ...args, ...password], {
      cwd: home.dir,
      env: home.env,
      stdio: 'ignore',
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
    child.on('close', (_status, signal) => {
      clearTimeout(timer);
      done(signal === 'SIGKILL');
    });
  });
}

/** Somewhere in the work: not before the program has started. */
const moment = (random: (below: number) => number): number => startMs * (0.8 + random(1000) / 800);

interface Listed {
  messages: { id: string; reference: string; confirmed: boolean; problem?: string }[];
}

/** Messages that this machine holds, also those that a second copy is about to replace. */
async function held(): Promise<number> {
  const paths = await readdir(home.dir, { recursive: true });
  const ids = paths.flatMap((path) => /invoicing\/(?:messages\/|tmp\/old-messages-)([0-9a-f]{16})$/.exec(path)?.[1] ?? []);
  return new Set(ids).size;
} // prettier-ignore

test('killed and run again, every message is here once, whole, and confirmed', async () => {
  const random = dice(20_260_209);
  // Everything is here already, and none of it can be relied on: each right copy takes the place of a wrong one.
  const fail = ['sandbox', 'fail', '--data', home.path('sandbox-data')];
  await home.json([...fail, 'genasync.get', '--with', 'fault:WRONG_HASH']);
  await home.run([...SYNC, ...password]);
  await home.json([...fail, '--clear']);
  expect(await held()).toBe(MESSAGES);
  let killed = 0;
  for (let n = 0; n < KILLS; n += 1) {
    killed += (await runAndKill(SYNC, moment(random))) ? 1 : 0;
    expect(await held()).toBeGreaterThanOrEqual(MESSAGES);
    // Half way the rest is delivered anew, so that there is always something to fetch.
    if (DEEP && n % 10 === 9) {
      await writeFile(home.path('more.json'), JSON.stringify({ schema: 'topaz.sandbox.seed/1', genasync: Array.from({ length: 20 }, (_, m) => ({ to: 'NIHII=94499180', service: 'invoicing', messageName: 'HCPAFD', contentBase64: Buffer.from(`more ${n} ${m}`).toString('base64') })) }));
      await home.json(['sandbox', 'seed', home.path('more.json'), '--data', home.path('sandbox-data')]);
    }
  }
  expect(killed).toBeGreaterThan(0);
  const last = await home.json([...SYNC, ...password]);
  expect(last).toMatchObject({ failed: [], mailboxes: [{ complete: true, unreadable: [] }] });
  const { messages } = (await home.json(['mycarenet', 'mailbox', 'list'])) as unknown as Listed;
  const expected = MESSAGES + (DEEP ? Math.floor(KILLS / 10) * 20 : 0);
  expect(messages).toHaveLength(expected);
  expect(new Set(messages.map(({ reference }) => reference)).size).toBe(expected);
  expect(messages.every(({ confirmed, problem }) => confirmed && problem === undefined)).toBe(true);
  const left = (await readdir(home.dir, { recursive: true })).filter((path) => /mycarenet\/invoicing\/tmp\/.|\.tmp$/.test(path));
  expect(left).toEqual([]);
}, 400_000); // prettier-ignore

/** Numbers with check digits that belong to nobody. */
const strangers = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => {
    const base = 500_101_000 + Math.floor(n / 900) * 100_000 + (n % 900) + 1;
    return `${base}${String(97 - (base % 97)).padStart(2, '0')}`;
  });

(DEEP ? test : test.skip)('a list through the mailbox, killed a hundred times: every question is posted once', async () => {
  const random = dice(20_260_210);
  const ssins = strangers(2000);
  await writeFile(home.path('list.csv'), `INSZ\n${ssins.join('\n')}\n`);
  const post = ['mycarenet', 'insurability', '--file', 'list.csv', '--async'];
  let killed = 0;
  for (let n = 0; n < KILLS; n += 1) {
    killed += (await runAndKill(post, moment(random))) ? 1 : 0;
  }
  expect(killed).toBeGreaterThan(0);
  await home.run([...post, ...password]);
  const { stdout } = await home.run(['mycarenet', 'insurability', '--file', 'list.csv', '--collect', '--json', ...password]);
  const { failed } = JSON.parse(stdout) as { failed: { error: { code: string } }[] };
  expect(failed).toHaveLength(ssins.length);
  expect(new Set(failed.map(({ error }) => error.code))).toEqual(new Set(['E_PATIENT_UNKNOWN']));
  const sent = (await readdir(home.dir, { recursive: true })).filter((path) => /mycarenet\/mda\/sent\/[^/]+\/content$/.test(path));
  const lists = await Promise.all(sent.map((path) => readFile(home.path(path), 'utf8')));
  expect(lists.join('').match(/<samlp:AttributeQuery /g)).toHaveLength(ssins.length);
}, 400_000); // prettier-ignore
