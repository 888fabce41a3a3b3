/** A profile that gets another name, and one that goes to another machine. */

import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { main } from '../../../src/main.js';
import { keystoreFile, PASSWORD } from '../../keystore/fixtures.js';
import { temporaryHome, testContext } from '../../support/context.js';
import type { ContextOverrides, TestContext } from '../../support/context.js';

let home: Awaited<ReturnType<typeof temporaryHome>>;
let other: Awaited<ReturnType<typeof temporaryHome>>;
const ROOT = 'fixtures/pki/root.crt';

beforeEach(async () => {
  home = await temporaryHome();
  other = await temporaryHome();
});
afterEach(async () => {
  await home.remove();
  await other.remove();
});

async function topaz(
  argv: readonly string[],
  { env = {}, ...overrides }: ContextOverrides = {},
): Promise<TestContext & { status: number }> {
  const ctx = testContext({ cwd: home.dir, ...overrides, env: { ...home.env, ...env } });
  return { ...ctx, status: await main(argv, ctx) };
}
const elsewhere = (argv: readonly string[], overrides: ContextOverrides = {}) => topaz(argv, { ...overrides, env: { ...other.env, ...overrides.env } }); // prettier-ignore
const codeOf = ({ stderr }: TestContext): string => (JSON.parse(stderr.at(-1) ?? '{}') as { error: { code: string } }).error.code; // prettier-ignore
const good = async (answer: Promise<TestContext & { status: number }>): Promise<Record<string, unknown>> => {
  const { status, stdout, stderr } = await answer;
  expect({ status, stderr: status === 0 ? [] : stderr }).toEqual({ status: 0, stderr: [] });
  return JSON.parse(stdout.join('\n')) as Record<string, unknown>;
}; // prettier-ignore
const json = async (path: string): Promise<Record<string, unknown>> => JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>; // prettier-ignore
const profileFile = (name: string, dir = home.dir): string => join(dir, 'config', 'profiles', `${name}.json`); // prettier-ignore

/** A profile with a keystore, a request, a certificate that it trusts and a module of this machine. */
async function makeProfile(): Promise<void> {
  const keystores = join(home.dir, 'data', 'cabinet', 'keystores');
  const requests = join(home.dir, 'state', 'cabinet', 'requests');
  await mkdir(keystores, { recursive: true, mode: 0o700 });
  await mkdir(requests, { recursive: true, mode: 0o700 });
  await mkdir(join(home.dir, 'config', 'profiles'), { recursive: true, mode: 0o700 });
  await copyFile(keystoreFile('openssl-modern'), join(keystores, 'doctor.p12'));
  await writeFile(join(home.dir, 'pw'), `${PASSWORD}\n`, { mode: 0o600 });
  await writeFile(join(requests, 'a.json'), JSON.stringify({ keystore: join(keystores, 'doctor.p12') }), { mode: 0o600 }); // prettier-ignore
  await copyFile(ROOT, join(home.dir, 'root.pem'));
  await writeFile(
    profileFile('cabinet'),
    JSON.stringify({
      schema: 'topaz.profile/1',
      environment: 'acc',
      keystore: join(keystores, 'doctor.p12'),
      alternates: ['older', join(keystores, 'old.p12')],
      remember: ['doctor'],
      holder: { type: 'SSIN', id: '79021599732', quality: 'doctor' },
      pkcs11: { module: '/usr/lib/libbeidpkcs11.so.0' },
      mycarenet: {
        nihii: '19547181004',
        license: { username: 'soft', passwordFile: join(home.dir, 'licence') },
      },
      trust: { ehealthRoots: join(home.dir, 'root.pem') },
      endpoints: { etkdepot: 'https://services.test/EtkDepot/v1' },
    }),
    { mode: 0o600 },
  );
}

