/** `topaz mycarenet insurability --file` against the running sandbox, as typed. */

import { randomUUID } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { main } from '../../../src/main.js';
import { resolvePaths } from '../../../src/profile/paths.js';
import { askSandbox } from '../../../src/sandbox/control-socket.js';
import { demoSeed } from '../../../src/sandbox/demo-seed.js';
import { runSandbox } from '../../../src/sandbox/run-sandbox.js';
import type { RunningSandbox } from '../../../src/sandbox/run-sandbox.js';
import { temporaryHome, testContext } from '../../support/context.js';
import type { TestContext } from '../../support/context.js';
import { checkDocument } from '../../support/json-schema.js';
import { SHARED } from '../../support/tools.js';

const MARIE = '85061199814';
const PAUL = '60031599728';
const STRANGER = '99123199643';
const LIST = `Naam;INSZ\nA;${MARIE}\nB;85.06.11-998.15\nC;${STRANGER}\nD;${PAUL}\nE;${MARIE}\n`;

let home: Awaited<ReturnType<typeof temporaryHome>>;
let running: RunningSandbox;
let data: string;
let password: string[];

interface Ran extends Pick<TestContext, 'stdout' | 'stderr'> {
  readonly status: number;
  /** stdout as bytes. */
  readonly out: string;
}

async function topaz(argv: readonly string[], stdin?: string): Promise<Ran> {
  const ctx = testContext({
    cwd: home.dir,
    home: home.dir,
    now: () => new Date(),
    newId: randomUUID,
    env: { ...home.env, TOPAZ_PROFILE: 'sandbox' },
    ...(stdin === undefined ? {} : { io: { readStdin: () => Promise.resolve(Buffer.from(stdin)) } }), // prettier-ignore
  });
  const status = await main([...argv], ctx);
  return { status, stdout: ctx.stdout, stderr: ctx.stderr, out: Buffer.concat(ctx.bytes).toString() }; // prettier-ignore
}

async function ok(...argv: string[]): Promise<void> {
  const { status, stderr } = await topaz(argv);
  if (status !== 0) {
    throw new Error(`topaz ${argv.join(' ')}: ${stderr.join('\n')}`);
  }
}

const batch = (...argv: string[]): Promise<Ran> =>
  topaz(['mycarenet', 'insurability', '--file', 'list.csv', '--rate', '500', ...password, ...argv]);

/** How many questions reached the service. */
const asked = async (): Promise<number> =>
  (await readdir(join(home.dir, 'record'))).filter((name) =>
    /memberdata.*\.request\.body$/.test(name),
  ).length;

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
    seed: demoSeed(),
    realNow: Date.now,
    newId: randomUUID,
  });
  await writeFile(join(home.dir, 'pw'), 'of the test, 12 or more\n', { mode: 0o600 });
  await writeFile(join(home.dir, 'list.csv'), LIST);
  password = ['--password-file', join(home.dir, 'pw')];
  await ok('sandbox', 'keystore', 'create', '--data', data, '--holder', 'SSIN=79021599732', '--out', 'doctor.p12', ...password); // prettier-ignore
  await ok('keystore', 'import', 'doctor.p12', ...password);
  await ok('keystore', 'use', 'doctor');
  await ok('session', 'open', '--via', 'keystore', '--as', 'doctor', ...password);
}, 60_000);

afterAll(async () => {
  await running.close();
  await home.remove();
});

beforeEach(() => askSandbox(data, 'fail', { clear: true }));

test('a list: one record a line in its order; what cannot be used is told before; exit 11', async () => {
  const { status, out, stderr } = await batch();
  expect(status).toBe(11);
  expect(out.trimEnd().split('\n').map((line) => line.split('\t').slice(0, 3).join(' '))).toEqual([
    `${MARIE} Voorbeeld Marie insured`,
    'line 3  error',
    `${STRANGER}  unknown-patient`,
    `${PAUL} Démonstration Paul insured`,
    `${MARIE} Voorbeeld Marie insured`,
  ]);
  const said = stderr.join('\n');
  expect(said).toMatch(/1 line of the list cannot be used: line 3, the check number/);
  expect(said).toContain('2 answered, 0 known from earlier today, 1 failed');
  expect(said).not.toContain('8506119981');
  expect(await asked()).toBe(3);
}); // prettier-ignore

test('again: nothing is asked, the unknown patient neither', async () => {
  const before = await asked();
  const { status, stderr } = await batch();
  expect(status).toBe(11);
  expect(stderr.join('\n')).toContain('0 answered, 3 known from earlier today, 0 failed');
  expect(await asked()).toBe(before);
});

test('the journal: 0600 in a folder of its own, no number in its name', async () => {
  const folder = join(resolvePaths({ env: home.env, platform: 'linux', home: home.dir }).state, 'sandbox', 'insurability'); // prettier-ignore
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  const names = await readdir(folder);
  expect(names.join()).toMatch(/^[0-9]{4}-[0-9]{2}-[0-9]{2}\.jsonl$/);
  expect((await stat(join(folder, names[0] ?? ''))).mode & 0o777).toBe(0o600);
});

