/** `topaz doctor`: with nothing set up, with everything, and what `--fix` and `--report` do. */

import { spawnSync } from 'node:child_process';
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { forOthers } from '../../../src/commands/doctor/report-file.js';
import { loadsPkcs11, loadsSqlite } from '../../../src/commands/doctor/native-modules.js';
import { main } from '../../../src/main.js';
import { createPki } from '../../soap/openssl-pki.js';
import type { Pki } from '../../soap/openssl-pki.js';
import { keysOf, Servers } from '../../soap/tls-servers.js';
import { temporaryHome, testContext } from '../../support/context.js';
import type { ContextOverrides, TestContext } from '../../support/context.js';
import { writeKnownKeystore } from '../today/known-keystore.js';

interface Check {
  readonly id: string;
  readonly state: string;
  readonly summary: string;
  readonly hint?: string;
  readonly fixed?: boolean;
}

let home: Awaited<ReturnType<typeof temporaryHome>>;

beforeEach(async () => {
  home = await temporaryHome();
});

afterEach(async () => {
  await home.remove();
});

async function topaz(
  argv: readonly string[],
  { env = {}, ...overrides }: ContextOverrides = {},
): Promise<{ status: number; ctx: TestContext }> {
  const ctx = testContext({ now: () => new Date(), ...overrides, env: { ...home.env, ...env } });
  return { status: await main(argv, ctx), ctx };
}

async function doctor(
  argv: readonly string[] = [],
  overrides?: ContextOverrides,
): Promise<{ status: number; checks: readonly Check[]; of: (id: string) => Check | undefined }> {
  const { status, ctx } = await topaz(['doctor', ...argv, '--json'], overrides);
  const { checks } = JSON.parse(ctx.stdout.join('\n')) as { checks: readonly Check[] };
  return { status, checks, of: (id) => checks.find((check) => check.id === id) };
}

const card = (): string => join(home.dir, 'card');
const sandboxCard = async (): Promise<Record<string, string>> => {
  await topaz(['sandbox', 'card', 'create', '--out', card()]);
  return { TOPAZ_PKCS11_MODULE: `sandbox:${card()}` };
};

/** A process id that was in use and is not any more. */
const gonePid = (): number => spawnSync('true').pid;
const lockText = (pid: number): string => JSON.stringify({ pid, host: hostname(), started: '1' });
const old = new Date(Date.now() - 60 * 60_000);

describe('with nothing set up', () => {
  test('every part is looked at, nothing is made, and what is missing has a next step', async () => {
    const { status, checks, of } = await doctor();
    expect(checks.map(({ id }) => id)).toEqual([
      'node', 'native.pkcs11js', 'native.better-sqlite3', 'secrets', 'disk', 'permissions', 'locks', 'leftovers',
      'pcscd', 'pkcs11.module', ...checks.filter(({ id }) => /^(reader|card)$/.test(id)).map(({ id }) => id),
      'profile', 'network',
    ]); // prettier-ignore
    expect(of('node')?.state).toBe('ok');
    expect(of('permissions')?.state).toBe('skipped');
    expect(of('profile')).toMatchObject({ state: 'warning' });
    expect(of('profile')?.hint).toContain('topaz profile create');
    expect(of('network')?.state).toBe('skipped');
    const silent = checks.filter(({ state, hint }) => !['ok', 'skipped'].includes(state) && hint === undefined); // prettier-ignore
    expect(silent).toEqual([]);
    expect(status).toBe(checks.some(({ state }) => state === 'failed') ? 10 : 0);
    expect(await readdir(home.dir)).toEqual([]);
  });

  test('a card that was asked for and is not there is a failure', async () => {
    const env = { TOPAZ_PKCS11_MODULE: join(home.dir, 'none.so') };
    const { status, of } = await doctor(['--card'], { env });
    expect(status).toBe(10);
    expect(of('pkcs11.module')).toMatchObject({ state: 'failed' });
    expect(of('reader')?.state).toBe('skipped');
  });

  test.each(['en', 'fr', 'nl', 'de'])(
    'lines for a person in %s, each within the terminal',
    async (lang) => {
      const { ctx } = await topaz(['doctor', '--lang', lang], { terminal: true, io: { columns: 80 }, env: { LANG: 'C.UTF-8', NO_COLOR: '1' } }); // prettier-ignore
      expect(
        ctx.stdout.filter((line) => line.length > 80 && line.trim().includes(' ', 75)),
      ).toEqual([]);
      expect(ctx.stdout.join('\n')).not.toMatch(/doctor\.|explain\.|\{[a-z]+\}/);
      expect(ctx.stdout.filter((line) => /^ {2}[✓!✗–] /.test(line)).length).toBeGreaterThan(10);
    },
  );

  test('plain mode says states in words, one fact a line', async () => {
    const { ctx } = await topaz(['doctor', '--plain', '--lang', 'fr'], { terminal: true });
    expect(ctx.stdout.some((line) => line.startsWith('bien: node '))).toBe(true);
    expect(ctx.stdout.join('')).not.toMatch(/[✓✗–]/);
  });

  test('piped: one record a check', async () => {
    const { ctx } = await topaz(['doctor']);
    expect(ctx.stdout.every((line) => line.split('\t').length === 4)).toBe(true);
    expect(ctx.stdout[0]).toMatch(/^node\tok\tnode /);
  });
});

