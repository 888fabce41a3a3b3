/**
 * The mirror against the sandbox's eHealthBox over HTTPS: real signatures, real seals, real faults of the line.
 * The sandbox judges every request by the official schema and with xml-crypto.
 */

import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { parseBoxAddress } from '../../src/ehbox/address.js';
import { fetchFullMessage, fetchMessagesList } from '../../src/ehbox/client.js';
import { createOpener } from '../../src/ehbox/opener.js';
import { findBox } from '../../src/ehbox/own-box.js';
import type { WireFolder } from '../../src/ehbox/request.js';
import type { BoxWish, FoundBox } from '../../src/ehbox/own-box.js';
import type { SyncOptions, SyncResult } from '../../src/ehbox/sync.js';
import { createDecrypter, createSigner } from '../../src/keys/software-keys.js';
import { demoSeed } from '../../src/sandbox/demo-seed.js';
import { addMessages } from '../../src/sandbox/ehbox-delivery.js';
import { makeRule } from '../../src/sandbox/faults.js';
import type { ExchangeRecord } from '../../src/sandbox/record.js';
import { startServer } from '../../src/sandbox/server.js';
import type { RunningServer } from '../../src/sandbox/server.js';
import { createCall } from '../../src/soap/call.js';
import type { Call, Security } from '../../src/soap/call.js';
import { createTransport } from '../../src/soap/transport.js';
import type { Transport } from '../../src/soap/transport.js';
import { assertionFor, DOCTOR, issueHolder, openTestSandbox } from '../sandbox/ehbox-support.js';
import type { TestHolder, TestSandbox } from '../sandbox/ehbox-support.js';
import { TestMirror } from './mirror-support.js';

const now = new Date();
const seeds = demoSeed().messages.filter(({ to }) => to === `SSIN=${DOCTOR}`);

let test$: TestSandbox;
let doctor: TestHolder;
let server: RunningServer;
let transport: Transport;
let call: Call;
let security: Security;
let url: string;
let mirror: TestMirror;
const records: ExchangeRecord[] = [];

beforeAll(async () => {
  test$ = await openTestSandbox();
  test$.setTime(now);
  const { sandbox } = test$;
  doctor = await issueHolder(sandbox);
  await doctor.publish();
  const recorder = {
    write: (record: ExchangeRecord): Promise<void> => {
      records.push(record);
      return Promise.resolve();
    },
  };
  server = await startServer(sandbox, recorder, 0);
  url = `https://127.0.0.1:${server.port}/ehBoxConsultation/v3`;
  transport = createTransport({
    caPem: [await readFile(sandbox.pki.caFile, 'utf8')],
    systemRoots: false,
    userAgent: 'topaz-test',
  });
  call = createCall({ transport, now: () => now, newId: randomUUID, timeoutMs: 5000 });
  const assertion = assertionFor(sandbox, doctor);
  security = {
    kind: 'saml',
    assertion,
    assertionId: /AssertionID="([^"]+)"/.exec(assertion)?.[1] ?? '',
    signer: createSigner(doctor.privateKey, [doctor.certificate]),
  };
}, 30_000);

afterAll(async () => {
  await transport.close();
  await server.close();
  await test$.close();
});

beforeEach(async () => {
  records.length = 0;
  const { state } = test$.sandbox;
  state.messages = [];
  state.faults = [];
  mirror = await TestMirror.create();
  mirror.time = now;
});

afterEach(async () => {
  await mirror.remove();
});

const find = (wish: Partial<BoxWish> = {}): Promise<FoundBox> =>
  findBox(call, url, { holder: { type: 'SSIN', id: DOCTOR }, ...wish }, { security });

async function sync(options: Partial<SyncOptions> = {}): Promise<SyncResult> {
  const { info } = await find();
  const source = {
    listPage: (folder: WireFolder, start: number, end: number) =>
      fetchMessagesList(call, url, { security, folder, start, end }),
    fetch: ({ id }: { readonly id: string }) =>
      fetchFullMessage(call, url, { security, source: 'INBOX', id }),
  };
  const opener = createOpener({
    decrypters: [createDecrypter(doctor.encryptionKey, doctor.encryption)],
    roots: [test$.sandbox.pki.ehealthRoot.certificate],
    now,
  });
  return mirror.sync({ source }, { info, opener, ...options });
}

const fail = (operation: string, kind: string, times = 1): void => {
  test$.sandbox.state.faults.push(makeRule(`ehboxConsultation.${operation}`, kind, { times }));
};

