/** `topaz backup` as typed: from one home to another, where everything answers alike. */

import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { createWorld, JEAN, MARIE } from '../access/world.js';
import type { Outcome, World } from '../access/world.js';

let world: World;
let phrase: readonly string[];
let backup = '';

const at = (home: string) => ({ env: { TOPAZ_HOME: join(world.dir, home) } });
const create = (...more: readonly string[]): Promise<Outcome> => world.topaz(['backup', 'create', ...phrase, ...more]); // prettier-ignore

beforeAll(async () => {
  world = await createWorld();
  await writeFile(join(world.dir, 'phrase'), 'une phrase de passe assez longue\n', { mode: 0o600 });
  phrase = ['--passphrase-file', join(world.dir, 'phrase')];
  await world.sync();
  await world.topaz(['access', 'grant', MARIE, '--keystore', 'group', ...world.pin]);
  await world.profile({ holder: { type: 'SSIN', id: JEAN }, mycarenet: { responsible: JEAN } });
  await world.topaz(['keystore', 'show', 'group', ...world.password]);
}, 30_000);
afterAll(() => world.remove());

describe('create', () => {
  test('--dry-run says what would be in it and asks for nothing', async () => {
    const { status, document } = await world.topaz(['backup', 'create', '--dry-run']);
    expect(status).toBe(0);
    expect(document).toMatchObject({ dryRun: true, skipped: 0, contents: [{ kind: 'profiles', files: 1 }, { kind: 'keystores', files: 2 }, { kind: 'messages' }, { kind: 'access' }] }); // prettier-ignore
  });

  test('in two places, read back', async () => {
    const { status, document } = await create('--out', '.', '--out', 'two.backup');
    expect(status).toBe(0);
    const [first = '', second = ''] = document?.['places'] as string[];
    expect([first, second]).toEqual([expect.stringMatching(/work\/topaz-\d{8}T\d{6}Z\.backup$/), join(world.dir, 'two.backup')]); // prettier-ignore
    expect(await readFile(first)).toEqual(await readFile(second));
    expect((await stat(first)).mode & 0o777).toBe(0o600);
    backup = second;
  });

  test.each<[string, string[], string]>([
    ['a file that is there', ['--out', 'two.backup'], 'E_FILE_EXISTS'],
    ['no such folder', ['--out', 'nowhere/x'], 'E_FILE_NOT_FOUND'],
    ['no place', [], 'E_INPUT_REQUIRED'],
    ['stdout', ['--out', '-'], 'E_USAGE'],
    ['a place in what is saved', ['--out', '../data/x.backup'], 'E_USAGE'],
  ])('%s is refused', async (_, more, code) => {
    expect(await create(...more)).toMatchObject({ document: undefined, error: { code } });
  });

  test('a short passphrase, no passphrase, an empty home', async () => {
    await writeFile(join(world.dir, 'short'), 'short\n', { mode: 0o600 });
    expect(await world.topaz(['backup', 'create', '--out', 'x', '--passphrase-file', join(world.dir, 'short')])).toMatchObject({ status: 2, error: { code: 'E_PASSWORD_WEAK' } }); // prettier-ignore
    expect(await world.topaz(['backup', 'create', '--out', 'x'])).toMatchObject({ status: 2, error: { code: 'E_INPUT_REQUIRED' } }); // prettier-ignore
    expect(await world.topaz(['backup', 'create', '--out', 'x', ...phrase], at('empty'))).toMatchObject({ status: 2, error: { code: 'E_FILE_NOT_FOUND' } }); // prettier-ignore
  });
});

describe('verify', () => {
  test('what is in it; another passphrase is 4, a changed byte 9', async () => {
    expect(await world.topaz(['backup', 'verify', backup, ...phrase])).toMatchObject({ status: 0, document: { valid: true, path: backup } }); // prettier-ignore
    await writeFile(join(world.dir, 'other'), 'another phrase of words\n', { mode: 0o600 });
    expect(await world.topaz(['backup', 'verify', backup, '--passphrase-file', join(world.dir, 'other')])).toMatchObject({ status: 4, error: { code: 'E_PASSPHRASE' } }); // prettier-ignore
    const bytes = await readFile(backup);
    bytes[bytes.length - 100] = (bytes.at(-100) ?? 0) ^ 1;
    await writeFile(join(world.dir, 'bad.backup'), bytes);
    expect(await world.topaz(['backup', 'verify', 'bad.backup', ...phrase])).toMatchObject({ status: 9, document: undefined, error: { code: 'E_BACKUP_INVALID' } }); // prettier-ignore
    expect(await world.topaz(['backup', 'verify', 'none', ...phrase])).toMatchObject({ status: 2, error: { code: 'E_FILE_NOT_FOUND' } }); // prettier-ignore
  });
});

describe('restore', () => {
  test('a changed backup leaves nothing behind', async () => {
    expect(await world.topaz(['backup', 'restore', 'bad.backup', ...phrase], at('never'))).toMatchObject({ status: 9 }); // prettier-ignore
    expect(await readdir(join(world.dir, 'never')).catch(() => [])).toEqual([]);
  });

  test('not into this home, nor before it was asked for', async () => {
    expect(await world.topaz(['backup', 'restore', backup, ...phrase])).toMatchObject({ status: 2, error: { code: 'E_FILE_EXISTS' } }); // prettier-ignore
    expect(await world.topaz(['backup', 'restore', backup, '--dry-run', ...phrase], at('dry'))).toMatchObject({ status: 0, document: { dryRun: true } }); // prettier-ignore
    expect(await readdir(join(world.dir, 'dry')).catch(() => [])).toEqual([]);
  });

  test('another home answers alike', async () => {
    expect(await world.topaz(['backup', 'restore', backup, ...phrase], at('new'))).toMatchObject({ status: 0, document: { places: { data: join(world.dir, 'new', 'data') } } }); // prettier-ignore
    for (const argv of [['access', 'list'], ['access', 'log'], ['access', 'log', '--verify'], ['ehbox', 'list'], ['ehbox', 'show', '9ZTEST0000001'], ['cert', 'status', ...world.password], ['key', 'list']]) {
      const [here, there] = [await world.topaz(argv), await world.topaz(argv, at('new'))];
      expect({ argv, status: here.status }).toEqual({ argv, status: 0 });
      expect({ argv, ...there.document }).toEqual({ argv, ...here.document });
    } // prettier-ignore
  }, 30_000);

  test('a second time is refused', async () => {
    expect(await world.topaz(['backup', 'restore', backup, ...phrase], at('new'))).toMatchObject({ status: 2, error: { code: 'E_FILE_EXISTS' } }); // prettier-ignore
  });
});