describe('profile and environment', () => {
  test('an unknown profile is a failure, not a beginning', async () => {
    await topaz(['profile', 'create', 'cabinet', '--env', 'acc', '--use']);
    expect((await doctor([])).of('profile')?.state).toBe('ok');
    const { status, of } = await doctor(['--profile', 'cabinett']);
    expect(status).toBe(10);
    expect(of('profile')).toMatchObject({ state: 'failed' });
    expect(of('profile')?.hint).toContain('cabinet');
  });

  test('a damaged profile is named, and the rest is still looked at', async () => {
    await topaz(['profile', 'create', 'cabinet', '--env', 'acc', '--use']);
    await writeFile(join(home.dir, 'config', 'profiles', 'cabinet.json'), '{', { mode: 0o600 });
    const { status, of } = await doctor([]);
    expect(status).toBe(10);
    expect(of('profile')?.state).toBe('failed');
    expect(of('disk')).toBeDefined();
  });

  test('what an acceptance profile lacks, and what it has', async () => {
    await topaz(['profile', 'create', 'cabinet', '--env', 'acc', '--use']);
    const { of } = await doctor([], { env: { HTTPS_PROXY: 'http://jean:hunter86421@proxy.test:3128' } }); // prettier-ignore
    expect(of('endpoints')?.state).toBe('ok');
    expect(of('trust')?.state).toBe('failed');
    expect(of('keystore')).toMatchObject({ state: 'warning' });
    expect(of('session')).toMatchObject({ state: 'warning', hint: 'topaz session open' });
    expect(of('proxy')?.summary).toContain('proxy.test:3128');
    expect(JSON.stringify(of('proxy'))).not.toMatch(/hunter|jean/);
  });

  test('a keystore that is named and is not there, and one whose dates only its password tells', async () => {
    await topaz(['profile', 'create', 'cabinet', '--env', 'acc', '--use']);
    await topaz(['profile', 'set', 'keystore', 'gone']);
    expect((await doctor([])).of('keystore.gone')).toMatchObject({ state: 'failed' });
    const folder = join(home.dir, 'data', 'cabinet', 'keystores');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(join(folder, 'gone.p12'), 'any', { mode: 0o600 });
    expect((await doctor([])).of('keystore.gone')).toMatchObject({ state: 'ok', hint: 'topaz cert status' }); // prettier-ignore
  });

  test.each([
    [0, {}, 'ok', undefined],
    [150, {}, 'warning', 'topaz cert renew'],
    [201, {}, 'failed', 'topaz cert request'],
    [0, { revocation: { at: '2026-03-01T08:00:00Z' } }, 'failed', 'topaz cert request'],
  ])('a certificate of 200 days after %d days, %j: %s', async (day, more, state, hint) => {
    await writeKnownKeystore(home.dir, { days: 200, more });
    const at = { now: () => new Date(Date.now() + day * 86_400_000) };
    const found = (await doctor([], at)).of('keystore.jean');
    expect({ state: found?.state, hint: found?.hint }).toEqual({ state, hint });
  });

  test('a session that has ended is a failure', async () => {
    await topaz(['profile', 'create', 'cabinet', '--env', 'acc', '--use']);
    const session = { schema: 'topaz.session/1', via: 'eid', environment: 'acc', holder: { type: 'SSIN', id: '79021599732', quality: 'doctor' }, openedAt: '2026-03-01T08:00:00Z', notOnOrAfter: '2026-03-01T09:00:00Z', assertionId: '_1', assertion: '', holderOfKey: '', attributes: [] }; // prettier-ignore
    await mkdir(join(home.dir, 'state', 'cabinet'), { recursive: true, mode: 0o700 });
    await writeFile(join(home.dir, 'state', 'cabinet', 'session-acc.json'), JSON.stringify(session), { mode: 0o600 }); // prettier-ignore
    const at = { now: () => new Date('2026-03-01T12:00:00Z') };
    expect((await doctor([], at)).of('session')).toMatchObject({ state: 'failed', summary: 'the session expired 3 h 0 min ago' }); // prettier-ignore
    const before = { now: () => new Date('2026-03-01T08:30:00Z') };
    expect((await doctor([], before)).of('session')).toMatchObject({ state: 'ok' });
  });

  test('secrets in the environment are named by their kind, never shown', async () => {
    const env = { TOPAZ_PIN: '86421', 'TOPAZ_KEYSTORE_PASSWORD__SSIN=79021599732': 'hunter86421' };
    const { checks, of } = await doctor([], { env });
    expect(of('secrets')).toMatchObject({ state: 'warning' });
    expect(of('secrets')?.summary).toMatch(/TOPAZ_PIN, TOPAZ_KEYSTORE_PASSWORD$/);
    expect(JSON.stringify(checks)).not.toMatch(/86421|79021599732/);
  });
});

