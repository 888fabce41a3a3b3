/** The outbox under every outcome: what stands on the disk at each moment, and that nothing goes out twice. */

import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { attempt } from '../../../src/ehbox/publication/attempt.js';
import type { AttemptOptions } from '../../../src/ehbox/publication/attempt.js';
import { listOutboxes, Outbox, outboxFolder } from '../../../src/ehbox/publication/outbox.js';
import { storeContent } from '../../../src/ehbox/publication/outbox-record.js';
import type { OutboxRecord } from '../../../src/ehbox/publication/outbox-record.js';
import type { Publication } from '../../../src/ehbox/publication/pack.js';
import type { SendReply } from '../../../src/ehbox/publication/reply.js';
import { readSendReply } from '../../../src/ehbox/publication/reply.js';
import { SoapFaultError, TopazError } from '../../../src/errors.js';
import { readXml } from '../../../src/xml/read.js';
import { hasShared, SHARED } from '../../support/tools.js';

const box = { type: 'INSS', id: '79021599732', quality: 'DOCTOR' };
const publication: Publication = {
  publicationId: 'P1',
  recipients: [box],
  subject: 'Subject',
  contentType: 'DOCUMENT',
  sealed: true,
  important: false,
  receipts: { publication: false, received: false, read: false },
  document: { bytes: Uint8Array.of(0x30, 1, 2), fileName: 'body.txt', mimeType: 'text/plain' },
  annexes: [],
  customMetas: [],
};
const record: OutboxRecord = {
  schema: 'topaz.ehbox.outbox-message/1',
  publicationId: 'P1',
  environment: 'sandbox',
  from: box,
  state: 'waiting',
  createdAt: '2026-03-01T12:00:00.000Z',
  recipients: [box],
  subject: 'Subject',
  sealed: true,
  sizeBytes: 3,
  attempts: 0,
  content: storeContent(publication),
};
const accepted: SendReply = { state: 'accepted', messageId: '9Z00000000001', absences: [] };
const lost = new TopazError('E_NETWORK_RESET', 'cut');

let home: string;
let outbox: Outbox;
let posts: number;
let searches: number;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'topaz-outbox-'));
  outbox = new Outbox(outboxFolder(join(home, 'ehbox'), 'sandbox', box));
  await outbox.add(record);
  posts = 0;
  searches = 0;
});

afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

type Answer = SendReply | Error;

const send = (
  answer: Answer,
  found?: Awaited<ReturnType<AttemptOptions['find']>> | Error,
  id = 'P1',
): Promise<OutboxRecord> =>
  attempt(outbox, id, {
    post: async (sent) => {
      posts += 1;
      // What a kill would leave at this moment.
      expect(await outbox.read(id)).toMatchObject({ state: 'unsure', content: record.content });
      expect(sent).toEqual(publication);
      return answer instanceof Error ? Promise.reject(answer) : answer;
    },
    find: () => {
      searches += 1;
      return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
    },
    now: () => new Date('2026-03-01T12:00:01Z'),
    lockTimeoutMs: 200,
  });

test('accepted: settled, without the bytes; asking again sends nothing', async () => {
  expect(await send(accepted)).toMatchObject({ state: 'sent', messageId: '9Z00000000001' });
  const path = join(outbox.folder, 'm-P1.json');
  expect(await readFile(path, 'utf8')).not.toContain('base64');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await send(accepted)).toMatchObject({ state: 'sent' });
  expect([posts, searches]).toEqual([1, 0]);
  expect(await (await listOutboxes(join(home, 'ehbox'), 'sandbox'))[0]!.list()).toHaveLength(1);
});

describe('the answer is lost', () => {
  test('and the message is found: not sent again', async () => {
    await expect(send(lost)).rejects.toBe(lost);
    expect(await outbox.read('P1')).toMatchObject({ state: 'unsure', attempts: 1 });
    expect(await send(accepted, { state: 'sent', messageId: 'FOUND' })).toMatchObject({ state: 'sent', messageId: 'FOUND' });
    expect([posts, searches]).toEqual([1, 1]);
  }); // prettier-ignore

  test('and nothing is found: the same bytes under the same id', async () => {
    await expect(send(lost)).rejects.toBe(lost);
    expect(await send(accepted)).toMatchObject({ state: 'sent', attempts: 2 });
  });

  test('and nobody can be asked: nothing is sent', async () => {
    await expect(send(lost)).rejects.toBe(lost);
    const away = new TopazError('E_NETWORK_HTTP', 'away');
    await expect(send(accepted, away)).rejects.toBe(away);
    expect(posts).toBe(1);
  });

  test('and the second one is refused for its id, though not found at first: looked for once more', async () => {
    await expect(send(lost)).rejects.toBe(lost);
    const refused: SendReply = { state: 'refused', code: '829', texts: ['used'], recipients: [] };
    let call = 0;
    const result = await attempt(outbox, 'P1', {
      post: () => Promise.resolve(refused),
      find: () => Promise.resolve((call += 1) === 1 ? undefined : { state: 'sent', messageId: 'LATE' }),
      now: () => new Date(),
      lockTimeoutMs: 200,
    });
    expect(result).toMatchObject({ state: 'sent', messageId: 'LATE' });
  }); // prettier-ignore

  test('and a later attempt never leaves: still unsure', async () => {
    await expect(send(lost)).rejects.toBe(lost);
    const unsent = new TopazError('E_NETWORK_REFUSED', 'closed', { details: { sent: false } });
    await expect(send(unsent)).rejects.toBe(unsent);
    expect(await outbox.read('P1')).toMatchObject({ state: 'unsure', attempts: 2 });
  });
});

