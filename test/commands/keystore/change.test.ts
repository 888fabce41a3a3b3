/** `topaz keystore`: verify, export, passwd, backups, remove, as typed. */

import { copyFile, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { holdsTheSame } from '../../../src/keystore/compare.js';
import { openKeystore, readKeystore } from '../../../src/keystore/keystore.js';
import { RECORD_SCHEMA } from '../../../src/lifecycle/request-record.js';
import { keepCopy } from '../../../src/keystore/replace-file.js';
import { openRequestStore } from '../../../src/lifecycle/request-store.js';
import { profileFolders, resolvePaths } from '../../../src/profile/paths.js';
import { scriptedPrompter } from '../../support/context.js';
import { hasProgram } from '../../support/tools.js';
import { bytes, keystoreBytes, keystoreFile, PASSWORD, run } from '../../keystore/fixtures.js';
import { createWorld } from './world.js';
import type { World } from './world.js';

const NEW = 'another one, of words';
/** As Java writes it, with fewer rounds than ours: opened in no time. */
const original = keystoreBytes('keytool-modern');
const contents = await readKeystore(original, bytes(PASSWORD));
let world: World;
let path: string;
let backups: string;
let newPassword: readonly string[];

beforeEach(async () => {
  world = await createWorld({ trust: { ehealthRoots: resolve('fixtures/pki/root.crt') } });
  path = join(world.keystores, 'doctor.p12');
  backups = join(world.keystores, 'backups');
  newPassword = ['--new-password-file', await secretFile('new', NEW)];
  await mkdir(world.keystores, { recursive: true });
  await writeFile(path, original, { mode: 0o600 });
});
afterEach(async () => {
  await world.remove();
});

async function secretFile(name: string, text: string): Promise<string> {
  const file = join(world.dir, name);
  await writeFile(file, `${text}\n`, { mode: 0o600 });
  return file;
}

const opens = async (file: string, password: string): Promise<boolean> =>
  holdsTheSame(await openKeystore(file, bytes(password)), contents);
const modeOf = async (file: string): Promise<number> => (await stat(file)).mode & 0o777;

describe('verify', () => {
  test('a good one: each check, exit 0', async () => {
    expect(await world.json(['verify', 'doctor', ...world.password])).toEqual({
      schema: 'topaz.keystore.verify/1',
      alias: 'doctor',
      path,
      valid: true,
      state: 'ready',
      checks: ['keys', 'roles', 'dates', 'chain'].map((check) => ({ check, state: 'ok' })),
    });
  });

  test('on a terminal: a line per check; in a pipe: records', async () => {
    const shown = await world.run(['verify', 'doctor', ...world.password], { terminal: true });
    expect(shown.stdout).toHaveLength(4);
    expect(shown.stdout.join('\n')).toMatch(/Keys +in order/);
    const piped = await world.run(['verify', 'doctor', ...world.password]);
    expect(piped.stdout[0]).toBe('keys\tok\t\t');
  });

  test('an untrusted one: the report, then exit 9', async () => {
    await world.remove();
    world = await createWorld({ trust: { ehealthRoots: resolve('fixtures/pki/other-root.crt') } });
    const { status, stdout, stderr } = await world.run(['verify', keystoreFile('keytool-modern'), ...world.password, '--json']); // prettier-ignore
    expect(status).toBe(9);
    expect(JSON.parse(stdout.join('\n'))).toMatchObject({ valid: false });
    expect(JSON.parse(stderr.at(-1)!)).toMatchObject({
      error: { code: 'E_KEYSTORE_INVALID', exitCode: 9 },
    });
  });

  test('without roots in the profile: not judged, and said', async () => {
    await world.remove();
    world = await createWorld();
    const document = await world.json(['verify', keystoreFile('bouncycastle'), ...world.password]);
    expect(document['checks']).toContainEqual({
      check: 'chain',
      state: 'skipped',
      reason: 'no-roots',
    });
  });

  test('a wrong password, a damaged file, no keystore at all', async () => {
    const wrong = ['--password-file', await secretFile('wrong', 'not the password')];
    expect(await world.failure(['verify', 'doctor', ...wrong])).toMatchObject({
      status: 4,
      code: 'E_KEYSTORE_PASSWORD',
    });
    const damaged = Uint8Array.from(await readFile(path));
    damaged[damaged.length >> 1]! ^= 1;
    await writeFile(path, damaged);
    expect(await world.failure(['verify', 'doctor', ...world.password])).toMatchObject({
      status: 4,
    });
    await writeFile(path, damaged.slice(0, 400));
    expect(await world.failure(['verify', 'doctor', ...world.password])).toMatchObject({
      status: 3,
      code: 'E_KEYSTORE_FORMAT',
    });
    expect(await world.failure(['verify', 'nobody', ...world.password])).toMatchObject({
      code: 'E_KEYSTORE_UNKNOWN',
    });
  });
});

describe('export', () => {
  const exported = (...flags: string[]): readonly string[] => [
    'export', 'doctor', '--out', 'copy', ...world.password, ...newPassword, ...flags,
  ]; // prettier-ignore

  test('a file with its own password, mode 0600, nothing else changed', async () => {
    const before = await readFile(path);
    const copy = join(world.dir, 'copy');
    expect(await world.json(exported())).toEqual({
      schema: 'topaz.keystore.export/1',
      alias: 'doctor',
      path: copy,
      format: 'p12',
      legacy: false,
      keys: 3,
    });
    expect(await opens(copy, NEW)).toBe(true);
    expect(await modeOf(copy)).toBe(0o600);
    expect(await readFile(path)).toEqual(before);
    await expect(openKeystore(copy, bytes(PASSWORD))).rejects.toMatchObject({
      code: 'E_KEYSTORE_PASSWORD',
    });
  });

  const judged = (name: string): typeof test.skip =>
    hasProgram(name, { required: false }) ? test : test.skip;

  judged('keytool')('--legacy: keytool finds every key, the file says 3DES', async () => {
    await world.json(exported('--legacy'));
    const file = join(world.dir, 'copy');
    const { status, stdout } = await run('keytool', ['-list', '-keystore', file, '-storetype', 'PKCS12', '-storepass:file', join(world.dir, 'new')]); // prettier-ignore
    expect(status).toBe(0);
    expect(stdout.match(/PrivateKeyEntry/g)).toHaveLength(3);
    const { stderr } = await run('openssl', ['pkcs12', '-in', file, '-info', '-noout', '-passin', `file:${join(world.dir, 'new')}`]); // prettier-ignore
    expect(stderr).toContain('MAC: sha1, Iteration 100000');
    expect(stderr).toContain('pbeWithSHA1And3-KeyTripleDES-CBC');
    expect(stderr).not.toContain('PBES2');
  });

  judged('openssl')('--format pem: openssl opens it with the new password alone', async () => {
    await world.json(exported('--format', 'pem'));
    const file = join(world.dir, 'copy');
    expect(await modeOf(file)).toBe(0o600);
    expect(await readFile(file, 'utf8')).not.toContain('BEGIN PRIVATE KEY');
    const open = (secret: string) =>
      run('openssl', ['pkey', '-in', file, '-noout', '-passin', `file:${join(world.dir, secret)}`]);
    expect((await open('new')).status).toBe(0);
    expect((await open('pw')).status).not.toBe(0);
  });

  test('an existing target is left alone, before any password; --force replaces it', async () => {
    await writeFile(join(world.dir, 'copy'), 'precious', { mode: 0o644 });
    expect(await world.failure(['export', 'doctor', '--out', 'copy'])).toMatchObject({
      status: 2,
      code: 'E_FILE_EXISTS',
    });
    expect(await readFile(join(world.dir, 'copy'), 'utf8')).toBe('precious');
    await world.json(exported('--force'));
    expect(await opens(join(world.dir, 'copy'), NEW)).toBe(true);
    expect(await modeOf(join(world.dir, 'copy'))).toBe(0o600);
  });

  test('another keystore of the profile is replaced only with a copy kept', async () => {
    const other = join(world.keystores, 'other.p12');
    await copyFile(keystoreFile('bouncycastle'), other);
    await world.json([...exported('--force', '--out', other)]);
    const [copy] = await readdir(backups);
    expect(await readFile(join(backups, copy!))).toEqual(await readFile(keystoreFile('bouncycastle'))); // prettier-ignore
  });

  test.each([
    ['a folder', ['--out', '.'], 'E_FILE_EXISTS'],
    ['a folder that is not there', ['--out', 'none/copy'], 'E_FILE_NOT_FOUND'],
    ['stdout', ['--out', '-'], 'E_USAGE'],
    ['old algorithms in PEM', ['--format', 'pem', '--legacy'], 'E_USAGE'],
    ['a format that is none', ['--format', 'jks'], 'E_USAGE'],
  ])('refuses %s', async (_, flags, code) => {
    expect(await world.failure(exported(...flags))).toMatchObject({ status: 2, code });
  });

  test('refuses to write over itself, also through a link', async () => {
    const before = await readFile(path);
    await symlink(path, join(world.dir, 'link'));
    for (const out of [path, join(world.dir, 'link')]) {
      expect(await world.failure(exported('--force', '--out', out))).toMatchObject({
        code: 'E_USAGE',
      });
    }
    expect(await readFile(path)).toEqual(before);
  });

  test.each([
    ['short', 'E_PASSWORD_WEAK'],
    ['123456789012345', 'E_PASSWORD_WEAK'],
    ['accents à é ö, long', 'E_PASSWORD_WEAK'],
  ])('a weak new password, %s: nothing is written', async (text, code) => {
    const weak = ['--new-password-file', await secretFile('weak', text)];
    const error = await world.failure(['export', 'doctor', '--out', 'copy', ...world.password, ...weak]); // prettier-ignore
    expect(error).toMatchObject({ status: 2, code });
    await expect(stat(join(world.dir, 'copy'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('without a new password in a script: names the flag', async () => {
    const error = await world.failure(['export', 'doctor', '--out', 'copy', ...world.password]);
    expect(error).toMatchObject({ status: 2, code: 'E_INPUT_REQUIRED' });
    expect(error.hint).toContain('--new-password-file');
  });
});

describe('passwd', () => {
  const passwd = (...flags: string[]): readonly string[] => [
    'passwd', 'doctor', ...world.password, ...newPassword, ...flags,
  ]; // prettier-ignore

  test('every key under the new password; the copy opens with the old one', async () => {
    const before = await readFile(path);
    const { copy } = (await world.json(passwd())) as { copy: string };
    expect(await opens(path, NEW)).toBe(true);
    expect(await modeOf(path)).toBe(0o600);
    expect(await readFile(copy)).toEqual(before);
    expect(await modeOf(copy)).toBe(0o600);
    expect(await readdir(world.keystores)).toEqual(['backups', 'doctor.p12']);
    await expect(openKeystore(path, bytes(PASSWORD))).rejects.toMatchObject({
      code: 'E_KEYSTORE_PASSWORD',
    });
  });

  test('typed: the rule first, the old password once, the new one twice', async () => {
    const { prompter, asked } = scriptedPrompter(PASSWORD, NEW, NEW);
    const { status, stderr } = await world.run(['passwd', 'doctor'], { terminal: true, prompter });
    expect(status).toBe(0);
    expect(asked).toEqual([
      'Password of keystore doctor:',
      'New password for keystore doctor:',
      'Once more:',
    ]);
    expect(stderr.join('\n')).toContain('12 to 64 letters');
    expect(await opens(path, NEW)).toBe(true);
  });

  test.each([
    ['a wrong old password', 'not the password', NEW, 4, 'E_KEYSTORE_PASSWORD'],
    ['a weak new one', PASSWORD, 'short', 2, 'E_PASSWORD_WEAK'],
    ['digits only', PASSWORD, '1234567890123', 2, 'E_PASSWORD_WEAK'],
    ['the same again', PASSWORD, PASSWORD, 2, 'E_USAGE'],
  ])('%s: nothing is changed', async (_, old, chosen, status, code) => {
    const before = await readFile(path);
    const flags = ['--password-file', await secretFile('o', old), '--new-password-file', await secretFile('n', chosen)]; // prettier-ignore
    expect(await world.failure(['passwd', 'doctor', ...flags])).toMatchObject({ status, code });
    expect(await readFile(path)).toEqual(before);
    expect(await readdir(world.keystores)).toEqual(['doctor.p12']);
  });

  (hasProgram('keytool', { required: false }) ? test : test.skip)(
    'an entry that would be lost: nothing is changed',
    async () => {
      const secret = join(world.dir, 'pw');
      const keystore = join(world.keystores, 'secret.p12');
      await copyFile(path, keystore);
      await run('keytool', ['-genseckey', '-alias', 'note', '-keyalg', 'AES', '-keysize', '128', '-keystore', keystore, '-storetype', 'PKCS12', '-storepass:file', secret]); // prettier-ignore
      const before = await readFile(keystore);
      const error = await world.failure(['passwd', 'secret', ...world.password, ...newPassword]);
      expect(error).toMatchObject({ status: 3, code: 'E_KEYSTORE_FORMAT' });
      expect(error.message).toContain('would lose');
      expect(await readFile(keystore)).toEqual(before);
    },
  );

  test('where no copy can be kept, the keystore stays as it was', async () => {
    const before = await readFile(path);
    await writeFile(backups, 'a file in the way');
    expect((await world.failure(passwd())).code).toBe('E_FILE_EXISTS');
    expect(await readFile(path)).toEqual(before);
    expect(await readdir(world.keystores)).toEqual(['backups', 'doctor.p12']);
  });
});

describe('backups', () => {
  /** As after a change on 1 March: the keystore is another one, and the first one is a copy. */
  const change = async (): Promise<Buffer> => {
    const before = await readFile(path);
    await keepCopy(path, { folder: backups, now: new Date(2026, 2, 1, 12) });
    await copyFile(keystoreFile('bouncycastle'), path);
    return before;
  };
  const copies = async (...argv: string[]): Promise<{ alias: string; date: string }[]> =>
    (await world.json(['backups', ...argv]))['copies'] as { alias: string; date: string }[];

  test('none yet; then by alias, with what is no copy passed over', async () => {
    expect(await copies()).toEqual([]);
    await change();
    await writeFile(join(backups, 'notes.p12'), 'x');
    await copyFile(path, join(backups, 'SSIN=1 20250101-000000.acc 20260101-101010.p12'));
    expect((await copies()).map(({ alias }) => alias)).toEqual([
      'doctor',
      'SSIN=1 20250101-000000.acc',
    ]);
    expect(await copies('Doctor')).toHaveLength(1);
    expect(await copies('nobody')).toEqual([]);
  });

  test('--restore: asked with the object named; the present one becomes a copy', async () => {
    const before = await change();
    const changed = await readFile(path);
    const [{ date } = { date: '' }] = await copies();
    const { prompter, asked } = scriptedPrompter(true);
    const { status } = await world.run(['backups', 'doctor', '--restore', date], {
      terminal: true,
      prompter,
      now: () => new Date('2026-03-02T12:00:00Z'),
    });
    expect(status).toBe(0);
    expect(asked.join()).toContain('doctor');
    expect(await readFile(path)).toEqual(before);
    expect(await modeOf(path)).toBe(0o600);
    const names = await readdir(backups);
    expect(names).toHaveLength(2);
    expect(await readFile(join(backups, names[1]!))).toEqual(changed);
  });

  test('a beginning of the date, when one copy fits alone', async () => {
    const before = await change();
    await world.json(['backups', 'doctor', '--restore', '2026-03-01', '--yes']);
    expect(await readFile(path)).toEqual(before);
    expect(
      await world.failure(['backups', 'doctor', '--restore', '2026-03-01', '--yes']),
    ).toMatchObject({ status: 2, code: 'E_USAGE' });
  });

  test.each([
    ['no alias', ['--restore', '20260301'], 'E_USAGE'],
    ['a date that is none', ['doctor', '--restore', 'yesterday', '--yes'], 'E_KEYSTORE_UNKNOWN'],
    ['an empty date', ['doctor', '--restore', '', '--yes'], 'E_KEYSTORE_UNKNOWN'],
    ['no confirmation', ['doctor', '--restore', '2026'], 'E_INPUT_REQUIRED'],
  ])('%s: nothing is changed', async (_, argv, code) => {
    await change();
    const before = await readFile(path);
    expect((await world.failure(['backups', ...argv])).code).toBe(code);
    expect(await readFile(path)).toEqual(before);
    expect(await readdir(backups)).toHaveLength(1);
  });
});

describe('remove', () => {
  test('asks with the name; what is removed is kept, and comes back', async () => {
    const before = await readFile(path);
    const { prompter, asked } = scriptedPrompter(true);
    const { status, stderr } = await world.run(['remove', 'doctor'], { terminal: true, prompter });
    expect(status).toBe(0);
    expect(asked.join()).toContain('doctor');
    expect(stderr.join('\n')).toContain('old messages');
    expect(await readdir(world.keystores)).toEqual(['backups']);
    const [copy] = await readdir(backups);
    expect(await readFile(join(backups, copy!))).toEqual(before);
    expect(await modeOf(join(backups, copy!))).toBe(0o600);

    await world.json(['backups', 'doctor', '--restore', '2026', '--yes']);
    expect(await readFile(path)).toEqual(before);
  });

  test('no, and no answer, change nothing', async () => {
    const { prompter } = scriptedPrompter(false);
    const { status } = await world.run(['remove', 'doctor'], { terminal: true, prompter });
    expect(status).toBe(2);
    expect((await world.failure(['remove', 'doctor'])).code).toBe('E_INPUT_REQUIRED');
    expect(await readdir(world.keystores)).toEqual(['doctor.p12']);
  });

  test('--dry-run changes nothing and asks nothing', async () => {
    expect(await world.json(['remove', 'doctor', '--dry-run'])).toMatchObject({ dryRun: true });
    expect(await readdir(world.keystores)).toEqual(['doctor.p12']);
  });

  test.each([[[]], [['--organisation']]])('one in use (%j): only with --force', async (flags) => {
    await world.json(['use', 'doctor', ...flags]);
    expect(await world.failure(['remove', 'doctor', '--yes'])).toMatchObject({
      status: 2,
      code: 'E_USAGE',
    });
    await world.json(['remove', 'doctor', '--yes', '--force']);
    expect((await world.failure(['show'])).code).toBe('E_KEYSTORE_UNKNOWN');
  });

  test('one whose request is in progress: only with --force', async () => {
    const env = { TOPAZ_HOME: world.keystores.replace(/[/\\]data[/\\].*$/, '') };
    const paths = resolvePaths({ env, platform: 'linux', home: world.dir });
    const store = openRequestStore(profileFolders(paths, 'cabinet').state);
    await store.save({
      schema: RECORD_SCHEMA,
      id: 'a'.repeat(40),
      state: 'sent',
      environment: 'acc',
      as: 'person',
      holder: { type: 'SSIN', id: '79021599732' },
      keystore: path,
      createdAt: '2026-02-28T12:00:00Z',
    });
    const error = await world.failure(['remove', 'doctor', '--yes']);
    expect(error).toMatchObject({ status: 2, code: 'E_USAGE' });
    expect(error.message).toContain('request in progress');
    await world.json(['remove', 'doctor', '--yes', '--force']);
    expect(await readdir(world.keystores)).toEqual(['backups']);
  });

  test('not a file elsewhere', async () => {
    const elsewhere = join(world.dir, 'mine.p12');
    await copyFile(path, elsewhere);
    expect((await world.failure(['remove', elsewhere, '--yes'])).code).toBe('E_USAGE');
    expect((await stat(elsewhere)).isFile()).toBe(true);
  });

  test('where no copy can be kept, it stays', async () => {
    await writeFile(backups, 'a file in the way');
    expect((await world.failure(['remove', 'doctor', '--yes'])).code).toBe('E_FILE_EXISTS');
    expect(await opens(path, PASSWORD)).toBe(true);
  });
});