describe('files', () => {
  beforeEach(async () => {
    await topaz(['profile', 'create', 'cabinet', '--env', 'acc', '--use']);
  });
  const profile = (): string => join(home.dir, 'config', 'profiles', 'cabinet.json');
  const state = (...names: string[]): string => join(home.dir, 'state', 'cabinet', ...names);

  test('what others can reach is a failure; --fix closes it and leaves the rest', async () => {
    await chmod(profile(), 0o644);
    await chmod(join(home.dir, 'config'), 0o755);
    const seen = await doctor([]);
    expect(seen.status).toBe(10);
    expect(seen.of('permissions')).toMatchObject({ state: 'failed', hint: 'topaz doctor --fix' });
    expect((await stat(profile())).mode & 0o777).toBe(0o644);
    const text = await readFile(profile(), 'utf8');
    const { of } = await doctor(['--fix']);
    expect(of('permissions')).toMatchObject({ state: 'ok', fixed: true, summary: '2 files or folders were made private' }); // prettier-ignore
    expect((await stat(profile())).mode & 0o777).toBe(0o600);
    expect((await stat(join(home.dir, 'config'))).mode & 0o777).toBe(0o700);
    expect(await readFile(profile(), 'utf8')).toBe(text);
    expect((await doctor([])).of('permissions')?.state).toBe('ok');
  });

  test('a link is not followed, neither to judge nor to mend', async () => {
    const outside = join(home.dir, 'outside');
    await writeFile(outside, 'x', { mode: 0o644 });
    await symlink(outside, join(home.dir, 'config', 'link'));
    expect((await doctor(['--fix'])).of('permissions')?.fixed).toBeUndefined();
    expect((await stat(outside)).mode & 0o777).toBe(0o644);
  });

  test('a lock of a process that is gone goes; those of the living, of elsewhere and odd ones stay', async () => {
    await mkdir(state(), { recursive: true, mode: 0o700 });
    const files = {
      'session.lock': lockText(gonePid()),
      lock: JSON.stringify({ pid: process.pid, host: hostname(), started: '' }),
      'far.lock': JSON.stringify({ pid: 1, host: 'elsewhere.test', started: '1' }),
      'odd.lock': 'not JSON',
      'notes.lock.txt': lockText(gonePid()),
    };
    for (const [name, text] of Object.entries(files)) {
      await writeFile(state(name), text, { mode: 0o600 });
    }
    expect((await doctor([])).of('locks')).toMatchObject({ state: 'warning', hint: 'topaz doctor --fix' }); // prettier-ignore
    expect((await readdir(state())).length).toBe(5);
    expect((await doctor(['--fix'])).of('locks')).toMatchObject({ state: 'ok', fixed: true });
    expect((await readdir(state())).sort()).toEqual(['far.lock', 'lock', 'notes.lock.txt', 'odd.lock']); // prettier-ignore
    expect((await doctor([])).of('locks')).toMatchObject({ state: 'ok' });
  });

  test('old unfinished files go; young ones and files of other names stay', async () => {
    await mkdir(state(), { recursive: true, mode: 0o700 });
    const left = ['.session-acc.json.0123456789ab.tmp', '.a b.p12.0123456789ab.new', 'x.lock.0123456789ab', 'x.lock.takeover']; // prettier-ignore
    const kept = [
      '.session.tmp',
      'a.p12.new',
      '.x.0123456789AB.tmp',
      '.x.0123456789abc.tmp',
      'tmp',
    ];
    for (const name of [...left, ...kept]) {
      await writeFile(state(name), '', { mode: 0o600 });
      await utimes(state(name), old, old);
    }
    await writeFile(state('.young.0123456789ab.tmp'), '', { mode: 0o600 });
    expect((await doctor([])).of('leftovers')).toMatchObject({ state: 'warning' });
    expect((await doctor(['--fix'])).of('leftovers')).toMatchObject({ fixed: true, summary: '4 unfinished files were removed' }); // prettier-ignore
    expect((await readdir(state())).sort()).toEqual([...kept, '.young.0123456789ab.tmp'].sort());
  });
});