describe('forms', () => {
  test('--json: one document in two lists, as documented', async () => {
    const { status, out, stderr } = await batch('--json');
    expect(status).toBe(11);
    const document = JSON.parse(out) as { done: object[]; failed: { id: string }[] };
    expect(checkDocument(document)).toEqual([]);
    expect(document.done).toHaveLength(3);
    expect(document.failed.map(({ id }) => id)).toEqual(['line 3', STRANGER]);
    expect(stderr.at(-1)).toContain('"E_PARTIAL"');
  });

  test('--format csv with a heading; a file is refused, then replaced with --force', async () => {
    const { status } = await batch('--format', 'csv', '--out', 'out.csv');
    expect(status).toBe(11);
    const path = join(home.dir, 'out.csv');
    const lines = (await readFile(path, 'utf8')).split('\r\n');
    expect(lines[0]).toBe('ssin;name;status;mutuality;ct1ct2;bim;thirdParty;until;message');
    expect(lines[1]).toMatch(new RegExp(`^${MARIE};Voorbeeld Marie;insured;319;110/110;no;`));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const again = await batch('--format', 'csv', '--out', 'out.csv');
    expect([again.status, again.stderr.join('\n')]).toEqual([2, expect.stringContaining('E_FILE_EXISTS')]); // prettier-ignore
    expect((await batch('--format', 'csv', '--out', 'out.csv', '--force')).status).toBe(11);
    expect((await readdir(home.dir)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('--format jsonl: one document a line, failures too', async () => {
    const { out } = await batch('--format', 'jsonl');
    const lines = out.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
    expect(lines.map((line) => line['status'] ?? line['id'])).toEqual(['insured', 'line 3', STRANGER, 'insured', 'insured']); // prettier-ignore
    expect(lines.every((line) => line['schema'] === 'topaz.mycarenet.insurability/1')).toBe(true);
  });

  test('--format table in French, headings in the language', async () => {
    const { out } = await batch('--format', 'table', '--lang', 'fr');
    expect(out.split('\n')[0]).toMatch(/^NISS\s+NOM\s+ÉTAT/);
    expect(out).toContain('85.06.11-998.14');
  });

  test('from stdin', async () => {
    const { status, out } = await topaz(['mycarenet', 'insurability', '--file', '-', ...password], `{"ssin":"${MARIE}"}\n`); // prettier-ignore
    expect([status, out.split('\t')[0]]).toEqual([0, MARIE]);
  });
});

describe('what changed', () => {
  test('nothing, right after', async () => {
    const { status, out, stderr } = await batch('--changes-since', 'last', '--json');
    expect(status).toBe(11);
    expect(JSON.parse(out)).toMatchObject({ changed: [] });
    expect(checkDocument(JSON.parse(out))).toEqual([]);
    expect(stderr.join('\n')).not.toContain('E_INTERNAL');
  });

  test('another mutuality on another day of the seed is told with both values', async () => {
    await writeFile(join(home.dir, 'two.csv'), `${MARIE}\n${PAUL}\n`);
    const path = join(resolvePaths({ env: home.env, platform: 'linux', home: home.dir }).state, 'sandbox', 'insurability'); // prettier-ignore
    const [name = ''] = await readdir(path);
    // The answer of another day: as it would have been kept then.
    const then = (await readFile(join(path, name), 'utf8')).replaceAll('"mutuality":"319"', '"mutuality":"101"'); // prettier-ignore
    await writeFile(join(path, '2026-01-05.jsonl'), then.replace(/"at":"[^"]+"/g, '"at":"2026-01-05T10:00:00.000Z"'), { mode: 0o600 }); // prettier-ignore
    await ok('profile', 'set', 'mycarenet.journalDays', '366');
    const { out, stderr, status } = await topaz(['mycarenet', 'insurability', '--file', 'two.csv', '--changes-since', '2026-01-31', ...password]); // prettier-ignore
    expect(status).toBe(0);
    expect(out).toBe(`${MARIE}\tVoorbeeld Marie\tmutuality\t101\t319\n`);
    expect(stderr.join('\n')).toContain('1 changed, 1 the same, 0 without an earlier answer');
  });
});

describe('the older service', () => {
  const askedGenIns = async (): Promise<number> =>
    (await readdir(join(home.dir, 'record'))).filter((name) => /genins.*\.request\.body$/.test(name)).length;

  test('--service genins: asked anew whatever MemberData said, and said so in each answer', async () => {
    await writeFile(join(home.dir, 'genins.csv'), `${MARIE}\n${STRANGER}\n`);
    const argv = ['mycarenet', 'insurability', '--file', 'genins.csv', '--service', 'genins', '--rate', '500', ...password];
    const before = await asked();
    const { status, out } = await topaz([...argv, '--json']);
    expect(status).toBe(11);
    const document = JSON.parse(out) as { failed: { error: { details: object } }[] };
    expect(checkDocument(document)).toEqual([]);
    expect(document).toMatchObject({
      done: [{ service: 'genins', status: 'insured', periods: [{ mutuality: '319' }] }],
      failed: [{ id: STRANGER, error: { code: 'E_PATIENT_UNKNOWN', details: { service: 'genins', detailCode: '23' } } }],
    });
    expect([await asked(), await askedGenIns()]).toEqual([before, 2]);
    // Kept like any other, and not mistaken for an answer of MemberData.
    const again = await topaz(argv);
    expect(again.stderr.join('\n')).toContain('0 answered, 2 known from earlier today, 0 failed');
    expect([await asked(), await askedGenIns()]).toEqual([before, 2]);
  });

  test.each([
    ['through the mailbox', ['--async'], /GenIns has no mailbox/],
    ['for its answers there', ['--collect'], /GenIns has no mailbox/],
    ['about another facet', ['--facet', 'carePath'], /knows no facets/],
    ['for an invoice', ['--request-type', 'invoicing'], /for information only/],
    ['sealed', ['--encrypt'], /takes no sealed questions/],
    ['for every fact', ['--raw'], /states no single facts/],
  ])('is not asked %s', async (_, words, message) => {
    const { status, stderr } = await batch('--service', 'genins', ...words);
    expect([status, stderr.join('\n')]).toEqual([2, expect.stringMatching(message)]);
  });

  test('is not asked for an office that sends', async () => {
    await ok('profile', 'set', 'mycarenet.sender.quality', 'groupofdoctors');
    const { status, stderr } = await batch('--service', 'genins');
    await ok('profile', 'unset', 'mycarenet.sender');
    expect([status, stderr.join('\n')]).toEqual([2, expect.stringContaining('no place for an office')]);
  });
}); // prettier-ignore

describe('refusals', () => {
  test.each<[string, string[], RegExp]>([
    ['a list and a patient', [MARIE, '--file', 'list.csv'], /not asked together/],
    ['a flag of lists without a list', [MARIE, '--rate', '3'], /--rate goes with a list/],
    ['another one', [MARIE, '--changes-since', 'last'], /--changes-since goes with a list/],
    ['a pace of nothing', ['--file', 'list.csv', '--rate', '0'], /--rate takes a number from 1/],
    [
      'too many at a time',
      ['--file', 'list.csv', '--concurrency', '17'],
      /--concurrency takes a number from 1 to 16/,
    ],
    [
      'an age that is none',
      ['--file', 'list.csv', '--max-age', 'old'],
      /--max-age takes a duration/,
    ],
    [
      'a day that is none',
      ['--file', 'list.csv', '--changes-since', 'tuesday'],
      /--changes-since takes a day/,
    ],
    [
      'two forms',
      ['--file', 'list.csv', '--format', 'csv', '--json'],
      /--json is a form of its own/,
    ],
    ['a form that is none', ['--file', 'list.csv', '--format', 'xml'], /does not take this value/],
    ['no such list', ['--file', 'none.csv'], /none\.csv cannot be read/],
    ['a folder', ['--file', '.'], /\. cannot be read/],
  ])('%s', async (_, words, message) => {
    const before = await asked();
    const { status, stderr, out } = await topaz(['mycarenet', 'insurability', ...words, ...password]); // prettier-ignore
    expect([status, out]).toEqual([2, '']);
    expect(stderr.join('\n')).toMatch(message);
    expect(await asked()).toBe(before);
  });

  test('a list without one number: E_LIST_INVALID before session and password', async () => {
    await writeFile(join(home.dir, 'bad.csv'), 'a;b\nc;d\n');
    const { status, stderr } = await topaz(['mycarenet', 'insurability', '--file', 'bad.csv']);
    expect([status, stderr.join('\n')]).toEqual([2, expect.stringContaining('E_LIST_INVALID')]);
  });

  test('the platform down: it stops, exit of the failure, nothing half-written', async () => {
    await askSandbox(data, 'fail', { target: 'memberdata', kind: 'fault:SOA-01001', times: 1 });
    const before = await asked();
    await writeFile(join(home.dir, 'two.csv'), `${MARIE}\n${PAUL}\n`);
    const { status } = await topaz(['mycarenet', 'insurability', '--file', 'two.csv', '--max-age', '0', '--concurrency', '1', ...password]); // prettier-ignore
    expect(status).toBe(7);
    expect((await asked()) - before).toBe(1);
  });
});

test('--dry-run: the questions, nothing sent', async () => {
  const before = await asked();
  await ok('profile', 'set', 'mycarenet.nihii', '19547181004');
  await ok('profile', 'set', 'mycarenet.quality', 'doctor');
  const { status, stdout } = await batch('--dry-run', '--json');
  expect(status).toBe(0);
  expect(JSON.parse(stdout.join(''))).toMatchObject({ dryRun: true });
  expect(await asked()).toBe(before);
});
