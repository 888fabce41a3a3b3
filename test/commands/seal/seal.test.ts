/** `topaz seal`, through the whole program. */

import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { unseal } from '../../../src/etee/unseal.js';
import { decrypterOf, MADE_AT, pkiPath, ROOTS } from '../../etee/pki.js';
import { scriptedPrompter } from '../../support/context.js';
import { createWorld, type World } from './world.js';

const ETK = pkiPath('recipient.etk');
const CONTENT = Buffer.from('a letter\n\0\xff', 'latin1');

let world: World;

beforeEach(async () => {
  world = await createWorld();
  await writeFile(world.path('letter'), CONTENT);
});

afterEach(async () => {
  await world.remove();
});

async function contentOf(sealed: Uint8Array): Promise<Buffer> {
  const opened = await unseal(sealed, {
    decrypters: [decrypterOf('recipient')],
    roots: ROOTS,
    now: MADE_AT,
  });
  if (opened.verdict === 'refused') {
    throw new Error(opened.errors.join());
  }
  return Buffer.from(opened.content);
}

describe('topaz seal', () => {
  test('writes a private file, and says for whom on stderr', async () => {
    const { status, ctx } = await world.run(['seal', 'letter', '--etk', ETK, '--out', 'sealed']);
    expect({ status, stdout: ctx.stdout }).toEqual({ status: 0, stdout: [] });
    expect(ctx.stderr.at(-1)).toBe(
      'ok Sealed for 1 recipient: Marie Voorbeeld (SSIN 85.06.11-998.14), ETK valid until 1 January 2040',
    );
    expect(await contentOf(await readFile(world.path('sealed')))).toEqual(CONTENT);
    expect((await stat(world.path('sealed'))).mode & 0o777).toBe(0o600);
  });

  test('from stdin to a pipe', async () => {
    const { status, ctx, bytes } = await world.run(['seal', '--etk', ETK], {
      io: { readStdin: () => Promise.resolve(CONTENT) },
    });
    expect({ status, stdout: ctx.stdout }).toEqual({ status: 0, stdout: [] });
    expect(await contentOf(bytes)).toEqual(CONTENT);
  });

  test('for several, from the depot’s copies and from files', async () => {
    await world.copyEtk({ type: 'NIHII-LABO', id: '71234523' }, 'other');
    const document = await world.json([
      'seal', 'letter', '--to', 'nihii-labo=7-12345-23', '--etk', ETK, '--out', 'sealed',
    ]); // prettier-ignore
    expect(document).toEqual({
      schema: 'topaz.seal/1',
      fitsMailbox: true,
      sender: { type: 'SSIN', id: '79021599732', name: 'Jean Exemple' },
      recipients: [
        expect.objectContaining({ type: 'NIHII-LABO', id: '71234523', name: 'Labo Exemple' }),
        expect.objectContaining({ type: 'SSIN', notAfter: '2040-01-01T00:00:00Z' }),
      ],
      signingTime: MADE_AT.toISOString().replace('.000Z', 'Z'),
      contentSizeBytes: CONTENT.length,
      sizeBytes: (await stat(world.path('sealed'))).size,
      armored: false,
      file: world.path('sealed'),
    });
  });

  test('--armor: text that may go to a terminal, and is opened again', async () => {
    const { status, bytes } = await world.run(['seal', 'letter', '--etk', ETK, '--armor'], {
      terminal: true,
    });
    expect(status).toBe(0);
    expect(bytes.toString()).toMatch(/^(?:[A-Za-z0-9+/]{64}\n)+[A-Za-z0-9+/]{1,64}={0,2}\n$/);
    expect(await contentOf(Buffer.from(bytes.toString(), 'base64'))).toEqual(CONTENT);
  });

  test('asks for whom where there is a person, and names the flag where there is none', async () => {
    await world.copyEtk({ type: 'SSIN', id: '85061199814' }, 'recipient');
    const script = scriptedPrompter('SSIN=85.06.11-998.14');
    const { status } = await world.run(['seal', 'letter', '--out', 'sealed'], {
      terminal: true,
      prompter: script.prompter,
    });
    expect({ status, asked: script.asked }).toEqual({ status: 0, asked: ['For whom (TYPE=ID)?'] });
    expect(await world.failure(['seal', 'letter', '--out', 'other'])).toMatchObject({
      code: 'E_INPUT_REQUIRED',
      hint: 'add --to',
    });
  });
});