describe('card', () => {
  test('a simulated card is found, and with --card read without any PIN', async () => {
    const env = await sandboxCard();
    const { of, status } = await doctor(['--card'], { env });
    expect(of('pcscd')?.state).toBe('skipped');
    expect(of('pkcs11.module')).toMatchObject({ state: 'ok' });
    expect(of('reader')?.state).toBe('ok');
    expect(of('card')?.state).toBe('ok');
    expect(of('card.certificates')?.state).toBe('ok');
    expect(status).toBe(0);
  });

  test('a card that is taken out is a warning, with --card a failure', async () => {
    const env = await sandboxCard();
    await topaz(['sandbox', 'card', 'set', card(), 'present', 'false']);
    expect((await doctor([], { env })).of('card')?.state).toBe('warning');
    const { status, of } = await doctor(['--card'], { env });
    expect({ status, state: of('card')?.state }).toEqual({ status: 10, state: 'failed' });
    expect(of('card.certificates')).toBeUndefined();
  });
});

describe('network', () => {
  let pki: Pki;
  const servers = new Servers();
  beforeAll(() => {
    pki = createPki('Doctor CA');
  });
  afterAll(async () => {
    await servers.close();
    pki.remove();
  });

  async function profileAt(port: number): Promise<void> {
    const endpoints = Object.fromEntries(
      ['certra', 'stsSaml11'].map((name) => [name, `https://localhost:${port}/${name}`]),
    );
    await mkdir(join(home.dir, 'config', 'profiles'), { recursive: true, mode: 0o700 });
    await writeFile(
      join(home.dir, 'config', 'profiles', 'net.json'),
      JSON.stringify({ schema: 'topaz.profile/1', environment: 'sandbox', trust: { tls: pki.caFile }, endpoints }), // prettier-ignore
      { mode: 0o600 },
    );
  }
  const net = ['--network', '--profile', 'net'];
  const serve = (date: () => Date, names = 'DNS:localhost'): Promise<number> =>
    servers.serve(
      (request, response) => {
        response.writeHead(405, { Date: date().toUTCString() }).end(request.method);
      },
      keysOf(pki.issue('localhost', { names })),
    );

  test('one question to each host, whatever it answers; clocks that agree', async () => {
    const methods: string[] = [];
    const port = await servers.serve(
      (request, response) => {
        methods.push(request.method ?? '');
        response.writeHead(500).end();
      },
      keysOf(pki.issue('localhost', { names: 'DNS:localhost' })),
    );
    await profileAt(port);
    const { of } = await doctor(net);
    expect(of(`network.localhost:${port}`)?.state).toBe('ok');
    expect(of('clock')?.state).toBe('ok');
    expect(methods).toEqual(['HEAD']);
  });

  test.each([
    [120_000, 'warning', 'behind'],
    [-600_000, 'failed', 'ahead of'],
  ])('a service whose clock differs by %d ms: %s', async (ms, state, word) => {
    await profileAt(await serve(() => new Date(Date.now() + ms)));
    const { of } = await doctor(net);
    expect(of('clock')).toMatchObject({ state });
    expect(of('clock')?.summary).toContain(word);
  });

  test('nobody there, another name in the certificate, no answer: a failure that says which', async () => {
    await profileAt(1);
    const refused = await doctor(net);
    expect(refused.status).toBe(10);
    expect(refused.of('network.localhost:1')).toMatchObject({ state: 'failed' });
    expect(refused.of('clock')?.state).toBe('skipped');
    await profileAt(await serve(() => new Date(), 'DNS:other.test'));
    expect((await doctor(net)).checks.find(({ id }) => id.startsWith('network.'))?.state).toBe('failed'); // prettier-ignore
    const mute = await servers.serve(() => undefined, keysOf(pki.issue('localhost', { names: 'DNS:localhost' }))); // prettier-ignore
    await profileAt(mute);
    const from = Date.now();
    const silent = await doctor([...net, '--timeout', '1s']);
    expect(silent.of(`network.localhost:${mute}`)?.state).toBe('failed');
    expect(Date.now() - from).toBeLessThan(5_000);
  });
});

