/** `topaz mycarenet insurability --file LIST --async` and `--collect` against the running sandbox, as typed. */

import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { main } from '../../../src/main.js';
import { resolvePaths } from '../../../src/profile/paths.js';
import { askSandbox } from '../../../src/sandbox/control-socket.js';
import { demoSeed } from '../../../src/sandbox/demo-seed.js';
import { runSandbox } from '../../../src/sandbox/run-sandbox.js';
import type { RunningSandbox } from '../../../src/sandbox/run-sandbox.js';
import { temporaryHome, testContext } from '../../support/context.js';
import { checkDocument } from '../../support/json-schema.js';
import { SHARED } from '../../support/tools.js';

const MARIE = '85061199814';
const STRANGER = '99123199643';
let home: Awaited<ReturnType<typeof temporaryHome>>;
let running: RunningSandbox;
let data: string;
let password: string[];

async function topaz(...argv: string[]) {
  const ctx = testContext({
    cwd: home.dir,
    home: home.dir,
    now: () => new Date(),
    newId: randomUUID,
    env: { ...home.env, TOPAZ_PROFILE: 'sandbox' },
  });
  const status = await main(argv, ctx);
  return { status, stdout: ctx.stdout.join('\n'), stderr: ctx.stderr.join('\n'), out: Buffer.concat(ctx.bytes).toString() }; // prettier-ignore
}

async function ok(...argv: string[]): Promise<void> {
  const { status, stderr } = await topaz(...argv);
  if (status !== 0) {
    throw new Error(`topaz ${argv.join(' ')}: ${stderr}`);
  }
}

interface Doc {
  done: { request: { patient: { ssin: string } }; status: string }[];
  failed: { id: string; error: { code: string } }[];
}

async function batch(file: string, ...argv: string[]) {
  const { status, out, stderr } = await topaz('mycarenet', 'insurability', '--file', file, ...argv, ...password, '--json'); // prettier-ignore
  const document = out === '' ? { done: [], failed: [] } : (JSON.parse(out) as Doc);
  if (out !== '') {
    expect(checkDocument({ ...document, schema: 'topaz.mycarenet.insurability/1' })).toEqual([]);
  }
  return { status, document, stderr };
}

const fail = (target: string, kind: string, times = 1) =>
  askSandbox(data, 'fail', { target, kind, times });

/** Posts that reached the sandbox. */
const posts = async (): Promise<readonly string[]> =>
  (await readdir(join(home.dir, 'record'))).filter((name) => name.endsWith('genasync-post.request.body')); // prettier-ignore

beforeAll(async () => {
  home = await temporaryHome();
  data = join(home.dir, 'data');
  running = await runSandbox({
    paths: resolvePaths({ env: home.env, platform: 'linux', home: home.dir }),
    dataFolder: data,
    port: 0,
    profile: 'sandbox',
    recordFolder: join(home.dir, 'record'),
    schemaFolders: [join(SHARED, 'schemas')],
    strict: true,
    seed: { ...demoSeed(), genasync: [] },
    realNow: Date.now,
    newId: randomUUID,
  });
  await writeFile(join(home.dir, 'pw'), 'of the test, 12 or more\n', { mode: 0o600 });
  password = ['--password-file', join(home.dir, 'pw')];
  await ok('sandbox', 'keystore', 'create', '--data', data, '--holder', 'NIHII-GROUP=94499180', '--out', 'group.p12', ...password); // prettier-ignore
  await ok('keystore', 'import', 'group.p12', '--use', ...password);
  await ok('session', 'open', '--via', 'keystore', '--as', 'groupofnurses', ...password);
}, 60_000);

afterAll(async () => {
  await running.close();
  await home.remove();
});

beforeEach(() => askSandbox(data, 'fail', { clear: true }));

