/** `topaz etk`, through the whole program. */

import { readFile, stat, writeFile } from 'node:fs/promises';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { certificateOf, pkiPath, tokenOf } from '../../etee/pki.js';
import { createWorld, type World } from '../seal/world.js';

let world: World;

beforeEach(async () => {
  world = await createWorld();
  await world.copyEtk({ type: 'SSIN', id: '85061199814' }, 'recipient');
  await world.copyEtk({ type: 'NIHII-LABO', id: '71234523' }, 'other');
});

afterEach(async () => {
  await world.remove();
});

/** Nothing listens there: whoever asks the depot fails. */
const offline = { env: { HTTPS_PROXY: 'http://127.0.0.1:1', https_proxy: 'http://127.0.0.1:1' } };

describe('topaz etk fetch', () => {
  test('says whose and until when; one record per token in a pipe', async () => {
    const argv = ['etk', 'fetch', 'SSIN=85.06.11-998.14', 'NIHII-LABO=71234523'];
    const terminal = await world.run(argv, { terminal: true, env: { TOPAZ_PLAIN: '1' } });
    expect(terminal.ctx.stdout).toEqual([
      'Marie Voorbeeld (SSIN 85.06.11-998.14), valid until 1 January 2040 (local copy)',
      'Labo Exemple (NIHII-LABO 7-12345-23), valid until 1 January 2040 (local copy)',
    ]);
    const { ctx } = await world.run(argv);
    expect(ctx.stdout[0]?.split('\t')).toEqual([
      'SSIN',
      '85061199814',
      '',
      'Marie Voorbeeld',
      certificateOf('recipient-enc').serial.toString(),
      '2020-01-01T00:00:00Z',
      '2040-01-01T00:00:00Z',
      '',
    ]);
  });

  test('the facts, for a script', async () => {
    expect(await world.json(['etk', 'fetch', 'SSIN=85061199814', '--out', 'm.etk'])).toEqual({
      schema: 'topaz.etk.fetch/1',
      done: [
        {
          asked: 'SSIN=85061199814',
          holder: { type: 'SSIN', id: '85061199814', name: 'Marie Voorbeeld' },
          serial: certificateOf('recipient-enc').serial.toString(),
          notBefore: '2020-01-01T00:00:00Z',
          notAfter: '2040-01-01T00:00:00Z',
          daysLeft: expect.any(Number),
          fromCache: true,
          sizeBytes: tokenOf('recipient').length,
          file: world.path('m.etk'),
        },
      ],
      failed: [],
    });
    expect(Uint8Array.from(await readFile(world.path('m.etk')))).toEqual(tokenOf('recipient'));
    expect((await stat(world.path('m.etk'))).mode & 0o777).toBe(0o600);
  });

  test('--out - gives the token alone', async () => {
    const { status, ctx, bytes } = await world.run([
      'etk',
      'fetch',
      'SSIN=85061199814',
      '--out',
      '-',
    ]);
    expect({ status, stdout: ctx.stdout }).toEqual({ status: 0, stdout: [] });
    expect(Uint8Array.from(bytes)).toEqual(tokenOf('recipient'));
  });

  test.each([
    ['several into one file', ['SSIN=85061199814', 'NIHII-LABO=71234523', '--out', 'x'], 'E_USAGE'],
    ['a file that is there', ['SSIN=85061199814', '--out', 'password'], 'E_FILE_EXISTS'],
    ['no identifier', ['Marie'], 'E_IDENTIFIER_INVALID'],
    ['a wrong SSIN', ['SSIN=85061199815'], 'E_SSIN_INVALID'],
  ])('refuses %s', async (_, argv, code) => {
    expect(await world.failure(['etk', 'fetch', ...argv])).toMatchObject({ code });
  });

  test('--refresh passes over the copy and asks the depot', async () => {
    const { status, ctx } = await world.run(['etk', 'fetch', 'SSIN=85061199814', '--refresh', '--timeout', '2s'], offline); // prettier-ignore
    expect(status).toBe(6);
    expect(ctx.stderr.join('\n')).toMatch(/\[E_NETWORK/);
    expect(ctx.stderr.join('\n')).not.toContain('85061199814');
  });
});

describe('topaz etk show', () => {
  test('a file, with its verdict', async () => {
    const { status, ctx } = await world.run(['etk', 'show', pkiPath('recipient.etk')], {
      terminal: true,
      env: { TOPAZ_PLAIN: '1' },
    });
    expect(status).toBe(0);
    const text = ctx.stdout.join('\n');
    expect(text).toContain('Marie Voorbeeld (SSIN 85.06.11-998.14)');
    expect(text).toContain('genuine and in date');
    expect(text).toContain('signature correct');
    expect(text).toContain(certificateOf('recipient-enc').serial.toString());
  });

  test('a bad token is shown with what is wrong, in official names', async () => {
    expect(await world.json(['etk', 'show', pkiPath('stranger.etk')])).toMatchObject({
      schema: 'topaz.etk.show/1',
      etk: {
        holder: { type: 'SSIN', name: 'Jean Exemple' },
        authentication: { issuer: expect.stringContaining('Untrusted CA') },
        registration: { signature: 'valid', subject: expect.stringContaining('ETK-RA') },
        verified: { valid: false, errors: ['ETK_AUTHENTICATION_CERT_STATUS_UNKNOWN'] },
      },
    });
  });

  test('a holder', async () => {
    expect(await world.json(['etk', 'show', 'NIHII-LABO=71234523'])).toMatchObject({
      etk: { verified: { valid: true, errors: [] } },
    });
  });

  test.each([
    ['nothing.etk', 'E_FILE_NOT_FOUND'],
    ['password', 'E_ETK_INVALID'],
    ['SSIN=1', 'E_SSIN_INVALID'],
  ])('refuses %s', async (what, code) => {
    expect(await world.failure(['etk', 'show', what])).toMatchObject({ code });
  });
});

describe('topaz etk verify', () => {
  test('a good token, of a file and of a holder', async () => {
    const { status, ctx } = await world.run(['etk', 'verify', pkiPath('recipient.etk')], {
      terminal: true,
      env: { TOPAZ_PLAIN: '1' },
    });
    expect({ status, stdout: ctx.stdout }).toEqual({
      status: 0,
      stdout: ['Marie Voorbeeld (SSIN 85.06.11-998.14): genuine, valid until 1 January 2040'],
    });
    expect(await world.json(['etk', 'verify', 'NIHII-LABO=71234523'])).toMatchObject({
      schema: 'topaz.etk.verify/1',
      valid: true,
      errors: [],
      revocation: 'not-checked',
    });
  });

  test('a bad token ends with 9, and names the check that failed', async () => {
    const argv = ['etk', 'verify', pkiPath('stranger.etk')];
    const { status, ctx } = await world.run(argv);
    expect(status).toBe(9);
    expect(ctx.stdout[0]).toMatch(/\tETK_AUTHENTICATION_CERT_STATUS_UNKNOWN$/);
    expect(ctx.stderr.join('\n')).toContain('[E_ETK_INVALID]');
  });

  test('one changed byte of the signed token ends with 9', async () => {
    const token = Buffer.from(await readFile(pkiPath('recipient.etk')));
    const last = token.length - 1;
    token[last] = (token[last] ?? 0) ^ 1;
    await writeFile(world.path('changed.etk'), token);
    expect((await world.run(['etk', 'verify', 'changed.etk'])).status).toBe(9);
  });

  test.each([
    ['nothing.etk', 'E_FILE_NOT_FOUND'],
    ['password', 'E_ETK_INVALID'],
    ['SSIN=1', 'E_SSIN_INVALID'],
  ])('refuses %s', async (what, code) => {
    expect(await world.failure(['etk', 'verify', what])).toMatchObject({ code });
  });
});