describe('the report', () => {
  test('is private, holds no number of a person, no secret and no name of the user', async () => {
    const env = { ...(await sandboxCard()), TOPAZ_PIN: '86421', LANG: 'fr_BE.UTF-8' };
    await topaz(['profile', 'create', 'cabinet', '--env', 'acc', '--use']);
    await topaz(['profile', 'set', 'keystore', 'SSIN=79021599732 20260301-091244']);
    await chmod(join(home.dir, 'config', 'profiles', 'cabinet.json'), 0o644);
    const { status, ctx } = await topaz(['doctor', '--report', 'report.json'], { env, cwd: home.dir, home: home.dir }); // prettier-ignore
    expect(status).toBe(10);
    const path = join(home.dir, 'report.json');
    const text = await readFile(path, 'utf8');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    for (const output of [text, ctx.stdout.join('\n')]) {
      expect(output).not.toMatch(/86421|79021599732/);
      expect(output).not.toContain(home.dir);
      expect(output).toContain('79.02.15-***.**');
      expect(output).toContain('~/config/profiles/cabinet.json');
    }
    const report = JSON.parse(text) as { schema: string; variables: string[]; checks: Check[] };
    expect(report.schema).toBe('topaz.doctor.report/1');
    expect(report.variables).toContain('TOPAZ_PIN');
    expect(report.checks.length).toBeGreaterThan(15);
  });

  test('an existing file is refused without --force', async () => {
    await writeFile(join(home.dir, 'report.json'), 'mine');
    const at = { cwd: home.dir };
    expect((await topaz(['doctor', '--report', 'report.json'], at)).status).toBe(2);
    expect(await readFile(join(home.dir, 'report.json'), 'utf8')).toBe('mine');
    await topaz(['doctor', '--report', 'report.json', '--force'], at);
    expect(await readFile(join(home.dir, 'report.json'), 'utf8')).toContain(
      'topaz.doctor.report/1',
    );
  });

  test('texts for others', () => {
    expect(forOthers('/home/jean/x of 79021599732', '/home/jean')).toBe('~/x of 79.02.15-***.**');
    expect(forOthers('/x', '/')).toBe('/x');
  });
});

test('native modules that are not there do not stop anything', () => {
  expect(loadsPkcs11('no-such-module')).toBe(false);
  expect(loadsSqlite('no-such-module')).toBe(false);
  expect(loadsSqlite('node:path')).toBe(false);
});