describe('rename', () => {
  beforeEach(makeProfile);
  const rename = (to: string, from = 'cabinet') => topaz(['profile', 'rename', from, to, '--json'], { keyring: () => Promise.reject(new Error('no keyring here')) }); // prettier-ignore

  test('keystores, requests, paths and the profile in use go with it', async () => {
    await topaz(['profile', 'use', 'cabinet']);
    await topaz(['profile', 'unset', 'remember']);
    expect(await good(rename('practice'))).toMatchObject({
      profile: 'practice',
      former: 'cabinet',
    });

    const keystore = join(home.dir, 'data', 'practice', 'keystores', 'doctor.p12');
    expect(await json(profileFile('practice'))).toMatchObject({ keystore, alternates: ['older', join(home.dir, 'data', 'practice', 'keystores', 'old.p12')] }); // prettier-ignore
    expect(await json(join(home.dir, 'state', 'practice', 'requests', 'a.json'))).toEqual({ keystore }); // prettier-ignore
    expect(await json(join(home.dir, 'config', 'config.json'))).toMatchObject({ profile: 'practice' }); // prettier-ignore
    for (const path of [profileFile('cabinet'), join(home.dir, 'data', 'cabinet'), join(home.dir, 'state', 'cabinet'), join(home.dir, 'state', 'practice', 'requests', 'lock'), join(home.dir, 'config', 'profiles', '.rename-cabinet')]) {
      await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
    } // prettier-ignore
    expect((await topaz(['keystore', 'show', 'doctor', '--password-file', 'pw'], { cwd: home.dir })).status).toBeLessThan(3); // prettier-ignore
    expect((await topaz(['keystore', 'show', 'doctor', '--password-file', join(home.dir, 'pw')])).status).toBe(0); // prettier-ignore
  });

  test('refused: a name that is taken, by a profile or by files; the same name; no such profile', async () => {
    await topaz(['profile', 'create', 'taken', '--env', 'acc']);
    await mkdir(join(home.dir, 'data', 'left', 'keystores', 'x'), { recursive: true });
    for (const [to, code] of [['taken', 'E_FILE_EXISTS'], ['left', 'E_FILE_EXISTS'], ['cabinet', 'E_USAGE'], ['../x', 'E_USAGE']] as const) {
      expect({ to, code: codeOf(await rename(to)) }).toEqual({ to, code });
    } // prettier-ignore
    expect(codeOf(await rename('new', 'cabinett'))).toBe('E_PROFILE_UNKNOWN');
    expect((await topaz(['keystore', 'show', 'doctor', '--password-file', join(home.dir, 'pw'), '--profile', 'cabinet'])).status).toBe(0); // prettier-ignore
  });

  test('refused while another command works', async () => {
    await writeFile(join(home.dir, 'state', 'cabinet', 'requests', 'lock'), JSON.stringify({ pid: process.pid, host: 'elsewhere', started: '1' })); // prettier-ignore
    const answer = await topaz(['profile', 'rename', 'cabinet', 'practice', '--json', '--lock-timeout', '1s']); // prettier-ignore
    expect(codeOf(answer)).toBe('E_LOCKED');
    await stat(profileFile('cabinet'));
  });

  test('cut off in the middle, the same command finishes it; another name does not', async () => {
    const { rename: move } = await import('node:fs/promises');
    await topaz(['profile', 'unset', 'remember', '--profile', 'cabinet']);
    await writeFile(join(home.dir, 'config', 'profiles', '.rename-cabinet'), 'practice');
    await move(join(home.dir, 'data', 'cabinet'), join(home.dir, 'data', 'practice'));
    expect(await good(rename('practice'))).toMatchObject({ profile: 'practice' });
    expect((await topaz(['keystore', 'show', 'doctor', '--password-file', join(home.dir, 'pw'), '--profile', 'practice'])).status).toBe(0); // prettier-ignore
  });
});

