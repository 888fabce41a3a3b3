/** `topaz mycarenet insurability` with keystore, session and services, as typed; only the process is the test's own. */

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
import { SHARED } from '../../support/tools.js';

const MARIE = '85061199814';
const PAUL = '60031599728';
const NURSE = '72090499770';
const STRANGER = '99123199643';
const PASSWORD = 'of the test, 12 or more';
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
  return { status, stdout: ctx.stdout, stderr: ctx.stderr };
}

async function ok(...argv: string[]): Promise<void> {
  const { status, stderr } = await topaz(...argv);
  if (status !== 0) {
    throw new Error(`topaz ${argv.join(' ')}: ${stderr.join('\n')}`);
  }
}

async function insurability(...argv: string[]) {
  const { status, stdout, stderr } = await topaz('mycarenet', 'insurability', ...argv, ...password, '--json'); // prettier-ignore
  const [document, error] = [stdout.join(''), stderr.at(-1) ?? ''].map((text) =>
    text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : undefined,
  );
  return { status, document, error: error?.['error'] };
}

const fail = (kind: string, times?: number) =>
  askSandbox(data, 'fail', { target: 'memberdata', kind, ...(times === undefined ? {} : { times }) }); // prettier-ignore

beforeAll(async () => {
  const demo = demoSeed();
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
    seed: {
      ...demo,
      // A number whose check digits do not fit the usual rule.
      persons: demo.persons.map((person) =>
        person.ssin === NURSE
          ? { ...person, qualities: [{ quality: 'nurse', nihii: '40012303401' }] }
          : person,
      ),
    },
    realNow: Date.now,
    newId: randomUUID,
  });
  await writeFile(join(home.dir, 'pw'), `${PASSWORD}\n`, { mode: 0o600 });
  password = ['--password-file', join(home.dir, 'pw')];
  for (const [holder, file] of [['SSIN=79021599732', 'doctor.p12'], ['NIHII-GROUP=94499180', 'group.p12'], [`SSIN=${NURSE}`, 'nurse.p12']] as const) {
    await ok('sandbox', 'keystore', 'create', '--data', data, '--holder', holder, '--out', file, ...password);
    await ok('keystore', 'import', file, ...password);
  }
  await ok('keystore', 'use', 'doctor');
}, 60_000); // prettier-ignore

afterAll(async () => {
  await running.close();
  await home.remove();
});

beforeEach(() => askSandbox(data, 'fail', { clear: true }));

test('without a session that is what is missing, and no password is read', async () => {
  const { status, stderr } = await topaz('mycarenet', 'insurability', MARIE, '--json');
  expect(status).toBe(4);
  expect(stderr.at(-1)).toContain('"E_SESSION_NONE"');
});