const fault = (faultCode: string) =>
  new SoapFaultError({ service: 'ehboxPublication', statusCode: 500, faultCode, faultString: 'x' });

test.each([
  ['no connection', new TopazError('E_NETWORK_DNS', 'no name', { details: { sent: false } }), 'waiting'],
  ['turned away by the platform', fault('SOA-01001'), 'waiting'],
  ['not valid for the platform', fault('SOA-03006'), 'waiting'],
  ['the platform does not know', fault('SOA-02002'), 'unsure'],
  ['an answer that is none', new TopazError('E_REPLY_INVALID', 'x'), 'unsure'],
  ['interrupted', new TopazError('E_INTERRUPTED', 'x'), 'unsure'],
])('%s: %s', async (_name, error, state) => {
  await expect(send(error)).rejects.toBe(error);
  expect(await outbox.read('P1')).toMatchObject({ state, content: record.content });
}); // prettier-ignore

test('refused by a status or by a fault of the service: final, with its code', async () => {
  const refused: SendReply = { state: 'refused', code: '814', texts: ['no'], recipients: [] };
  expect(await send(refused)).toMatchObject({ state: 'refused', code: '814', texts: ['no'] });
  await outbox.write(record);
  expect(await send(fault('810'))).toMatchObject({ state: 'refused', code: '810' });
});

test('out of office: kept with its bytes', async () => {
  const absent: SendReply = { state: 'absent', absences: [{ recipient: box, from: '2026-03-01', to: '2026-03-09', substitutes: [] }], texts: [] }; // prettier-ignore
  expect(await send(absent)).toMatchObject({ state: 'absent', content: record.content });
  expect(await send(accepted)).toMatchObject({ state: 'sent' });
  expect(searches).toBe(0);
});

describe('the disk', () => {
  test('one id is one message', async () => {
    await expect(outbox.add(record)).rejects.toMatchObject({ code: 'E_FILE_EXISTS' });
  });

  test('a message that another command is sending is left alone', async () => {
    await outbox.lock('P1', { timeoutMs: 100 }, async () => {
      await expect(send(accepted)).rejects.toMatchObject({ code: 'E_LOCKED' });
    });
    expect(posts).toBe(0);
  });

  test.each([
    ['content', { content: { sha256: '00', json: '{}' } }],
    ['content that is gone', { content: undefined }],
  ])('damaged: %s is not sent', async (_name, more) => {
    await outbox.write({ ...record, ...more });
    await expect(send(accepted)).rejects.toMatchObject({ code: 'E_MESSAGE_UNKNOWN' });
    expect(posts).toBe(0);
  });

  test('a file that is no record stops, with its path', async () => {
    await writeFile(join(outbox.folder, 'm-P1.json'), '{"schema":');
    await expect(send(accepted)).rejects.toMatchObject({ code: 'E_MESSAGE_UNKNOWN' });
    await expect(send(accepted, undefined, 'P2')).rejects.toMatchObject({ code: 'E_MESSAGE_UNKNOWN' });
    expect(posts).toBe(0);
  }); // prettier-ignore
});

(hasShared() ? describe : describe.skip)('answers', () => {
  const read = async (name: string) =>
    readSendReply(
      readXml(await readFile(join(SHARED, 'examples/ehbox', `SendMessage.response${name}.xml`))),
      'P0TOPAZ001X',
    );

  test('of the examples', async () => {
    expect(await read('')).toEqual({ state: 'accepted', messageId: '9ZA00E1KM200C', absences: [] });
    expect(await read('.error-816')).toMatchObject({ state: 'refused', code: '816' });
    expect(await read('.ooo-826')).toMatchObject({
      state: 'absent',
      absences: [{ recipient: { id: '19999816' }, from: '2026-12-21', to: '2027-01-03', substitutes: [{ id: '19999717', quality: 'DOCTOR' }] }],
    });
  }); // prettier-ignore

  test.each([
    ['of another message', '<p:SendMessageResponse xmlns:p="urn:be:fgov:ehealth:ehbox:publication:protocol:v3" SentPublicationId="OTHER"><Status><Code>100</Code></Status></p:SendMessageResponse>'],
    ['without status', '<p:SendMessageResponse xmlns:p="urn:be:fgov:ehealth:ehbox:publication:protocol:v3"/>'],
    ['of another namespace', '<SendMessageResponse><Status><Code>100</Code></Status></SendMessageResponse>'],
    ['to another operation', '<p:Other xmlns:p="urn:be:fgov:ehealth:ehbox:publication:protocol:v3"/>'],
  ])('%s: none', (_name, xml) => {
    expect(() => readSendReply(readXml(Buffer.from(xml)), 'P1')).toThrow(expect.objectContaining({ code: 'E_REPLY_INVALID' }));
  }); // prettier-ignore
});
