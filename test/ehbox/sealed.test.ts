/** Sealed messages in the mirror. The seals were made by the etee oracle (fixtures/cms). */

import { readFile, rm } from 'node:fs/promises';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { createOpener } from '../../src/ehbox/opener.js';
import type { Opener } from '../../src/ehbox/opener.js';
import { decodeStored } from '../../src/ehbox/unpack.js';
import { decrypterOf, MADE_AT, MESSAGE, oracleMessage, ROOTS } from '../etee/pki.js';
import type { HolderName } from '../etee/pki.js';
import { fake, FakeBox } from './fake-box.js';
import { TestMirror } from './mirror-support.js';

const DAY_MS = 86_400_000;
const MADE_ON = MADE_AT.toISOString().slice(0, 10);

const opener = (names: readonly HolderName[], now = MADE_AT): Opener =>
  createOpener({ decrypters: names.map(decrypterOf), roots: ROOTS, now });

const base64 = (kind: string): string => Buffer.from(oracleMessage(kind)).toString('base64');

const annex = (kind: string, name: string): string =>
  `<Annex><EncryptableTitle>${base64('none')}</EncryptableTitle><EncryptableTextContent>${base64(kind)}</EncryptableTextContent><DownloadFileName>${name}</DownloadFileName><MimeType>text/plain</MimeType></Annex>`;

let box: FakeBox;
let mirror: TestMirror;

beforeEach(async () => {
  box = new FakeBox();
  mirror = await TestMirror.create();
  mirror.time = MADE_AT;
});

afterEach(async () => {
  await mirror.remove();
});

const sealed = (more: string, body = base64('none')): ReturnType<typeof fake> =>
  fake(1, { encrypted: true, date: MADE_ON, body, more });

describe('the verdict in the words of the mirror', () => {
  test.each([
    ['none', 'ok'],
    ['not-recipient', 'no-key'],
    ['wrong-inner-signer', 'bad-signature'],
    ['tampered-outer', 'corrupt'],
    ['truncated', 'corrupt'],
    ['stranger', 'bad-signature'],
    ['no-signing-time', 'ok-with-warnings'],
  ])('%s is %s', async (kind, status) => {
    const outcome = await opener(['recipient']).open(oracleMessage(kind), MADE_ON);
    expect(outcome.state === 'opened' ? outcome.status : outcome.state).toBe(status);
  });

  test('the signing time is held against the day of publication, not against now', async () => {
    const later = opener(['recipient'], new Date(MADE_AT.getTime() + 200 * DAY_MS));
    expect(await later.open(oracleMessage('none'), MADE_ON)).toMatchObject({ status: 'ok' });
    const off = new Date(MADE_AT.getTime() + 40 * DAY_MS).toISOString().slice(0, 10);
    expect(await later.open(oracleMessage('none'), off)).toMatchObject({
      status: 'ok-with-warnings',
      warnings: ['SIGNING_TIME_EXPIRED'],
    });
  });
});