describe('the demo', () => {
  beforeEach(async () => {
    await addMessages(test$.sandbox, seeds);
  });

  test('every shape is stored, what can be opened opens, and the sandbox had nothing to forgive', async () => {
    const result = await sync();
    expect(result).toMatchObject({ listed: seeds.length, stored: seeds.length });
    expect(result.failed).toEqual([]);
    const list = await mirror.list();
    const status = Object.fromEntries(list.map(({ subject = '', sealStatus }) => [subject, sealStatus]));
    expect(status).toEqual({
      'Practical information': 'clear',
      Results: 'ok',
      'Discharge letter': 'clear',
      Appointments: 'clear',
      'Sealed for a key that nobody has': 'no-key',
      'Names that want to escape': 'clear',
      'News of the platform': 'clear',
    });
    const results = list.find(({ subject }) => subject === 'Results');
    const record = await mirror.open().readParts({ side: 'received', id: results?.id ?? '' });
    expect(record).toMatchObject({
      patient: '85061199814',
      signer: { type: 'NIHII-LABO', id: '71234523', match: 'same' },
      parts: [{ role: 'body' }, { name: 'results.txt', title: 'results.txt' }, { name: 'scan.pdf', sniffedMimeType: 'application/pdf' }],
    });
    const table = list.find(({ subject }) => subject === 'Appointments');
    expect(await mirror.open().readParts({ side: 'received', id: table?.id ?? '' })).toMatchObject({
      freeInformation: { kind: 'table', rows: [['Monday', 'Cardiology 09:00'], ['Tuesday', 'Radiology 14:30']] },
    });
    for (const { checks } of records) {
      expect(checks.filter(({ state, detail }) => state === 'failed' || detail?.startsWith('tolerated') === true)).toEqual([]);
      expect(checks.find(({ name }) => name === 'signature')?.state).toBe('ok');
    }
  }); // prettier-ignore

  test('six calls for three new ones, three for none', async () => {
    await sync({ limit: 4 });
    records.length = 0;
    await sync();
    expect(records.map(({ operation }) => operation)).toEqual([
      'GetBoxInfo',
      'GetMessagesList',
      'GetMessagesList',
      ...Array<string>(3).fill('GetFullMessage'),
    ]);
    records.length = 0;
    await sync();
    expect(records).toHaveLength(3);
  });

  test('what another program moves and deletes is seen, and kept', async () => {
    await sync();
    const { messages } = test$.sandbox.state;
    messages[0]!.folder = 'BININBOX';
    test$.sandbox.state.messages = messages.slice(0, -1);
    expect(await sync()).toMatchObject({ moved: 1, gone: 0 });
    expect(await sync()).toMatchObject({ moved: 0, gone: 1 });
    expect(await mirror.list()).toHaveLength(seeds.length);
  });

  test('parts made again from the stored multipart answers are the same', async () => {
    await sync();
    const texts = async (): Promise<Record<string, string>> =>
      Object.fromEntries(Object.entries(await mirror.files()).map(([name, { text }]) => [name, text]));
    const before = await texts();
    for (const { id } of await mirror.list()) {
      const key = { side: 'received', id } as const;
      await rm(mirror.open().path(key, 'parts'), { recursive: true });
      await rm(mirror.open().path(key, 'parts.json'));
    }
    await sync();
    expect(await texts()).toEqual(before);
  }); // prettier-ignore
});

describe('which box', () => {
  test('the default one needs no name', async () => {
    const found = await find({ quality: 'doctor' });
    expect(found).toMatchObject({ box: undefined, info: { box: { type: 'INSS', id: DOCTOR } } });
    expect(records).toHaveLength(1);
  });

  test('another quality than the session proves is refused as a mismatch', async () => {
    await expect(find({ quality: 'NURSE' })).rejects.toMatchObject({ code: 'E_BOX_MISMATCH' });
  });

  test('the session of someone else is a mismatch', async () => {
    const holder = { type: 'SSIN', id: '72090499770' };
    await expect(find({ holder })).rejects.toMatchObject({ code: 'E_BOX_MISMATCH' });
  });

  test('a box that the user names is asked by name', async () => {
    const box = parseBoxAddress('NIHII-MEDICAL_HOUSE=89547133');
    expect(await find({ box })).toMatchObject({ box, info: { box: { quality: 'MEDICAL_HOUSE' } } });
    const strange = parseBoxAddress('NIHII-GROUP=94499180');
    await expect(find({ box: strange })).rejects.toMatchObject({ code: 'E_BOX_MISMATCH' });
  });
});

describe('faults', () => {
  const few = seeds.filter(({ sealed }) => !sealed).slice(0, 3);

  beforeEach(async () => {
    test$.sandbox.state.messages = [];
    await addMessages(test$.sandbox, few);
  });

  test.each(['refused', 'reset', 'lost', 'http:503', 'fault:SOA-02002'])(
    '%s is waited out',
    async (kind) => {
      fail('GetFullMessage', kind, 2);
      fail('GetMessagesList', kind, 2);
      const result = await sync();
      expect(result).toMatchObject({ stored: few.length, failed: [], pending: 0 });
      expect(mirror.pauses).toEqual([1000, 4000, 1000, 4000]);
    },
  );

  test.each(['truncated', 'xml:dtd', 'xml:bomb', 'xml:deep', 'http:404', 'fault:SOA-03006'])(
    '%s costs one message, the next run fetches it',
    async (kind) => {
      fail('GetFullMessage', kind);
      const result = await sync();
      expect(result.stored).toBe(few.length - 1);
      expect(result.failed).toHaveLength(1);
      expect(await sync()).toMatchObject({ fresh: [], stored: 1, failed: [], pending: 0 });
    },
  );

  test('a list in another order loses nothing', async () => {
    fail('GetMessagesList', 'reordered', 10);
    expect(await sync()).toMatchObject({ stored: few.length, complete: true });
  });

  test('an expired session stops cleanly', async () => {
    fail('GetFullMessage', 'fault:SOA-01001');
    expect(await sync()).toMatchObject({ stored: 0, pending: few.length, stopped: { faultCode: 'SOA-01001' } }); // prettier-ignore
  });

  test('an answer that is too large costs one message', async () => {
    fail('GetFullMessage', 'oversized');
    const result = await sync();
    expect(result.failed).toMatchObject([{ error: { code: 'E_REPLY_TOO_LARGE' } }]);
  });
});