describe('recipients of a list', () => {
  test('--to-file: one a line, remarks passed over', async () => {
    await world.copyEtk({ type: 'NIHII-LABO', id: '71234523' }, 'other');
    await world.copyEtk({ type: 'SSIN', id: '85061199814' }, 'recipient');
    await writeFile(
      world.path('list'),
      '# colleagues\r\nNIHII-LABO=71234523\r\n\n  SSIN=85061199814  \n',
    );
    const { recipients } = await world.json([
      'seal', 'letter', '--to-file', 'list', '--out', 'sealed',
    ]); // prettier-ignore
    expect(recipients).toMatchObject([{ type: 'NIHII-LABO' }, { type: 'SSIN' }]);
    expect(await contentOf(await readFile(world.path('sealed')))).toEqual(CONTENT);
  });

  test.each([
    ['a list that is not there', undefined, 'E_FILE_NOT_FOUND'],
    ['a list that names nobody', '# nobody\n\n', 'E_USAGE'],
    ['a line that is no recipient', 'SSIN=85061199814\nMarie\n', 'E_IDENTIFIER_INVALID'],
  ])('%s', async (_, text, code) => {
    if (text !== undefined) {
      await writeFile(world.path('list'), text);
    }
    const argv = ['seal', 'letter', '--to-file', 'list', '--out', 'sealed'];
    expect(await world.failure(argv)).toMatchObject({ code });
    expect(await readdir(world.dir)).not.toContain('sealed');
  });
});

describe('large and streaming', () => {
  const large = randomBytes(6_000_000);

  test('a large file, and a large stream of unknown length, give the same content', async () => {
    await writeFile(world.path('large'), large);
    const argv = ['seal', 'large', '--etk', ETK, '--out', 'sealed'];
    const document = await world.json(argv);
    const sealed = await readFile(world.path('sealed'));
    expect(document).toMatchObject({ contentSizeBytes: large.length, sizeBytes: sealed.length });
    // Definite lengths where the length is known, indefinite ones where it is not.
    expect(sealed.subarray(0, 2).toString('hex')).toBe('3083');
    expect((await contentOf(sealed)).equals(large)).toBe(true);
    const { bytes } = await world.run(['seal', '--etk', ETK], {
      io: { stdinChunks: () => chunks(large, 65_536) },
    });
    expect(bytes.subarray(0, 2).toString('hex')).toBe('3080');
    expect((await contentOf(bytes)).equals(large)).toBe(true);
  });

  test('a small stream has a known length', async () => {
    const { bytes } = await world.run(['seal', '--etk', ETK], {
      io: { stdinChunks: () => chunks(CONTENT, 3) },
    });
    expect(bytes.subarray(0, 2).toString('hex')).toBe('3082');
    expect(await contentOf(bytes)).toEqual(CONTENT);
  });

  test('told before it is sent: larger than the mailbox takes', async () => {
    await writeFile(world.path('huge'), Buffer.alloc(10_500_000));
    const argv = ['seal', 'huge', '--etk', ETK, '--out', 'sealed'];
    const { ctx } = await world.run(argv);
    expect(ctx.stderr).toContain(
      '! The sealed message (10,5 MB) is larger than the 10 MB that the eHealthBox takes',
    );
    expect(await world.json([...argv, '--force'])).toMatchObject({ fitsMailbox: false });
  });

  test('armour of any size is opened again', async () => {
    await writeFile(world.path('large'), large.subarray(0, 300_001));
    await world.run(['seal', 'large', '--etk', ETK, '--armor', '--out', 'armored']);
    const text = await readFile(world.path('armored'), 'latin1');
    expect(
      text
        .split('\n')
        .slice(0, -2)
        .every((line) => line.length === 64),
    ).toBe(true);
    await world.run(['unseal', 'armored', '--keystore', 'recipient', '--out', 'opened']);
    expect((await readFile(world.path('opened'))).equals(large.subarray(0, 300_001))).toBe(true);
  });

  test('a stream that breaks leaves nothing, on disk or on stdout', async () => {
    async function* breaking(): AsyncGenerator<Uint8Array> {
      yield* chunks(large, 65_536);
      throw new Error('the pipe broke');
    }
    const io = { stdinChunks: breaking };
    const toFile = await world.run(['seal', '--etk', ETK, '--out', 'sealed'], { io });
    const toStdout = await world.run(['seal', '--etk', ETK], { io });
    expect([toFile.status, toStdout.status]).toEqual([1, 1]);
    expect(toStdout.bytes).toHaveLength(0);
    expect((await readdir(world.dir)).sort()).toEqual(['letter', 'password']);
    expect(await world.pending()).toEqual([]);
  });
});

async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    yield await Promise.resolve(bytes.subarray(at, at + size));
  }
}