describe('a message with parts of all kinds', () => {
  const message = (): ReturnType<typeof fake> =>
    sealed(
      annex('none', 'good.txt') +
        annex('not-recipient', 'lost.txt') +
        annex('wrong-inner-signer', 'forged.exe') +
        '<Annex><EncryptableTitle/><EncryptableBinaryContent>cid:none</EncryptableBinaryContent><DownloadFileName>missing.txt</DownloadFileName><MimeType>text/plain</MimeType></Annex>',
    );

  test('each part has its own outcome, and the worst is that of the message', async () => {
    box.inbox = [message()];
    const result = await mirror.sync(box, { opener: opener(['recipient']) });
    expect(result).toMatchObject({ stored: 1, failed: [], unopened: [{ status: 'bad-signature' }] });
    const [summary] = await mirror.list();
    expect(summary).toMatchObject({ sealed: true, sealStatus: 'bad-signature' });
    const key = { side: 'received', id: fake(1).id } as const;
    const record = await mirror.open().readParts(key);
    expect(record?.parts.map(({ file, status, quarantined }) => ({ file, status, quarantined }))).toEqual([
      { file: '00-body.txt', status: 'ok' },
      { file: '01-good.txt', status: 'ok' },
      { status: 'no-key' },
      { file: '03-forged.exe.blocked.quarantine', status: 'bad-signature', quarantined: true },
      { status: 'part-missing' },
    ]);
    // Sealed by a person, sent by a laboratory.
    expect(record?.signer).toMatchObject({ type: 'SSIN', match: 'different' });
    const body = await readFile(mirror.open().path(key, 'parts', '01-good.txt'));
    expect(Buffer.compare(body, MESSAGE)).toBe(0);
  }); // prettier-ignore

  test('another key opens more, the same keys change nothing', async () => {
    box.inbox = [sealed(annex('not-recipient', 'lost.txt'))];
    await mirror.sync(box, { opener: opener(['recipient']) });
    const before = await mirror.files();
    box.takeCalls();
    await mirror.sync(box, { opener: opener(['recipient']) });
    expect(await mirror.files()).toEqual(before);
    const result = await mirror.sync(box, { opener: opener(['recipient', 'other']) });
    expect(result.unopened).toEqual([]);
    expect(await mirror.list()).toMatchObject([{ sealStatus: 'ok' }]);
    expect(box.calls.some((call) => call.startsWith('GetFullMessage'))).toBe(false);
  });

  test('cut off while parts are replaced, the record never names a part that is not there', async () => {
    box.inbox = [sealed(annex('not-recipient', 'lost.txt'))];
    await mirror.sync(box, { opener: opener(['recipient']) });
    const cut = mirror.open((step) =>
      step === 'parts.removed' ? Promise.reject(new Error('cut off')) : Promise.resolve(),
    );
    const key = { side: 'received', id: fake(1).id } as const;
    await expect(
      decodeStored(cut, key, opener(['recipient', 'other']), { annexes: true }),
    ).rejects.toThrow('cut off');
    const left = mirror.open();
    expect((await left.readParts(key))?.parts[0]?.file).toBe('00-body.txt');
    expect(await left.readPart(key, '00-body.txt')).toEqual(MESSAGE);
    await mirror.sync(box, { opener: opener(['recipient']) });
    const record = await mirror.open().readParts(key);
    expect(record?.parts[0]?.file).toBe('00-body.txt');
    await readFile(mirror.open().path(key, 'parts', '00-body.txt'));
  });

  test('decoding again, at another time, gives the same bytes', async () => {
    box.inbox = [message()];
    await mirror.sync(box, { opener: opener(['recipient']) });
    const texts = async (): Promise<Record<string, string>> =>
      Object.fromEntries(Object.entries(await mirror.files()).map(([name, { text }]) => [name, text])); // prettier-ignore
    const before = await texts();
    const key = { side: 'received', id: fake(1).id } as const;
    await rm(mirror.open().path(key, 'parts'), { recursive: true });
    await rm(mirror.open().path(key, 'parts.json'));
    mirror.time = new Date(MADE_AT.getTime() + 300 * DAY_MS);
    await mirror.sync(box, { opener: opener(['recipient'], mirror.time) });
    expect(await texts()).toEqual(before);
  });
});

test('a seal that was encoded twice opens all the same', async () => {
  const twice = Buffer.from(base64('none')).toString('base64');
  box.inbox = [sealed('', twice)];
  await mirror.sync(box, { opener: opener(['recipient']) });
  expect(await mirror.list()).toMatchObject([{ sealStatus: 'ok' }]);
});

test('megabytes of white space in place of a seal are judged at once', async () => {
  const spaces = Buffer.concat([Buffer.alloc(2_000_000, 32), Buffer.from('!')]).toString('base64');
  box.inbox = [sealed('', spaces)];
  const result = await mirror.sync(box, { opener: opener(['recipient']) });
  expect(result).toMatchObject({ stored: 1, unopened: [{ status: 'corrupt' }] });
});

test('empty parts of a sealed message are not sealed', async () => {
  box.inbox = [sealed('', '')];
  await mirror.sync(box, { opener: opener(['recipient']) });
  expect(await mirror.list()).toMatchObject([{ sealed: true, sealStatus: 'clear' }]);
});

test('kept sealed, nothing of its content is on the disk', async () => {
  const sentence = Buffer.from(MESSAGE).toString('latin1').slice(0, 20);
  box.inbox = [sealed(annex('none', 'good.txt'))];
  await mirror.sync(box, { opener: undefined });
  expect(await mirror.list()).toMatchObject([{ sealed: true, sealStatus: 'unopened' }]);
  for (const { text } of Object.values(await mirror.files())) {
    expect(text).not.toContain(sentence);
  }
});
