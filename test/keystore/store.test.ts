/** The folder of keystores: aliases, paths, and what was probably meant. */

import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { holderKind } from '../../src/keystore/quality.js';
import { aliasOf, findKeystore, listKeystores, pathOfAlias } from '../../src/keystore/store.js';

const folder = mkdtempSync(join(tmpdir(), 'topaz-store-'));
const store = join(folder, 'keystores');
const OFFICIAL = 'SSIN=79021599732 20260301-091244.acc';

beforeAll(async () => {
  await mkdir(join(store, 'folder.p12'), { recursive: true });
  for (const name of ['doctor.p12', `${OFFICIAL}.p12`, '.hidden.p12', 'notes.txt', 'Group.P12']) {
    await writeFile(join(store, name), 'x');
  }
  await symlink(join(folder, 'gone'), join(store, 'dangling.p12'));
  await writeFile(join(folder, 'other.p12'), 'xy');
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('listKeystores', () => {
  test('files that end in .p12, by name; no folders, hidden or dangling ones', async () => {
    const stored = await listKeystores(store);
    expect(stored.map(({ alias }) => alias)).toEqual(['doctor', 'Group', OFFICIAL]);
    expect(stored[0]).toMatchObject({ path: join(store, 'doctor.p12'), sizeBytes: 1 });
    expect(stored[0]!.modifiedAt.getTime()).toBeGreaterThan(0);
  });

  test('no folder, no keystores', async () => {
    expect(await listKeystores(join(folder, 'none'))).toEqual([]);
  });
});

describe('findKeystore', () => {
  test.each([
    ['doctor', 'doctor.p12'],
    ['DOCTOR', 'doctor.p12'],
    ['doctor.p12', 'doctor.p12'],
    ['group', 'Group.P12'],
    [OFFICIAL, `${OFFICIAL}.p12`],
  ])('alias %s', async (alias, name) => {
    expect(await findKeystore(store, alias)).toBe(join(store, name));
  });

  test('a path, absolute or from the working folder', async () => {
    const path = join(folder, 'other.p12');
    expect(await findKeystore(store, path)).toBe(path);
    expect(await findKeystore(store, 'other.p12', { cwd: folder })).toBe(path);
    expect(await findKeystore(store, './other.p12', { cwd: folder })).toBe(path);
  });

  test.each([
    ['docter', ['doctor']],
    ['doc', ['doctor']],
    ['SSIN=79021599732', [OFFICIAL]],
    ['zzz', []],
  ])('%s is unknown: meant %j', async (alias, nearest) => {
    await expect(findKeystore(store, alias)).rejects.toMatchObject({
      code: 'E_KEYSTORE_UNKNOWN',
      details: { nearest },
    });
  });

  test.each([
    ['other', 'no extension is added to a path'],
    ['keystores', 'a folder'],
    ['', 'nothing'],
  ])('refuses %j (%s)', async (name) => {
    await expect(findKeystore(store, name, { cwd: folder })).rejects.toMatchObject({
      code: 'E_KEYSTORE_UNKNOWN',
    });
  });
});

describe('names', () => {
  test('alias and path are each other’s', () => {
    expect(aliasOf('/a/b/doctor.acc.p12')).toBe('doctor.acc');
    expect(aliasOf('x.P12')).toBe('x');
    expect(pathOfAlias('/a', 'doctor.acc')).toBe(join('/a', 'doctor.acc.p12'));
  });

  test.each([
    ['SSIN', { type: 'SSIN', sector: undefined, quality: undefined }],
    ['NIHII-GROUP', { type: 'NIHII', sector: 'GROUP', quality: 'groupofnurses' }],
    ['NIHII-OFFICE_DOCTORS', { type: 'NIHII', sector: 'OFFICE_DOCTORS', quality: 'officedoctors' }],
    ['NIHII-LABO', { type: 'NIHII', sector: 'LABO', quality: undefined }],
    ['CBE', { type: 'CBE', sector: undefined, quality: 'enterprise' }],
  ])('%s', (type, kind) => {
    expect(holderKind({ type })).toEqual(kind);
  });
});