test('a list is posted, its answers are collected in its order, and nothing is asked twice', async () => {
  await writeFile(join(home.dir, 'small.csv'), `INSZ\n${STRANGER}\n${MARIE}\n85061199815\n`);
  const posted = await batch('small.csv', '--async');
  expect(posted.status).toBe(8);
  expect(posted.document.failed.map(({ error }) => error.code)).toEqual(['E_ASYNC_PENDING', 'E_ASYNC_PENDING', 'E_SSIN_INVALID']);
  expect(await posts()).toHaveLength(1);
  expect((await batch('small.csv', '--async')).status).toBe(8);
  expect(await posts()).toHaveLength(1);
  const collected = await batch('small.csv', '--collect');
  expect(collected.status).toBe(11);
  expect(collected.document.done).toMatchObject([{ status: 'insured', request: { patient: { ssin: MARIE } } }]);
  expect(collected.document.failed.map(({ error }) => error.code)).toEqual(['E_PATIENT_UNKNOWN', 'E_SSIN_INVALID']);
  // What is answered is not posted again; what was refused is.
  await batch('small.csv', '--async');
  expect(await posts()).toHaveLength(1);
  const table = await topaz('mycarenet', 'insurability', '--file', 'small.csv', '--collect', '--format', 'csv', ...password);
  expect(table.out.split('\n')[2]).toMatch(/^85061199814;/);
}); // prettier-ignore

test('a post whose acknowledgement was lost goes again under the same reference, and counts once', async () => {
  const [one, two] = demoSeed().patients.slice(30, 32).map(({ ssin }) => ssin);
  await writeFile(join(home.dir, 'lost.csv'), `INSZ\n${one ?? ''}\n${two ?? ''}\n`);
  await fail('genasync.post', 'lost', 9);
  const before = await posts();
  expect((await batch('lost.csv', '--async')).status).toBe(6);
  await askSandbox(data, 'fail', { clear: true });
  expect((await batch('lost.csv', '--async')).status).toBe(8);
  const bodies = await Promise.all(
    (await posts()).filter((name) => !before.includes(name)).map((name) => readFile(join(home.dir, 'record', name), 'utf8')),
  );
  const references = new Set(bodies.map((body) => /<c:InputReference>([^<]+)/.exec(body)?.[1]));
  expect(references.size).toBe(1);
  const { document } = await batch('lost.csv', '--collect');
  expect(document.done.length + document.failed.length).toBe(2);
  expect(document.failed.filter(({ error }) => error.code === 'E_ASYNC_PENDING')).toEqual([]);
}); // prettier-ignore

test('the 421 patients of the demo in two posts', async () => {
  const ssins = demoSeed().patients.map(({ ssin }) => ssin);
  await writeFile(join(home.dir, 'all.csv'), `INSZ\n${ssins.join('\n')}\n`);
  const before = (await posts()).length;
  expect((await batch('all.csv', '--async')).status).toBeGreaterThan(0);
  expect((await posts()).length - before).toBe(2);
  const { document } = await batch('all.csv', '--collect');
  expect(document.done.length + document.failed.length).toBe(421);
  expect(document.failed.filter(({ error }) => error.code === 'E_ASYNC_PENDING')).toEqual([]);
  const order = document.done.map(({ request }) => request.patient.ssin);
  expect(order).toEqual(ssins.filter((ssin) => order.includes(ssin)));
  const folder = join(home.dir, 'record');
  const verdicts = await Promise.all((await readdir(folder)).filter((name) => /genasync.*\.json$/.test(name)).map((name) => readFile(join(folder, name), 'utf8')));
  expect(verdicts.filter((text) => text.includes('tolerated'))).toEqual([]);
}, 60_000); // prettier-ignore