describe('refused before the password is asked', () => {
  const noPassword = { env: { TOPAZ_KEYSTORE_PASSWORD_FILE: '/nonexistent/file' } };

  test('binary on a terminal, unless forced', async () => {
    const { status, ctx } = await world.run(['seal', 'letter', '--etk', ETK], {
      ...noPassword,
      terminal: true,
    });
    expect(status).toBe(2);
    expect(ctx.stderr).toEqual([
      'topaz: refusing to write binary to the terminal [E_BINARY_TO_TERMINAL]',
      '  next: --out FILE, or force with --out -',
    ]);
    const forced = await world.run(['seal', 'letter', '--etk', ETK, '--out', '-'], {
      terminal: true,
    });
    expect(await contentOf(forced.bytes)).toEqual(CONTENT);
  });

  test.each([
    ['a file that is there', ['letter', '--etk', ETK, '--out', 'letter'], 'E_FILE_EXISTS'],
    ['a folder', ['letter', '--etk', ETK, '--out', '.'], 'E_FILE_EXISTS'],
    [
      'a folder that is not there',
      ['letter', '--etk', ETK, '--out', 'no/sealed'],
      'E_FILE_NOT_FOUND',
    ],
    ['no such file', ['nothing', '--etk', ETK, '--out', 'sealed'], 'E_FILE_NOT_FOUND'],
    ['a folder to seal', ['.', '--etk', ETK, '--out', 'sealed'], 'E_FILE_NOT_FOUND'],
    ['no such ETK file', ['letter', '--etk', 'nothing', '--out', 'sealed'], 'E_FILE_NOT_FOUND'],
    ['a file that is no ETK', ['letter', '--etk', 'letter', '--out', 'sealed'], 'E_ETK_INVALID'],
    [
      'an untrusted ETK',
      ['letter', '--etk', pkiPath('stranger.etk'), '--out', 'sealed'],
      'E_ETK_INVALID',
    ],
    [
      'an expired ETK',
      ['letter', '--etk', pkiPath('expired.etk'), '--out', 'sealed'],
      'E_CERT_EXPIRED',
    ],
    [
      'one bad ETK among good ones',
      ['letter', '--etk', ETK, '--etk', pkiPath('stranger.etk'), '--out', 'sealed'],
      'E_ETK_INVALID',
    ],
    [
      'an identifier that is none',
      ['letter', '--to', 'Marie', '--out', 'sealed'],
      'E_IDENTIFIER_INVALID',
    ],
    ['a wrong SSIN', ['letter', '--to', 'SSIN=85061199815', '--out', 'sealed'], 'E_SSIN_INVALID'],
    ['--json and stdout', ['letter', '--etk', ETK], 'E_USAGE'],
  ])('%s', async (_, argv, code) => {
    expect(await world.failure(['seal', ...argv], noPassword)).toMatchObject({
      code,
      hint: expect.any(String),
    });
    expect((await readdir(world.dir)).sort()).toEqual(['letter', 'password']);
    expect(await readFile(world.path('letter'))).toEqual(CONTENT);
  });

  test('nothing to read on a terminal', async () => {
    const { ctx } = await world.run(['seal', '--etk', ETK, '--out', 'sealed'], {
      ...noPassword,
      terminal: true,
    });
    expect(ctx.stderr[0]).toBe('topaz: there is nothing to read [E_USAGE]');
  });

  test('which recipient it is about', async () => {
    expect(
      await world.failure(['seal', 'letter', '--etk', pkiPath('stranger.etk'), '--out', 'sealed']),
    ).toMatchObject({ facts: [`recipient: ${pkiPath('stranger.etk')}`, expect.any(String)] });
  });
});

describe('refused later', () => {
  test('--force replaces a file, and only then', async () => {
    await writeFile(world.path('sealed'), 'old');
    const argv = ['seal', 'letter', '--etk', ETK, '--out', 'sealed', '--force'];
    expect((await world.run(argv)).status).toBe(0);
    expect(await contentOf(await readFile(world.path('sealed')))).toEqual(CONTENT);
  });

  test('a wrong password leaves no file', async () => {
    await writeFile(world.path('password'), 'wrong\n', { mode: 0o600 });
    expect(await world.failure(['seal', 'letter', '--etk', ETK, '--out', 'sealed'])).toMatchObject({
      code: 'E_KEYSTORE_PASSWORD',
    });
    expect((await readdir(world.dir)).sort()).toEqual(['letter', 'password']);
  });

  test('an expired keystore cannot seal', async () => {
    expect(
      await world.failure([
        'seal', 'letter', '--etk', ETK, '--out', 'sealed', '--keystore', 'expired',
      ]), // prettier-ignore
    ).toMatchObject({ code: 'E_CERT_EXPIRED' });
  });
});

test.each(['en', 'fr', 'nl', 'de'])('the done line in %s', async (lang) => {
  const { ctx } = await world.run(['seal', 'letter', '--etk', ETK, '--out', 's', '--lang', lang]);
  expect(ctx.stderr.at(-1)).toContain('Marie Voorbeeld (SSIN 85.06.11-998.14)');
  expect(ctx.stderr.at(-1)).not.toContain('seal.');
});
