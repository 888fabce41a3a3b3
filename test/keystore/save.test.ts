/** Saving: nothing is replaced before the new file has been read back; old ones are kept. */

import { mkdtempSync, rmSync } from 'node:fs';
import { lstat, symlink, chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';

import { holdsTheSame } from '../../src/keystore/compare.js';
import { keystoreFileName } from '../../src/keystore/file-name.js';
import {
  createPendingKeystore,
  openKeystore,
  readKeystore,
  saveKeystore,
} from '../../src/keystore/keystore.js';
import { keepCopy, replaceFile } from '../../src/keystore/replace-file.js';
import { bytes, doctorKeystore, keyOf, PASSWORD } from './fixtures.js';

const root = mkdtempSync(join(tmpdir(), 'topaz-save-'));
const NOW = new Date(2026, 2, 1, 9, 12, 44);
let folder = root;
let count = 0;

beforeEach(async () => {
  folder = join(root, String((count += 1)));
  await mkdir(folder);
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('saveKeystore', () => {
  test('a new file: mode 0600, nothing else left in the folder', async () => {
    const path = join(folder, 'doctor.p12');
    await saveKeystore(path, doctorKeystore(), bytes(PASSWORD));

    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['doctor.p12']);
    expect(holdsTheSame(await openKeystore(path, bytes(PASSWORD)), doctorKeystore())).toBe(true);
  });

  test('refuses an existing file unless told to replace it', async () => {
    const path = join(folder, 'doctor.p12');
    await writeFile(path, 'somebody else’s');

    await expect(saveKeystore(path, doctorKeystore(), bytes(PASSWORD))).rejects.toMatchObject({
      code: 'E_FILE_EXISTS',
    });
    expect(await readFile(path, 'utf8')).toBe('somebody else’s');
    expect(await readdir(folder)).toEqual(['doctor.p12']);
    await saveKeystore(path, doctorKeystore(), bytes(PASSWORD), { overwrite: true });
    expect((await openKeystore(path, bytes(PASSWORD))).state).toBe('ready');
  });

  test('a link in its place is replaced, and what it points to is left alone', async () => {
    const [path, target] = [join(folder, 'doctor.p12'), join(folder, 'target')];
    await writeFile(target, 'somebody else’s');
    await symlink(target, path);

    await saveKeystore(path, doctorKeystore(), bytes(PASSWORD), { overwrite: true });
    expect(await readFile(target, 'utf8')).toBe('somebody else’s');
    expect((await lstat(path)).isFile()).toBe(true);
  });

  test('keeps a dated copy of the old one, of mode 0600', async () => {
    const path = join(folder, 'doctor.p12');
    const backups = join(folder, 'backups');
    const pending = createPendingKeystore(keyOf('doctor'), NOW);
    await saveKeystore(path, pending, bytes(PASSWORD));
    const old = await readFile(path);
    await saveKeystore(path, doctorKeystore(), bytes(PASSWORD), {
      backup: { folder: backups, now: NOW },
    });

    expect(await readdir(backups)).toEqual(['doctor 20260301-091244.p12']);
    const copy = join(backups, 'doctor 20260301-091244.p12');
    expect(await readFile(copy)).toEqual(old);
    expect((await stat(copy)).mode & 0o777).toBe(0o600);
  });

  test('a folder that is not there', async () => {
    const path = join(folder, 'none', 'doctor.p12');
    await expect(saveKeystore(path, doctorKeystore(), bytes(PASSWORD))).rejects.toMatchObject({
      code: 'E_FILE_NOT_FOUND',
    });
  });

  const unprivileged = process.getuid?.() === 0 ? test.skip : test;
  unprivileged('a folder that cannot be written', async () => {
    await chmod(folder, 0o500);
    const path = join(folder, 'doctor.p12');
    await expect(saveKeystore(path, doctorKeystore(), bytes(PASSWORD))).rejects.toMatchObject({
      code: 'E_READ_ONLY',
    });
  });
});

describe('replaceFile', () => {
  test('a new file that does not read back leaves the old one, and no copy', async () => {
    const path = join(folder, 'doctor.p12');
    const backups = join(folder, 'backups');
    await writeFile(path, 'old');
    const work = replaceFile(path, bytes('new'), {
      overwrite: true,
      backup: { folder: backups, now: NOW },
      check: (written) =>
        Promise.reject(new Error(`not what it should be: ${written.length} bytes`)),
    });

    await expect(work).rejects.toThrow('3 bytes');
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['doctor.p12']);
  });
});

describe('keepCopy', () => {
  test('one copy per content and second; none of a file that is not there', async () => {
    const path = join(folder, 'a.p12');
    const backups = join(folder, 'backups');
    const keep = (): Promise<string | undefined> => keepCopy(path, { folder: backups, now: NOW });

    expect(await keep()).toBeUndefined();
    await writeFile(path, 'one');
    expect(await keep()).toBe(join(backups, 'a 20260301-091244.p12'));
    expect(await keep()).toBe(join(backups, 'a 20260301-091244.p12'));
    await writeFile(path, 'two');
    expect(await keep()).toBe(join(backups, 'a 20260301-091244-2.p12'));
    expect(await readFile(join(backups, 'a 20260301-091244.p12'), 'utf8')).toBe('one');
  });
});

describe('holdsTheSame', () => {
  const keystore = doctorKeystore();

  test.each([
    ['a missing encryption key', { ...keystore, encryption: keystore.encryption.slice(1) }],
    ['a missing issuer', { ...keystore, authentication: { ...keystore.authentication, chain: [keystore.authentication.chain[0]] as const } }], // prettier-ignore
    ['another authentication key', { ...keystore, authentication: { ...keystore.authentication, privateKey: keyOf('labo') } }], // prettier-ignore
    ['a key more', { ...keystore, unpairedKeys: [{ alias: 'x', privateKey: keyOf('labo') }] }],
    ['another state', { ...keystore, state: 'pending' as const }],
  ])('sees %s', (_, other) => {
    expect(holdsTheSame(keystore, other)).toBe(false);
    expect(holdsTheSame(other, keystore)).toBe(false);
  });

  test('the order of encryption keys does not count', () => {
    expect(
      holdsTheSame(keystore, { ...keystore, encryption: keystore.encryption.toReversed() }),
    ).toBe(true);
  });
});

describe('a read keystore is written again without loss', () => {
  test.each([['keytool-legacy'], ['bouncycastle'], ['openssl-rc2']])('%s', async (name) => {
    const original = await readKeystore(
      await readFile(`fixtures/keystore/${name}.p12`),
      bytes(PASSWORD),
    );
    const path = join(folder, 'copy.p12');
    await saveKeystore(path, original, bytes(PASSWORD));
    expect(holdsTheSame(await openKeystore(path, bytes(PASSWORD)), original)).toBe(true);
  });
});

describe('keystoreFileName', () => {
  const ssin = { type: 'SSIN', id: '79021599732' };

  test.each([
    ['acc', undefined, 'SSIN=79021599732 20260301-091244.acc.p12'],
    ['prod', undefined, 'SSIN=79021599732 20260301-091244.p12'],
    ['sandbox', 'APP', 'SSIN=79021599732,APP 20260301-091244.sandbox.p12'],
    ['int', '../../etc/passwd', 'SSIN=79021599732,.._.._etc_passwd 20260301-091244.int.p12'],
    ['prod', 'a:b*?"<>|\n\0', 'SSIN=79021599732,a_b________ 20260301-091244.p12'],
  ])('%s, application %j', (environment, application, name) => {
    expect(keystoreFileName(ssin, application, environment, NOW)).toBe(name);
  });
});