describe('export and import', () => {
  beforeEach(makeProfile);
  const exported = (): Promise<Record<string, unknown>> => good(topaz(['profile', 'export', 'cabinet', '--json'])); // prettier-ignore

  test('what belongs to this machine stays; certificates travel inside; keystores by their alias', async () => {
    const document = await exported();
    expect(document).toMatchObject({
      name: 'cabinet',
      profile: {
        environment: 'acc',
        keystore: 'doctor',
        alternates: ['older', 'old'],
        holder: { type: 'SSIN', id: '79021599732', quality: 'doctor' },
        mycarenet: { nihii: '19547181004', license: { username: 'soft' } },
        endpoints: { etkdepot: 'https://services.test/EtkDepot/v1' },
      },
      leftOut: ['remember', 'pkcs11.module', 'mycarenet.license.passwordFile'],
    });
    expect(JSON.stringify(document)).not.toContain(home.dir);
    expect(document['certificates']).toEqual({ 'trust.ehealthRoots': expect.stringMatching(/^-----BEGIN CERTIFICATE-----/) }); // prettier-ignore
  });

  test('a private key in a file of certificates does not travel', async () => {
    const key = await readFile('fixtures/pki/doctor.key', 'utf8');
    await writeFile(join(home.dir, 'root.pem'), key + (await readFile(ROOT, 'utf8')));
    expect(JSON.stringify(await exported())).not.toContain('PRIVATE');
  });

  test('to a file, once; from there to another machine, where it works', async () => {
    expect((await topaz(['profile', 'export', 'cabinet', '--out', 'cabinet.json'])).status).toBe(0);
    const file = join(home.dir, 'cabinet.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(codeOf(await topaz(['profile', 'export', 'cabinet', '--out', 'cabinet.json', '--json']))).toBe('E_FILE_EXISTS'); // prettier-ignore

    // It brings addresses and trust: confirmed, and shown before.
    expect(codeOf(await elsewhere(['profile', 'import', file, '--json']))).toBe('E_INPUT_REQUIRED');
    expect(await good(elsewhere(['profile', 'import', file, '--dry-run', '--json']))).toMatchObject({ dryRun: true, sensitive: ['endpoints.etkdepot', 'trust.ehealthRoots'] }); // prettier-ignore
    await expect(stat(profileFile('cabinet', other.dir))).rejects.toMatchObject({ code: 'ENOENT' });
    await good(elsewhere(['profile', 'import', file, '--use', '--yes', '--json']));

    const pem = join(other.dir, 'config', 'profiles', 'cabinet', 'trust-ehealthRoots.pem');
    expect(await json(profileFile('cabinet', other.dir))).toMatchObject({ keystore: 'doctor', trust: { ehealthRoots: pem } }); // prettier-ignore
    expect((await stat(pem)).mode & 0o777).toBe(0o600);
    expect(await good(elsewhere(['profile', 'show', '--json']))).toMatchObject({ profile: { name: 'cabinet' } }); // prettier-ignore

    // Not over one that is there; under another name it is another one.
    expect(codeOf(await elsewhere(['profile', 'import', file, '--yes', '--json']))).toBe('E_FILE_EXISTS'); // prettier-ignore
    await good(elsewhere(['profile', 'import', file, '--name', 'second', '--yes', '--json']));
    await elsewhere(['profile', 'remove', 'cabinet', '--yes']);
    await expect(stat(pem)).rejects.toMatchObject({ code: 'ENOENT' });
    await stat(profileFile('second', other.dir));
  });

  test('what is printed for a person is the file', async () => {
    const { stdout } = await topaz(['profile', 'export', 'cabinet']);
    const io = { readStdin: () => Promise.resolve(new TextEncoder().encode(stdout.join('\n'))) };
    await good(elsewhere(['profile', 'import', '-', '--yes', '--json'], { io }));
  });

  test.each<[string, (document: Record<string, unknown>) => unknown]>([
    ['no JSON', () => 'x'],
    ['a profile itself', (document) => document['profile']],
    ['a name that leaves the folder', (document) => ({ ...document, name: '../../x' })],
    ['a module of this machine', (document) => ({ ...document, profile: { environment: 'acc', pkcs11: { module: '/tmp/evil.so' } } })],
    ['a file whose first line would be sent', (document) => ({ ...document, profile: { environment: 'acc', mycarenet: { license: { passwordFile: '/home/jean/.ssh/id' } } } })],
    ['a path for trust', (document) => ({ ...document, profile: { environment: 'acc', trust: { tls: '/tmp/evil.pem' } } })],
    ['a keystore anywhere', (document) => ({ ...document, profile: { environment: 'acc', keystore: '/home/jean/other.p12' } })],
    ['a key that there is not', (document) => ({ ...document, profile: { environment: 'acc', keystor: 'x' } })],
    ['a file that is no certificate', (document) => ({ ...document, certificates: { 'trust.tls': 'hello' } })],
    ['a file for something else', (document) => ({ ...document, certificates: { '../x': 'hello' } })],
    ['the sandbox clock elsewhere', (document) => ({ ...document, profile: { environment: 'prod', clock: { offsetSeconds: 5 } } })],
  ])('refused: %s', async (_, change) => {
    const changed = change(await exported());
    const file = join(home.dir, 'changed.json');
    await writeFile(file, typeof changed === 'string' ? changed : JSON.stringify(changed));
    const answer = await elsewhere(['profile', 'import', file, '--yes', '--json']);
    expect(answer.status).toBe(3);
    expect(codeOf(answer)).toBe('E_PROFILE_INVALID');
    await expect(stat(join(other.dir, 'config', 'profiles'))).rejects.toMatchObject({ code: 'ENOENT' });
  }); // prettier-ignore
});

describe('set knows its values', () => {
  const set = (key: string, value: string) => topaz(['profile', 'set', key, value]);

  test.each([
    ['mycarenet.responsible', '79.02.15-997.32', '79021599732'],
    ['holder.type', 'ssin', 'SSIN'],
    ['mycarenet.cbe', 'BE 0123.456.749', '0123456749'],
  ])('%s is brought into its form', async (key, value, stored) => {
    expect((await set(key, value)).status).toBe(0);
    const [group = '', name = ''] = key.split('.');
    expect(await json(profileFile('default'))).toMatchObject({ [group]: { [name]: stored } });
  });

  test.each([
    ['mycarenet.responsible', '79.02.15-997.33', 'E_SSIN_INVALID'],
    ['mycarenet.nihii', '12', 'E_NIHII_INVALID'],
    ['mycarenet.cbe', '0200300401', 'E_CBE_INVALID'],
    ['holder.type', 'SSINN', 'E_IDENTIFIER_INVALID'],
  ])('%s %s is refused', async (key, value, code) => {
    expect(codeOf(await topaz(['profile', 'set', key, value, '--json']))).toBe(code);
  });

  test('an id is held against the type', async () => {
    await set('holder.type', 'SSIN');
    expect(codeOf(await topaz(['profile', 'set', 'holder.id', '1', '--json']))).toBe(
      'E_SSIN_INVALID',
    );
    expect((await set('holder.id', '79.02.15-997.32')).status).toBe(0);
    expect(await json(profileFile('default'))).toMatchObject({ holder: { id: '79021599732' } });
  });

  test.each([
    ['holder.quality', 'docter', /doctor/],
    ['mycarenet.quality', 'groupofnurse', /groupofnurses/],
    ['keystore', 'none', /no keystore "none"/],
    ['trust.tls', 'none.pem', /not there/],
  ])('%s %s is stored, with a word about it', async (key, value, said) => {
    const { status, stderr } = await set(key, value);
    expect(status).toBe(0);
    expect(stderr.join('\n')).toMatch(said);
  });
});
