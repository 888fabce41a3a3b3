/** `topaz keystore`: import, list, show, use, as typed. */

import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { createPendingKeystore, saveKeystore } from '../../../src/keystore/keystore.js';
import { scriptedPrompter } from '../../support/context.js';
import { bytes, keyOf, keystoreFile, PASSWORD } from '../../keystore/fixtures.js';
import { createWorld } from './world.js';
import type { World } from './world.js';

const FILE = keystoreFile('keytool-modern');
let world: World;

beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await world.remove();
});

const importDoctor = (...flags: string[]): Promise<Record<string, unknown>> =>
  world.json(['import', FILE, '--alias', 'doctor', ...flags, ...world.password]);

describe('import', () => {
  test('copies the file byte for byte, mode 0600, under its own name', async () => {
    const document = await world.json(['import', FILE, ...world.password]);

    const path = join(world.keystores, 'keytool-modern.p12');
    expect(document).toMatchObject({
      schema: 'topaz.keystore.import/1',
      imported: true,
      alias: 'keytool-modern',
      path,
      state: 'ready',
      holder: { type: 'SSIN', id: '79021599732', name: 'JEAN EXEMPLE' },
    });
    expect(await readFile(path)).toEqual(await readFile(FILE));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(world.keystores)).mode & 0o777).toBe(0o700);
  });

  test('says what it did, with the next step, on stderr alone', async () => {
    const { status, stdout, stderr } = await world.run(['import', FILE, '--alias', 'doctor', ...world.password]); // prettier-ignore

    expect(status).toBe(0);
    expect(stdout).toEqual([]);
    expect(stderr.join('\n')).toContain('JEAN EXEMPLE, SSIN 79.02.15-997.32 (person)');
    expect(stderr.join('\n')).toContain('topaz keystore use "doctor"');
  });

  test('--use and --organisation set the profile', async () => {
    await importDoctor('--use');
    await world.json(['import', keystoreFile('bouncycastle'), '--organisation', ...world.password]);

    const { keystores } = (await world.json(['list'])) as { keystores: unknown[] };
    expect(keystores).toMatchObject([
      { alias: 'bouncycastle', active: false, organisation: true },
      { alias: 'doctor', active: true, organisation: false },
    ]);
  });

  test('the same file again: already there, no password needed', async () => {
    await importDoctor();
    const again = await world.json(['import', FILE, '--alias', 'doctor']);
    expect(again).toMatchObject({ imported: false, alias: 'doctor' });
    const unnamed = await world.json(['import', FILE, '--use']);
    expect(unnamed).toMatchObject({ imported: false, alias: 'doctor' });
    expect(await readdir(world.keystores)).toEqual(['doctor.p12']);
    expect(await world.json(['show', ...world.password])).toMatchObject({
      keystore: { alias: 'doctor', active: true },
    });
  });

  test('another file under a taken name: refused before the password is asked', async () => {
    await importDoctor();
    const other = keystoreFile('openssl-modern');
    const error = await world.failure(['import', other, '--alias', 'Doctor']);

    expect(error).toMatchObject({ status: 2, code: 'E_FILE_EXISTS' });
    expect(await readFile(join(world.keystores, 'doctor.p12'))).toEqual(await readFile(FILE));
  });

  test('--force replaces it and keeps a dated copy', async () => {
    await importDoctor();
    const other = keystoreFile('openssl-modern');
    await world.json(['import', other, '--alias', 'doctor', '--force', ...world.password]);

    expect(await readFile(join(world.keystores, 'doctor.p12'))).toEqual(await readFile(other));
    const backups = await readdir(join(world.keystores, 'backups'));
    expect(backups).toHaveLength(1);
    expect(await readFile(join(world.keystores, 'backups', backups[0]!))).toEqual(
      await readFile(FILE),
    );
  });

  test('--move removes the file, but not the only copy', async () => {
    const source = join(world.dir, 'mine.p12');
    await copyFile(FILE, source);
    await world.json(['import', 'mine.p12', '--move', ...world.password]);
    await expect(stat(source)).rejects.toMatchObject({ code: 'ENOENT' });

    const stored = join(world.keystores, 'mine.p12');
    await world.json(['import', stored, '--move']);
    expect(await readFile(stored)).toEqual(await readFile(FILE));
  });

  test('from stdin, with a name', async () => {
    const io = { readStdin: async () => Uint8Array.from(await readFile(FILE)) };
    const document = await world.json(['import', '-', '--alias', 'piped', ...world.password], {
      io,
    });
    expect(document).toMatchObject({ imported: true, alias: 'piped' });
    expect(await world.failure(['import', '-', ...world.password], { io })).toMatchObject({
      code: 'E_USAGE',
    });
  });

  test('a person types the password', async () => {
    const { prompter, asked } = scriptedPrompter(PASSWORD);
    const { status } = await world.run(['import', FILE], { terminal: true, prompter });

    expect(status).toBe(0);
    expect(asked).toEqual(['Password of keystore keytool-modern:']);
  });

  test('a pending one', async () => {
    const path = join(world.dir, 'pending.p12');
    await saveKeystore(path, createPendingKeystore(keyOf('doctor'), new Date()), bytes(PASSWORD));
    expect(await world.json(['import', path, ...world.password])).toMatchObject({
      imported: true,
      state: 'pending',
      certificates: [],
    });
  });

  test.each([
    ['no such file', ['none.p12'], 2, 'E_FILE_NOT_FOUND'],
    ['no keystore', [`${process.cwd()}/package.json`], 3, 'E_KEYSTORE_FORMAT'],
    ['no MAC', [keystoreFile('openssl-no-mac')], 3, 'E_KEYSTORE_FORMAT'],
    ['an alias with a folder', [FILE, '--alias', '../doctor'], 2, 'E_USAGE'],
    ['an alias that hides', [FILE, '--alias', '.doctor'], 2, 'E_USAGE'],
    ['an empty alias', [FILE, '--alias', ''], 2, 'E_USAGE'],
  ])('refuses %s', async (_, argv, status, code) => {
    const error = await world.failure(['import', ...argv, ...world.password]);
    expect(error).toMatchObject({ status, code });
    expect(await readdir(world.keystores).catch(() => [])).toEqual([]);
  });

  test('refuses a wrong password, and leaves nothing', async () => {
    const wrong = join(world.dir, 'wrong');
    await writeFile(wrong, 'not the password\n', { mode: 0o600 });
    const error = await world.failure(['import', FILE, '--password-file', wrong]);

    expect(error).toMatchObject({ status: 4, code: 'E_KEYSTORE_PASSWORD' });
    expect(JSON.stringify(error)).not.toContain('not the password');
    expect(await readdir(world.keystores).catch(() => [])).toEqual([]);
  });

  test('without password and without a person', async () => {
    expect(await world.failure(['import', FILE])).toMatchObject({
      status: 2,
      code: 'E_INPUT_REQUIRED',
      hint: expect.stringContaining('--password-file'),
    });
  });
});