describe('a doctor', () => {
  beforeAll(() => ok('session', 'open', '--via', 'keystore', '--as', 'doctor', ...password), 30_000); // prettier-ignore

  test('asks with nothing in the profile but what the sandbox wrote', async () => {
    const { status, document } = await insurability(MARIE);
    expect(status).toBe(0);
    expect(document).toMatchObject({
      schema: 'topaz.mycarenet.insurability/1',
      environment: 'sandbox',
      status: 'insured',
      patient: { lastName: 'Voorbeeld', firstName: 'Marie' },
      periods: [{ mutuality: '319', ct1: '110', ct2: '110' }],
    });
  });

  test('gets a record in a pipe; the session is told on stderr', async () => {
    const { stdout, stderr } = await topaz('mycarenet', 'insurability', PAUL, ...password);
    expect(stdout).toHaveLength(1);
    expect(stdout[0]).toMatch(/^60031599728\tDémonstration Paul\tinsured\t509\t111\/111\tyes\tyes\t/);
    expect(stderr.join('\n')).toContain('Session valid until');
  }); // prettier-ignore

  test('several: what worked and what did not, exit 11', async () => {
    const { status, document, error } = await insurability(MARIE, STRANGER, PAUL);
    expect(status).toBe(11);
    expect(document).toMatchObject({
      done: [{ patient: { firstName: 'Marie' } }, { patient: { firstName: 'Paul' } }],
      failed: [{ id: STRANGER, error: { code: 'E_PATIENT_UNKNOWN' } }],
    });
    expect(error).toMatchObject({ code: 'E_PARTIAL' });
  });

  test('an unknown patient: stdout empty, the meaning in the language of the user', async () => {
    const { status, document, error } = await insurability(STRANGER, '--lang', 'fr');
    expect({ status, document }).toEqual({ status: 7, document: undefined });
    expect(error).toMatchObject({
      code: 'E_PATIENT_UNKNOWN',
      facts: expect.arrayContaining(['aucune mutualité ne connaît ce NISS']) as unknown,
      details: { detailCode: 'UNKNOWN_NISS_ROUTING', references: { nip: expect.any(String) as unknown } }, // prettier-ignore
    });
  });

  test('asks sealed where both have an ETK, and in clear when told so; the record shows it', async () => {
    const lastRequest = async (): Promise<string> => {
      const names = (await readdir(join(home.dir, 'record'))).sort();
      const name = names.filter((file) => file.includes('memberdata') && file.endsWith('.json')).at(-1) ?? '';
      return readFile(join(home.dir, 'record', name), 'utf8');
    };
    for (const flags of [[], ['--encrypt']]) {
      const { status, stderr } = await topaz('mycarenet', 'insurability', MARIE, ...flags, ...password);
      expect(status).toBe(0);
      expect(stderr.join('\n')).not.toContain('in clear');
      expect(await lastRequest()).toContain('"sealed"');
    }
    expect((await insurability(MARIE, '--no-encrypt')).status).toBe(0);
    expect(await lastRequest()).not.toContain('"sealed"');
  }, 30_000); // prettier-ignore

  test('--encrypt without ETK asks nothing; without the flag it is told that it goes in clear', async () => {
    await askSandbox(data, 'fail', { target: 'etkdepot', kind: 'http:503' });
    await rm(join(home.dir, 'cache'), { recursive: true, force: true });
    const cache = (await readdir(home.dir, { recursive: true })).filter((name) => /etk\/sandbox\/[^/]+$/.test(name));
    await Promise.all(cache.map((name) => rm(join(home.dir, name), { recursive: true, force: true })));
    const before = (await readdir(join(home.dir, 'record'))).filter((name) => name.includes('memberdata')).length;
    const { status, stdout } = await topaz('mycarenet', 'insurability', MARIE, '--encrypt', ...password);
    expect([status, stdout]).toEqual([6, []]);
    expect((await readdir(join(home.dir, 'record'))).filter((name) => name.includes('memberdata'))).toHaveLength(before);
    const open = await topaz('mycarenet', 'insurability', MARIE, ...password);
    expect(open.status).toBe(0);
    expect(open.stderr.join('\n')).toContain('the question goes in clear');
  }, 30_000); // prettier-ignore

  test('--service genins: the same document and sheet, which say so', async () => {
    const { status, document } = await insurability(MARIE, '--service', 'genins');
    expect(status).toBe(0);
    expect(document).toMatchObject({
      schema: 'topaz.mycarenet.insurability/1',
      service: 'genins',
      status: 'insured',
      periods: [{ mutuality: '319', ct1: '110', ct2: '110' }],
    });
    const unknown = await insurability(STRANGER, '--service', 'genins', '--lang', 'nl');
    expect(unknown.status).toBe(7);
    expect(unknown.error).toMatchObject({
      code: 'E_PATIENT_UNKNOWN',
      facts: expect.arrayContaining(['geen enkel ziekenfonds kent dit INSZ']) as unknown,
      details: { service: 'genins', detailCode: '23' },
    });
  }); // prettier-ignore

  test('MemberData that does not answer is never replaced by GenIns', async () => {
    await fail('fault:SOA-01001', 1);
    const before = (await readdir(join(home.dir, 'record'))).filter((name) => name.includes('genins')).length;
    expect((await insurability(MARIE)).status).toBe(7);
    expect((await readdir(join(home.dir, 'record'))).filter((name) => name.includes('genins'))).toHaveLength(before);
  }); // prettier-ignore

  test.each([
    ['sealed', ['--encrypt']],
    ['single facts', ['--raw']],
    ['other facets', ['--facet', 'carePath']],
    ['for invoicing', ['--request-type', 'invoicing']],
    ['at a mutuality', ['--mutuality', '319']],
  ])('GenIns is not asked %s: E_USAGE', async (_, flags) => {
    const { status, error } = await insurability(MARIE, '--service', 'genins', ...flags);
    expect([status, error]).toEqual([2, expect.objectContaining({ code: 'E_USAGE' })]);
  }); // prettier-ignore

  test('refused at the door, the next one is not tried', async () => {
    await fail('fault:SOA-01001', 1);
    const { status, document } = await insurability(MARIE, PAUL);
    expect(status).toBe(7);
    expect(document).toMatchObject({ done: [], failed: [{ id: MARIE }, { id: PAUL }] });
  });

  test('a connection that breaks once is no failure', async () => {
    await fail('reset', 1);
    expect((await insurability(MARIE)).document).toMatchObject({ status: 'insured' });
  });

  test.each([
    ['wrong-holder', 9, 'E_REPLY_INVALID'],
    ['bad-signature', 9, 'E_SIGNATURE_INVALID'],
  ])('%s is exit %s', async (kind, status, code) => {
    await fail(kind);
    expect(await insurability(MARIE)).toMatchObject({ status, document: undefined, error: { code } }); // prettier-ignore
  });

  test('--fail-if-not-insured: exit 10 after the answer', async () => {
    const seeded = demoSeed().patients.find((patient) => !patient.insured);
    const { status, document, error } = await insurability(seeded?.ssin ?? '', '--fail-if-not-insured'); // prettier-ignore
    expect(status).toBe(10);
    expect(document).toHaveProperty('status');
    expect(error).toMatchObject({ code: 'E_NOT_INSURED' });
  });

  test.each([
    ['mycarenet.nihii', '19999123004'],
    ['mycarenet.quality', 'nurse'],
  ])('%s of another than the session is found before anything is sent', async (key, value) => {
    await ok('profile', 'set', key, value);
    const { status, error } = await insurability(MARIE);
    await ok('profile', 'unset', key);
    expect(status).toBe(3);
    expect(error).toMatchObject({ code: 'E_PROFILE_INVALID', details: { key } });
  });
});

