/** `topaz ehbox unseal`: what did not open is tried again with other keystores, and nothing that opened closes. */

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import type { MessageSummary } from '../../../src/ehbox/catalog.js';
import { createOpener } from '../../../src/ehbox/opener.js';
import { decodeStored } from '../../../src/ehbox/unpack.js';
import { decrypterOf, MADE_AT, MESSAGE, ROOTS } from '../../etee/pki.js';
import type { HolderName } from '../../etee/pki.js';
import { fake } from '../../ehbox/fake-box.js';
import { annex, base64, createWorld, MADE_ON } from './world.js';
import type { World } from './world.js';

let world: World;

const sealed = (n: number, ...annexes: readonly string[]): ReturnType<typeof fake> =>
  fake(n, { date: MADE_ON, encrypted: true, body: base64('none'), more: annexes.join('') });

/** Its annex is sealed for the keystore `other` alone. */
const HALF = sealed(1, annex('not-recipient', 'for-other.txt'));
const KEY = { side: 'received', id: HALF.id } as const;
const FORGED = sealed(2, annex('wrong-inner-signer', 'forged.txt'));

beforeEach(async () => {
  world = await createWorld();
  world.box.inbox = [FORGED, HALF];
  await world.sync();
});

afterEach(async () => {
  await world.remove();
});

const password = (): readonly string[] => ['--password-file', join(world.dir, 'password')];
const status = async (): Promise<string | undefined> =>
  ((await world.json(['list'])) as { messages: MessageSummary[] }).messages.find(
    ({ id }) => id === HALF.id,
  )?.sealStatus;
const openerOf = (...names: readonly HolderName[]) =>
  createOpener({ decrypters: names.map(decrypterOf), roots: ROOTS, now: MADE_AT });

describe('with every keystore of the profile', () => {
  test('what a later keystore opens is opened, what is not genuine stays so', async () => {
    expect(await status()).toBe('no-key');
    expect(await world.failure(['unseal', '--retry', ...password()])).toMatchObject({
      status: 11,
      code: 'E_PARTIAL',
      document: {
        done: [{ id: HALF.id, sealStatus: 'ok' }],
        failed: [{ id: FORGED.id, error: { code: 'E_SEAL_INVALID' } }],
      },
    });
    expect(await status()).toBe('ok');
    expect(await world.mirror.readPart(KEY, '01-for-other.txt')).toEqual(Buffer.from(MESSAGE));
  });

  test('ids may be named; one that is open already is no failure', async () => {
    await world.json(['unseal', HALF.id, ...password()]);
    expect(await world.json(['unseal', HALF.id, ...password()])).toMatchObject({
      done: [{ id: HALF.id, sealStatus: 'ok' }],
    });
    expect(await world.failure(['unseal', 'NOSUCH', ...password()])).toMatchObject({
      code: 'E_MESSAGE_UNKNOWN',
    });
  });

  test('nothing to try is no failure, and no password is asked', async () => {
    world.box.inbox = [];
    await rm(world.mirror.folder, { recursive: true });
    await world.sync();
    expect(await world.json(['unseal', '--retry'])).toMatchObject({ done: [], failed: [] });
  });

  test.each([[[]], [['--retry', 'X']]])('%j: which messages?', async (flags) => {
    expect(await world.failure(['unseal', ...flags])).toMatchObject({ code: 'E_USAGE' });
  });

  test('no keystore opens: the reason, and nothing is changed', async () => {
    const before = await world.mirror.readParts(KEY);
    expect(await world.failure(['unseal', '--retry'])).toMatchObject({ code: 'E_INPUT_REQUIRED' });
    expect(await world.mirror.readParts(KEY)).toEqual(before);
  });
});

describe('the better result stays', () => {
  test('with a keystore that opens only the other part', async () => {
    expect(await world.json(['unseal', HALF.id, '--keystore', 'other', ...password()])).toMatchObject({
      done: [{ id: HALF.id, sealStatus: 'ok' }],
    });
    const record = await world.mirror.readParts(KEY);
    expect(record).toMatchObject({ status: 'ok', parts: [{ file: '00-body.txt' }, { file: '01-for-other.txt' }] });
    expect(record).not.toHaveProperty('triedKeys');
  }); // prettier-ignore

  test('with a keystore that opens nothing: all stays, and its key counts as tried', async () => {
    const before = await world.mirror.readParts(KEY);
    expect(await world.failure(['unseal', HALF.id, '--keystore', 'expired', ...password()])).toMatchObject({
      status: 9,
      code: 'E_SEAL_NOT_FOR_US',
    });
    const after = await world.mirror.readParts(KEY);
    expect(after?.parts).toEqual(before?.parts);
    expect(after?.triedKeys).toEqual(expect.arrayContaining([...(before?.triedKeys ?? [])]));
    expect(after?.triedKeys?.length).toBeGreaterThan(before?.triedKeys?.length ?? 0);
    expect(await readFile(world.mirror.path(KEY, 'parts', '00-body.txt'))).toEqual(Buffer.from(MESSAGE));
  }); // prettier-ignore

  test('a file that somebody changed is not kept', async () => {
    const path = world.mirror.path(KEY, 'parts', '00-body.txt');
    await rm(path);
    const record = await decodeStored(world.mirror, KEY, openerOf('expired'), { annexes: true });
    expect(record.parts.map((part) => part.status)).toEqual(['no-key', 'no-key']);
  });

  test.each(['parts.removed', 'parts.renamed', 'parts.written'])('cut off at %s', async (at) => {
    const { MailboxMirror } = await import('../../../src/ehbox/mirror.js');
    const cut = new MailboxMirror(world.mirror.folder, {
      now: () => MADE_AT,
      newId: () => 'cut',
      checkpoint: (step) => (step === at ? Promise.reject(new Error('cut')) : Promise.resolve()),
    });
    await cut.begin();
    await expect(decodeStored(cut, KEY, openerOf('other'), { annexes: true })).rejects.toThrow(
      'cut',
    );
    // The next run has none of the keys, and nothing is lost.
    await world.sync({ opener: openerOf('expired') });
    const record = await world.mirror.readParts(KEY);
    for (const { file } of record?.parts ?? []) {
      if (file !== undefined) {
        expect(await world.mirror.readPart(KEY, file)).toEqual(Buffer.from(MESSAGE));
      }
    }
    expect(record?.parts[0]).toMatchObject({ status: 'ok', file: '00-body.txt' });
    expect((await world.sync({ opener: openerOf('other') })).unopened).toEqual([
      { id: FORGED.id, status: 'bad-signature' },
    ]);
    expect(await status()).toBe('ok');
  });
});