describe('list', () => {
  test('nothing is no error', async () => {
    expect(await world.json(['list'])).toEqual({ schema: 'topaz.keystore.list/1', keystores: [] });
    const { stdout, stderr, status } = await world.run(['list'], { terminal: true });
    expect({ stdout, status }).toEqual({ stdout: [], status: 0 });
    expect(stderr.join()).toContain('topaz keystore import');
  });

  test('one record per keystore in a pipe, a table on a terminal', async () => {
    await importDoctor('--use');
    const path = join(world.keystores, 'doctor.p12');
    const { stdout } = await world.run(['list']);
    expect(stdout[0]!.split('\t')).toEqual([
      'doctor',
      'active',
      expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/),
      String((await stat(path)).size),
      path,
      'cabinet',
    ]);
    const shown = await world.run(['ls'], { terminal: true, env: { NO_COLOR: '1' } });
    expect(shown.stdout.join('\n')).toMatch(/Alias +Use +Changed[^]*doctor +active/);
  });

  test('--scan also finds what official tools made', async () => {
    const folder = join(world.dir, 'home', 'ehealth', 'keystore');
    await mkdir(folder, { recursive: true });
    const name = 'SSIN=79021599732 20260115-093000.acc.p12';
    await copyFile(FILE, join(folder, name));

    expect(await world.json(['list'])).toMatchObject({ keystores: [] });
    expect(await world.json(['list', '--scan'])).toMatchObject({
      keystores: [
        { alias: 'SSIN=79021599732 20260115-093000.acc', path: join(folder, name), active: false },
      ],
    });
  });

  test('--all-profiles names the profile of each', async () => {
    await importDoctor();
    expect(await world.json(['list', '--all-profiles'])).toMatchObject({
      keystores: [{ profile: 'cabinet', alias: 'doctor' }],
    });
  });
});

