/** Files that are written piece by piece and appear whole. */

import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { AtomicFile } from '../../src/disk/atomic-file.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'topaz-atomic-'));
  path = join(folder, 'out');
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('nothing is under its name until it is complete; 0600', async () => {
  const file = await AtomicFile.begin(path);
  await file.write(Buffer.from('one '));
  await file.write(Buffer.from('two'));
  expect(await readdir(folder)).toEqual([expect.stringMatching(/^\.out\.[0-9a-f]{12}\.tmp$/)]);
  await file.commit();
  expect(await readFile(path, 'utf8')).toBe('one two');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['out']);
});

test('abandoned, nothing is left and the old file stays', async () => {
  await writeFile(path, 'old');
  const file = await AtomicFile.begin(path);
  await file.write(Buffer.from('new'));
  await file.abandon();
  expect([await readdir(folder), await readFile(path, 'utf8')]).toEqual([['out'], 'old']);
});

test('a file that came meanwhile is not replaced unless that is wanted', async () => {
  const file = await AtomicFile.begin(path, { overwrite: false });
  await writeFile(path, 'of another');
  await expect(file.commit()).rejects.toMatchObject({ code: 'E_FILE_EXISTS' });
  expect([await readdir(folder), await readFile(path, 'utf8')]).toEqual([['out'], 'of another']);
  const wanted = await AtomicFile.begin(path);
  await wanted.commit();
  expect(await readFile(path, 'utf8')).toBe('');
});

test('a folder that does not exist', async () => {
  await expect(AtomicFile.begin(join(folder, 'none', 'out'))).rejects.toMatchObject({ code: 'E_FILE_NOT_FOUND' }); // prettier-ignore
});

test('a folder that goes away: nothing is left, the error is told', async () => {
  const file = await AtomicFile.begin(path);
  await file.write(Buffer.from('x'));
  await rm(folder, { recursive: true });
  await expect(file.commit()).rejects.toMatchObject({ code: 'E_FILE_NOT_FOUND' });
});
