/** `topaz unseal`, through the whole program. */

import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { PendingFile } from '../../../src/etee/pending-file.js';
import { parsePemCertificates } from '../../../src/x509/pem.js';
import {
  certificateOf,
  FIXTURES,
  MADE_AT,
  MESSAGE,
  oracleMessage,
  pkiPath,
} from '../../etee/pki.js';
import { createWorld, type World } from '../seal/world.js';

const AS_MARIE = ['--keystore', 'recipient'];
const message = Buffer.from(MESSAGE);

let world: World;

beforeEach(async () => {
  world = await createWorld();
});

afterEach(async () => {
  await world.remove();
});

async function place(kind: string): Promise<void> {
  await copyFile(`${FIXTURES}/oracle/${kind}.sealed`, world.path('sealed'));
}

const opened = (): Promise<Buffer> => readFile(world.path('opened'));
const open = (...more: readonly string[]): readonly string[] => [
  'unseal', 'sealed', '--out', 'opened', ...AS_MARIE, ...more,
]; // prettier-ignore

describe('topaz unseal', () => {
  test('writes a private file, and says who sealed it on stderr', async () => {
    await place('none');
    const { status, ctx } = await world.run(open());
    expect({ status, stdout: ctx.stdout }).toEqual({ status: 0, stdout: [] });
    expect(ctx.stderr.at(-1)).toMatch(
      /^ok Sealed by Jean Exemple \(SSIN 79\.02\.15-997\.32\) on .+ [0-9]{2}:[0-9]{2}, certificate valid$/,
    );
    expect(await opened()).toEqual(message);
    expect((await stat(world.path('opened'))).mode & 0o777).toBe(0o600);
  });

  test('the facts, for a script', async () => {
    await place('none');
    const document = await world.json(open('--sender-out', 'sender.pem'));
    expect(document).toMatchObject({
      schema: 'topaz.unseal/1',
      verdict: 'clean',
      sender: {
        type: 'SSIN',
        id: '79021599732',
        name: 'Jean Exemple',
        certificate: { serial: certificateOf('sender-auth').serial.toString() },
      },
      signingTime: expect.stringMatching(/^2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      errors: [],
      warnings: [],
      sizeBytes: message.length,
      file: world.path('opened'),
      senderFile: world.path('sender.pem'),
    });
    const [sender] = parsePemCertificates(await readFile(world.path('sender.pem'), 'utf8'));
    expect(sender?.der).toEqual(certificateOf('sender-auth').der);
  });

  test.each([
    ['binary', oracleMessage('none')],
    ['base64', Buffer.from(Buffer.from(oracleMessage('none')).toString('base64'))],
    [
      'base64 in lines, with blanks around',
      Buffer.from(
        `\r\n${Buffer.from(oracleMessage('none')).toString('base64').replace(/.{76}/g, '$&\r\n')}\n\n`,
      ),
    ],
  ])('from stdin to a pipe: %s', async (_, sealed) => {
    const { status, bytes } = await world.run(['unseal', ...AS_MARIE], {
      io: { readStdin: () => Promise.resolve(sealed) },
    });
    expect(status).toBe(0);
    expect(bytes).toEqual(message);
  });

  test('a message that was sealed long ago is no cause for a warning', async () => {
    await place('none');
    const { status, ctx } = await world.run(open(), {
      now: () => new Date(MADE_AT.getTime() + 1000 * 24 * 3600 * 365),
    });
    expect(status).toBe(0);
    expect(ctx.stderr.filter((line) => line.startsWith('!'))).toEqual([]);
    expect(await world.json(open('--force'), { now: () => new Date(MADE_AT.getTime() + 3.6e6) })).toMatchObject({
      verdict: 'warning',
      warnings: ['SIGNING_TIME_EXPIRED'],
    }); // prettier-ignore
  });

  test('a message without a time says so', async () => {
    await place('no-signing-time');
    const { status, ctx } = await world.run(open());
    expect(status).toBe(0);
    expect(ctx.stderr.slice(-2)).toEqual([
      '! The message does not say when it was sealed',
      'ok Sealed by Jean Exemple (SSIN 79.02.15-997.32), certificate valid',
    ]);
  });

  test('a keystore that has ended still opens what was sealed for it', async () => {
    const sealed = await world.run(['seal', '--etk', `${FIXTURES}/pki/expired.etk`, '--out', 'sealed'], {
      now: () => new Date('2021-06-01T12:00:00Z'),
      io: { readStdin: () => Promise.resolve(message) },
    }); // prettier-ignore
    expect(sealed.ctx.stderr.at(-1)).toContain('Sealed for 1 recipient');
    const { status } = await world.run(['unseal', 'sealed', '--out', 'opened', '--keystore', 'expired']); // prettier-ignore
    expect(status).toBe(0);
    expect(await opened()).toEqual(message);
  });
});

describe('not genuine', () => {
  test.each([
    ['wrong-inner-signer', 'INNER_SIGNATURE_DOES_NOT_MATCH_SIGNATURE_CERTIFICATE'],
    ['wrong-outer-signer', 'OUTER_SIGNATURE_DOES_NOT_MATCH_AUTHENTICATION_CERTIFICATE'],
    ['tampered-inner', 'INNER_SIGNATURE_COULD_NOT_BE_VERIFIED'],
    ['stranger', 'OUTER_CERTIFICATE_CHAIN_NOT_TRUSTED'],
    ['weak-digest', 'OUTER_SIGNATURE_DIGEST_ALGORITHM_UNAUTHORIZED'],
    ['aes256', 'DECRYPTION_SYMMETRIC_KEY_ALGORITHM_UNAUTHORIZED'],
    ['truncated', 'OUTER_SIGNED_DATA_STRUCTURE_INCORRECT'],
    ['tampered-key', 'INNER_SIGNED_DATA_STRUCTURE_INCORRECT'],
    ['not-cms', 'OUTER_SIGNED_DATA_STRUCTURE_INCORRECT'],
  ])('%s: nothing is written, on any channel', async (kind, name) => {
    await place(kind);
    const { status, ctx, bytes } = await world.run(open('--sender-out', 'sender.pem'));
    expect(status).toBe(9);
    expect(ctx.stdout).toEqual([]);
    expect(bytes).toHaveLength(0);
    expect(ctx.stderr.join('\n')).toContain('[E_SEAL_INVALID]');
    expect(ctx.stderr.join('\n')).toContain(name);
    expect(ctx.stderr.join('\n')).not.toContain('79021599732');
    expect((await readdir(world.dir)).sort()).toEqual(['password', 'sealed']);
    const toPipe = await world.run(['unseal', 'sealed', ...AS_MARIE]);
    expect({ status: toPipe.status, bytes: toPipe.bytes.length }).toEqual({ status: 9, bytes: 0 });
  });

  test('the names and nothing of the content, for a script', async () => {
    await place('wrong-inner-signer');
    const error = await world.failure(open());
    expect(error).toMatchObject({
      code: 'E_SEAL_INVALID',
      details: {
        errors: ['INNER_SIGNATURE_DOES_NOT_MATCH_SIGNATURE_CERTIFICATE'],
        warnings: [],
      },
    });
    expect(JSON.stringify(error)).not.toContain('letter about nobody');
  });

  test('--allow-unverified writes it, and says so', async () => {
    await place('wrong-inner-signer');
    const { status, ctx } = await world.run(open('--allow-unverified'));
    expect(status).toBe(0);
    expect(ctx.stderr.slice(-2)).toEqual([
      '! The seal is not genuine: nobody vouches for this content (INNER_SIGNATURE_DOES_NOT_MATCH_SIGNATURE_CERTIFICATE)',
      expect.stringMatching(/^ok Opened; claims to be sealed by Jean Exemple/),
    ]);
    expect(await opened()).toEqual(message);
    expect(await world.json(open('--allow-unverified', '--force'))).toMatchObject({
      verdict: 'refused',
      errors: ['INNER_SIGNATURE_DOES_NOT_MATCH_SIGNATURE_CERTIFICATE'],
    });
  });

  test('--allow-unverified cannot open what is damaged', async () => {
    await place('truncated');
    expect(await world.failure(open('--allow-unverified'))).toMatchObject({
      code: 'E_SEAL_INVALID',
    });
  });
});

describe('an expired sender', () => {
  test('is refused, and the flag is named', async () => {
    await place('expired');
    expect(await world.failure(open())).toMatchObject({
      code: 'E_SEAL_INVALID',
      hint: expect.stringContaining('--allow-expired-sender'),
    });
  });

  test('--allow-expired-sender opens it', async () => {
    await place('expired');
    const { status, ctx } = await world.run(open('--allow-expired-sender'));
    expect(status).toBe(0);
    expect(ctx.stderr.at(-1)).toMatch(/, certificate ended before$/);
    expect(await opened()).toEqual(message);
  });

  test('--allow-expired-sender lets nothing else through', async () => {
    for (const kind of [
      'stranger',
      'wrong-inner-signer',
      'tampered-inner',
      'no-outer-certificate',
    ]) {
      await place(kind);
      expect((await world.run(open('--allow-expired-sender'))).status).toBe(9);
    }
    expect(await readdir(world.dir)).not.toContain('opened');
  });
});

describe('refused', () => {
  const FOR_MARIE = [
    'topaz: sealed for a key that is not in this keystore [E_SEAL_NOT_FOR_US]',
    '  DECRYPTION_PRIVATE_KEY_NOT_FOUND',
    `  sealed for key ${certificateOf('recipient-enc').serial}`,
    '  next: try another keystore: topaz keystore list, then --keystore NAME',
  ];

  test('sealed for someone else', async () => {
    await place('none');
    const argv = ['unseal', 'sealed', '--keystore', 'sender', '--out', 'opened'];
    const { status, ctx } = await world.run(argv);
    expect(status).toBe(9);
    expect(ctx.stderr).toEqual(FOR_MARIE);
    expect(await readdir(world.dir)).not.toContain('opened');
  });

  test('another keystore of the profile opens it, where its password is at hand', async () => {
    await place('none');
    const argv = ['unseal', 'sealed', '--out', 'opened'];
    expect((await world.run(argv)).status).toBe(0);
    expect(await opened()).toEqual(message);
    // The password of the active one alone: the others stay closed, nobody is asked, all are named.
    const env = {
      TOPAZ_KEYSTORE_PASSWORD_FILE: '',
      TOPAZ_KEYSTORE_PASSWORD_FILE__SENDER: world.path('password'),
    };
    const closed = await world.run([...argv, '--force'], { env });
    expect(closed.status).toBe(9);
    expect(closed.ctx.stderr.slice(-4)).toEqual(FOR_MARIE);
    expect(closed.ctx.stderr.slice(0, -4)).toEqual(
      ['expired', 'other', 'recipient'].map((alias) => expect.stringContaining(alias)),
    );
    const bound = { ...env, TOPAZ_KEYSTORE_PASSWORD_FILE__RECIPIENT: world.path('password') };
    expect((await world.run([...argv, '--force'], { env: bound })).status).toBe(0);
  });

  test('binary to a terminal, before anything is read', async () => {
    const { status, ctx } = await world.run(['unseal'], { terminal: true });
    expect(status).toBe(2);
    expect(ctx.stderr).toEqual([
      'topaz: refusing to write binary to the terminal [E_BINARY_TO_TERMINAL]',
      '  next: --out FILE, or force with --out -',
    ]);
  });

  test.each([['--out'], ['--sender-out']])('%s to a file that is there', async (flag) => {
    await place('none');
    await writeFile(world.path('there'), 'old');
    const argv = ['unseal', 'sealed', ...AS_MARIE, flag, 'there', ...(flag === '--out' ? [] : ['--out', 'opened'])]; // prettier-ignore
    expect(await world.failure(argv)).toMatchObject({ code: 'E_FILE_EXISTS' });
    expect(await readFile(world.path('there'), 'utf8')).toBe('old');
    expect(await readdir(world.dir)).not.toContain('opened');
    expect((await world.run([...argv, '--force'])).status).toBe(0);
  });

  test('text that is no base64', async () => {
    await writeFile(world.path('sealed'), 'Madam, here is no sealed message.');
    expect(await world.failure(open())).toMatchObject({
      code: 'E_SEAL_INVALID',
      details: { fatal: 'OUTER_SIGNED_DATA_STRUCTURE_INCORRECT' },
    });
  });
});

describe('large, and never half', () => {
  const content = randomBytes(5_000_000);

  async function sealLarge(...more: readonly string[]): Promise<void> {
    await writeFile(world.path('large'), content);
    const argv = ['seal', 'large', '--etk', pkiPath('recipient.etk'), '--out', 'sealed', ...more];
    expect((await world.run(argv)).status).toBe(0);
  }

  test('a file, a stream and stdout give the same', async () => {
    await sealLarge();
    expect((await world.run(open())).status).toBe(0);
    expect((await opened()).equals(content)).toBe(true);
    const sealed = await readFile(world.path('sealed'));
    async function* stdin(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < sealed.length; at += 50_000) {
        yield await Promise.resolve(sealed.subarray(at, at + 50_000));
      }
    }
    const { bytes, status } = await world.run(['unseal', ...AS_MARIE], {
      io: { stdinChunks: stdin },
    });
    expect(status).toBe(0);
    expect(bytes.equals(content)).toBe(true);
    expect(await world.pending()).toEqual([]);
  });

  test.each(['last byte', 'cut off', 'content'])('altered (%s): nothing appears', async (what) => {
    await sealLarge();
    const sealed = await readFile(world.path('sealed'));
    const at = what === 'content' ? 1_000_000 : sealed.length - 1;
    sealed[at] = (sealed[at] ?? 0) ^ 1;
    await writeFile(world.path('sealed'), what === 'cut off' ? sealed.subarray(0, -100) : sealed);
    const toFile = await world.run(open());
    const toStdout = await world.run(['unseal', 'sealed', ...AS_MARIE]);
    expect([toFile.status, toStdout.status]).toEqual([9, 9]);
    expect(toStdout.bytes).toHaveLength(0);
    expect((await readdir(world.dir)).sort()).toEqual(['large', 'password', 'sealed']);
    expect(await world.pending()).toEqual([]);
  });

  test('while it is not judged it has another name, is private and registered', async () => {
    await sealLarge();
    const sealed = await readFile(world.path('sealed'));
    const seen: { names: string[]; mode: number; pending: number }[] = [];
    async function* stdin(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(sealed.subarray(0, 4_900_000));
      const names = (await readdir(world.dir)).filter((name) => name.includes('opened'));
      const { mode } = await stat(world.path(names[0] ?? ''));
      seen.push({ names, mode: mode & 0o777, pending: (await world.pending()).length });
      yield sealed.subarray(4_900_000);
    }
    const argv = ['unseal', '--out', 'opened', ...AS_MARIE];
    // Small pieces: the reader asks for more only once it has written what it had.
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for await (const chunk of stdin()) {
        for (let at = 0; at < chunk.length; at += 65_536) {
          yield chunk.subarray(at, at + 65_536);
        }
      }
    }
    expect((await world.run(argv, { io: { stdinChunks: pieces } })).status).toBe(0);
    expect(seen).toEqual([
      { names: [expect.stringMatching(/^\.opened\.[0-9a-f]{12}\.tmp$/)], mode: 0o600, pending: 2 },
    ]);
    expect(await world.pending()).toEqual([]);
  });

  test('what a killed command left behind is removed by the next one, nothing else', async () => {
    const left = world.path('.opened.0123456789ab.tmp');
    await writeFile(left, 'plaintext', { mode: 0o600 });
    await writeFile(world.path('precious'), 'not ours');
    await mkdir(world.registry, { recursive: true, mode: 0o700 });
    const entry = (id: string): string => join(world.registry, id);
    await writeFile(entry('0123456789ab'), left);
    await writeFile(entry('0123456789ac'), world.path('precious'));
    const dead = { pid: 4_194_304, host: hostname(), started: '1' };
    await writeFile(entry('0123456789ab.lock'), JSON.stringify(dead));
    // One whose process still runs.
    const running = await PendingFile.create(world.path('running'), world.registry);
    await running.write(Buffer.from('going on'));
    await world.run(['profile', 'list']);
    const names = (await readdir(world.dir)).sort();
    expect(names).toEqual([
      expect.stringMatching(/^\.running\.[0-9a-f]{12}\.tmp$/),
      'password',
      'precious',
    ]);
    expect(await world.pending()).toHaveLength(2);
    await running.discard();
    expect(await world.pending()).toEqual([]);
  });
});