describe('a sealed list', () => {
  const bodiesSince = async (before: readonly string[]): Promise<readonly string[]> =>
    Promise.all((await posts()).filter((name) => !before.includes(name)).map((name) => readFile(join(home.dir, 'record', name), 'utf8'))); // prettier-ignore

  test('can be read by the broker alone; its answers come sealed for us, and are read', async () => {
    const [one = '', two = ''] = demoSeed().patients.slice(40, 42).map(({ ssin }) => ssin);
    await writeFile(join(home.dir, 'sealed.csv'), `INSZ\n${one}\n${two}\n`);
    const before = await posts();
    // The acknowledgement of the first time is lost: sealed again, under the same reference.
    await fail('genasync.post', 'lost', 9);
    expect((await batch('sealed.csv', '--async', '--encrypt', '--max-age', '0')).status).toBe(6);
    await askSandbox(data, 'fail', { clear: true });
    expect((await batch('sealed.csv', '--async', '--encrypt', '--max-age', '0')).status).toBe(8);
    const bodies = await bodiesSince(before);
    expect(new Set(bodies.map((body) => /<c:InputReference>([^<]+)/.exec(body)?.[1])).size).toBe(1);
    for (const body of bodies) {
      expect(body).toContain('ContentEncryption="encryptedForKnownBED"');
      const carried = Buffer.from(/<a:Detail[^>]*>([^<]+)/.exec(body)?.[1] ?? '', 'base64');
      expect(carried.includes(one)).toBe(false);
      expect(carried.includes('AttributeQuery')).toBe(false);
    }
    const { document } = await batch('sealed.csv', '--collect');
    expect([...document.done.map(({ request }) => request.patient.ssin), ...document.failed.map(({ id }) => id)].sort()).toEqual([one, two].sort());
    expect(document.failed.filter(({ error }) => error.code === 'E_ASYNC_PENDING')).toEqual([]);
    const { stdout } = await topaz('mycarenet', 'mailbox', 'list', '--domain', 'mda', '--json');
    const { messages } = JSON.parse(stdout) as { messages: { inputReference?: string; encryption?: string; problem?: string }[] };
    expect(messages.length).toBeGreaterThan(0);
    expect(messages.every(({ problem }) => problem === undefined)).toBe(true);
  }, 30_000); // prettier-ignore

  test('without a token of the broker nothing is posted, in clear neither', async () => {
    const [one = ''] = demoSeed()
      .patients.slice(50, 51)
      .map(({ ssin }) => ssin);
    await writeFile(join(home.dir, 'unsealed.csv'), `INSZ\n${one}\n`);
    await fail('etkdepot', 'http:503', 99);
    const before = (await posts()).length;
    const known = (await readdir(home.dir, { recursive: true })).filter((name) => /etk\/sandbox\/[^/]+$/.test(name)); // prettier-ignore
    await Promise.all(
      known.map((name) => rm(join(home.dir, name), { recursive: true, force: true })),
    );
    const { status } = await batch('unsealed.csv', '--async', '--encrypt');
    expect(status).toBe(6);
    expect((await posts()).length).toBe(before);
  });
});

describe('what would be posted', () => {
  test('is shown without the password of the licence, and nothing is sent', async () => {
    await ok('profile', 'set', 'mycarenet.quality', 'groupofnurses');
    await ok('profile', 'set', 'mycarenet.nihii', '94499180');
    const before = (await posts()).length;
    await writeFile(join(home.dir, 'dry.csv'), `INSZ\n${STRANGER}\n${MARIE}\n`);
    const { status, stdout } = await topaz('mycarenet', 'insurability', '--file', 'dry.csv', '--async', '--dry-run', '--json'); // prettier-ignore
    expect(status).toBe(0);
    expect(checkDocument(JSON.parse(stdout))).toEqual([]);
    expect(stdout).toContain('AttributeQueryList');
    expect(stdout).toContain('***');
    expect((await posts()).length).toBe(before);
  });

  test('--encrypt says that it would be sealed', async () => {
    const { status, stdout } = await topaz('mycarenet', 'insurability', '--file', 'dry.csv', '--async', '--encrypt', '--dry-run', '--json'); // prettier-ignore
    expect(status).toBe(0);
    expect(checkDocument(JSON.parse(stdout))).toEqual([]);
    expect(JSON.parse(stdout)).toMatchObject({ encrypt: true });
  });

  test('a single patient is not posted', async () => {
    const { status, stderr } = await topaz('mycarenet', 'insurability', MARIE, '--async', '--json');
    expect(status).toBe(2);
    expect(stderr).toContain('--file');
  });
});
