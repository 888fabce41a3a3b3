/** Copies of tokens: which are used, which can go, and that nothing else ever goes. */

import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { MAX_AGE_MS, writeCachedEtk } from '../../src/etk/cache.js';
import { isPrunable, listCopies, removeCopies } from '../../src/etk/copies.js';
import { readEtk } from '../../src/etee/etk.js';
import { etkOf, MADE_AT, type HolderName } from '../etee/pki.js';
import { createRegistrar } from './registrar.js';
import type { Wrong } from './registrar.js';

const URL = 'https://depot.test/EtkDepot/v1';
const MARIE = { type: 'SSIN', id: '85061199814' };
const LABO = { type: 'NIHII-LABO', id: '71234523' };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'topaz-copies-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const after = (ms: number): Date => new Date(MADE_AT.getTime() + ms);

async function put(
  name: HolderName,
  { identifier = MARIE, applicationId, url = URL, at = MADE_AT }: {
    identifier?: typeof MARIE; applicationId?: string; url?: string; at?: Date;
  } = {},
): Promise<void> {
  await writeCachedEtk(folder, { identifier, applicationId, url }, etkOf(name), at);
} // prettier-ignore

const states = async (now = MADE_AT, url: string | undefined = URL): Promise<object> =>
  Object.fromEntries(
    (await listCopies(folder, { now, url })).map(({ file, state }) => [file, state]),
  );

describe('the state of a copy', () => {
  test.each([
    ['is current for an hour', MAX_AGE_MS - 1, 'current'],
    ['is stale after it', MAX_AGE_MS, 'stale'],
    ['from the future is stale', -1, 'stale'],
    ['has expired with its certificate', 20 * 365 * 86_400_000, 'expired'],
  ])('%s', async (_, ms, state) => {
    await put('recipient');
    expect(await states(after(ms))).toEqual({ 'SSIN=85061199814.json': state });
  });

  test('is superseded when the profile asks another depot', async () => {
    await put('recipient', { url: 'https://old.test/EtkDepot/v1' });
    expect(await states()).toEqual({ 'SSIN=85061199814.json': 'superseded' });
    expect(await listCopies(folder, { now: MADE_AT })).toMatchObject([{ state: 'current' }]);
  });

  test('is superseded by a newer token of the same holder, whatever it was asked by', async () => {
    const registrar = createRegistrar();
    const newer = { serial: 8n, notBefore: new Date('2025-01-01T00:00:00Z') };
    const jean = { type: 'SSIN', id: '79021599732' };
    const at = new Date('2026-03-01T09:00:00Z');
    const keep = (applicationId: string | undefined, wrong: Wrong): Promise<void> =>
      writeCachedEtk(
        folder,
        { identifier: jean, applicationId, url: URL },
        readEtk(registrar.token(wrong)),
        at,
      );
    await keep(undefined, {});
    expect(await states(at)).toEqual({ 'SSIN=79021599732.json': 'current' });
    await keep('', { enc: newer });
    expect(await states(at)).toEqual({
      'SSIN=79021599732 .json': 'current',
      'SSIN=79021599732.json': 'superseded',
    });
    // From another depot it says nothing about this one.
    await writeCachedEtk(folder, { identifier: jean, applicationId: '', url: 'https://other.test/' }, readEtk(registrar.token({ enc: newer })), at); // prettier-ignore
    expect(await states(at)).toMatchObject({ 'SSIN=79021599732.json': 'current' });
  });

  test('is damaged when nothing can be read from it', async () => {
    await writeFile(join(folder, 'SSIN=85061199814.json'), '{"fetchedAt":"soon"');
    await writeFile(join(folder, 'CBE=0123456749 APP.json'), '{"fetchedAt":"soon","url":"","etkBase64":""}'); // prettier-ignore
    expect(await states()).toEqual({
      'CBE=0123456749 APP.json': 'damaged',
      'SSIN=85061199814.json': 'damaged',
    });
  });
});

test('a folder that is not there holds none', async () => {
  expect(await listCopies(join(folder, 'none'), { now: MADE_AT })).toEqual([]);
});

test('only copies of no use are removed, and nothing else in the folder', async () => {
  await put('recipient');
  await put('other', { identifier: LABO, at: after(MAX_AGE_MS) });
  await writeFile(join(folder, 'notes.txt'), 'mine');
  await writeFile(join(folder, 'SSIN=79021599732.json'), 'damaged');
  await writeFile(join(folder, '..SSIN=1.json'), '{}');
  await mkdir(join(folder, 'CBE=1.json'));
  await symlink('/etc/hostname', join(folder, 'EHP=1.json'));
  const copies = await listCopies(folder, { now: after(MAX_AGE_MS), url: URL });
  const old = copies.filter((copy) => isPrunable(copy));
  expect(old.map(({ file }) => file)).toEqual(['SSIN=85061199814.json']);
  await removeCopies(old);
  await removeCopies(old);
  expect((await readdir(folder)).toSorted()).toEqual(
    ['..SSIN=1.json', 'CBE=1.json', 'EHP=1.json', 'NIHII-LABO=71234523.json', 'SSIN=79021599732.json', 'notes.txt'].toSorted(),
  ); // prettier-ignore
});