describe('a group of nurses', () => {
  beforeAll(async () => {
    await ok('keystore', 'use', 'group');
    await ok('session', 'open', '--via', 'keystore', '--as', 'groupofnurses', '--force', ...password); // prettier-ignore
  }, 30_000);

  test('asks in its own name', async () => {
    await ok('profile', 'set', 'mycarenet.name', 'Groupe Exemple');
    const { status, document } = await insurability(MARIE, '--on', 'yesterday');
    expect({ status, document }).toMatchObject({ status: 0, document: { status: 'insured' } });
    const record = join(home.dir, 'record');
    const names = (await readdir(record)).filter((name) => name.endsWith('.request.body')).sort();
    const request = await readFile(join(record, names.at(-1) ?? ''), 'utf8');
    expect(request).toMatch(/<mc:Organization><mc:Name>Groupe Exemple<\/mc:Name><mc:Nihii><mc:Quality>groupofnurses<\/mc:Quality><mc:Value>94499180000</); // prettier-ignore
  });
});

test('a NIHII number whose check does not fit is told, and sent: the service decides', async () => {
  await ok('profile', 'unset', 'mycarenet.name');
  await ok('keystore', 'use', 'nurse');
  await ok('session', 'open', '--via', 'keystore', '--as', 'nurse', '--force', ...password);
  const { status, stderr } = await topaz('mycarenet', 'insurability', MARIE, ...password);
  expect(status).toBe(0);
  expect(stderr.join('\n')).toContain('The check number of the NIHII number 4-00123-03-401 does not fit'); // prettier-ignore
}, 30_000);

test('the strict sandbox never had to tolerate anything', async () => {
  const record = join(home.dir, 'record');
  for (const name of (await readdir(record)).filter((each) => /memberdata.*\.json$/.test(each))) {
    const { checks } = JSON.parse(await readFile(join(record, name), 'utf8')) as {
      checks: { detail?: string }[];
    };
    expect(checks.filter(({ detail }) => detail?.startsWith('tolerated'))).toEqual([]);
  }
});