describe('show', () => {
  test('everything as JSON', async () => {
    await importDoctor('--use');
    const { keystore } = (await world.json(['show', ...world.password])) as {
      keystore: Record<string, unknown>;
    };

    expect(keystore).toMatchObject({
      alias: 'doctor',
      active: true,
      state: 'ready',
      requestId: expect.stringMatching(/^[0-9a-f]{40}$/),
      holder: { type: 'SSIN', id: '79021599732', name: 'JEAN EXEMPLE' },
      certificates: [
        {
          alias: 'authentication',
          usage: 'authentication',
          subject:
            'CN=SSIN=79021599732,OU=eHealth-platform Belgium,OU=JEAN EXEMPLE,OU=SSIN=79021599732,O=Federal Government,C=BE',
          notBefore: '2025-01-01T00:00:00Z',
          notAfter: '2035-01-01T00:00:00Z',
          daysLeft: 3227,
          state: 'valid',
        },
        { usage: 'encryption', alias: String(0xf35a0c11d2e4470b9a6655443322110an), state: 'valid' },
        {
          usage: 'encryption',
          alias: String(0x1122334455667788990011223344556an),
          state: 'expired',
        },
      ],
      issuers: ['CN=topaz fixture eHealth issuing CA 002,O=ZETES look-alike,C=BE'],
      otherKeys: [],
    });
    expect(keystore['holder']).not.toHaveProperty('quality');
  });

  test('the quality of a person comes from the profile', async () => {
    await world.remove();
    world = await createWorld({ holder: { quality: 'doctor' }, keystore: 'doctor' });
    await importDoctor();
    expect(await world.json(['show', ...world.password])).toMatchObject({
      keystore: { holder: { quality: 'doctor' } },
    });
    expect(await world.json(['show', FILE, ...world.password])).not.toMatchObject({
      keystore: { holder: { quality: 'doctor' } },
    });
  });

  test('for people, in four languages, no key of a text left over', async () => {
    await importDoctor('--use');
    for (const lang of ['en', 'fr', 'nl', 'de']) {
      const { stdout } = await world.run(['show', '--lang', lang, ...world.password], {
        terminal: true,
      });
      expect(stdout.join('\n')).toContain('79.02.15-997.32');
      expect(stdout.join('\n')).not.toMatch(/keystore\.|\{/);
    }
  });

  test('a file by its path, and one record per certificate in a pipe', async () => {
    const { stdout, status } = await world.run(['show', FILE, ...world.password]);
    expect(status).toBe(0);
    expect(stdout.map((line) => line.split('\t').slice(0, 4))).toEqual([
      ['authentication', 'authentication', 'valid', '2025-01-01T00:00:00Z'],
      ['encryption', expect.any(String), 'valid', '2025-01-01T00:00:00Z'],
      ['encryption', expect.any(String), 'expired', '2022-01-01T00:00:00Z'],
    ]);
  });

  test('without an active one: the next step', async () => {
    expect(await world.failure(['show'])).toMatchObject({
      status: 3,
      code: 'E_KEYSTORE_UNKNOWN',
      hint: 'topaz keystore import FILE, or: topaz cert request',
    });
    await importDoctor();
    expect(await world.failure(['show'])).toMatchObject({ hint: 'topaz keystore use "doctor"' });
  });

  test('an unknown alias', async () => {
    await importDoctor();
    expect(await world.failure(['show', 'docter'])).toMatchObject({
      status: 3,
      code: 'E_KEYSTORE_UNKNOWN',
    });
  });

  test('passwords of several keystores are bound to their aliases', async () => {
    await importDoctor();
    const wrong = join(world.dir, 'wrong');
    await writeFile(wrong, 'not the password\n', { mode: 0o600 });
    const bound = ['--password-file', `doctor=${world.password[1]!}`, '--password-file', `group=${wrong}`]; // prettier-ignore
    expect(await world.json(['show', 'doctor', ...bound])).toMatchObject({
      keystore: { alias: 'doctor' },
    });
    const env = {
      TOPAZ_KEYSTORE_PASSWORD_FILE: wrong,
      TOPAZ_KEYSTORE_PASSWORD_FILE__DOCTOR: world.password[1]!,
    };
    expect(await world.json(['show', 'doctor'], { env })).toMatchObject({
      keystore: { alias: 'doctor' },
    });
  });
});

describe('use', () => {
  test('an alias, and a file that is not stored', async () => {
    await importDoctor();
    expect(await world.json(['use', 'DOCTOR'])).toEqual({
      schema: 'topaz.keystore.use/1',
      alias: 'doctor',
      path: join(world.keystores, 'doctor.p12'),
      organisation: false,
    });
    await copyFile(FILE, join(world.dir, 'elsewhere.p12'));
    await world.json(['use', 'elsewhere.p12']);
    expect(await world.json(['show', ...world.password])).toMatchObject({
      keystore: { path: join(world.dir, 'elsewhere.p12'), active: true },
    });
  });

  test('--organisation leaves the active one', async () => {
    await importDoctor('--use');
    await world.json([
      'import',
      keystoreFile('bouncycastle'),
      '--alias',
      'house',
      ...world.password,
    ]);
    await world.json(['use', 'house', '--organisation']);
    expect(await world.json(['list'])).toMatchObject({
      keystores: [
        { alias: 'doctor', active: true, organisation: false },
        { alias: 'house', active: false, organisation: true },
      ],
    });
  });

  test('refuses what is not there', async () => {
    expect(await world.failure(['use', 'nobody'])).toMatchObject({
      status: 3,
      code: 'E_KEYSTORE_UNKNOWN',
    });
  });
});
