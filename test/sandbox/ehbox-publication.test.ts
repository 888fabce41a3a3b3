/** The publication service of the sandbox, asked by requests that xml-crypto signed: what it takes, what it refuses. */

import { createHash } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { EHBOX_PUBLICATION } from '../../src/sandbox/names.js';
import { ehboxPublication } from '../../src/sandbox/services/ehbox-publication.js';
import { openState } from '../../src/sandbox/state.js';
import {
  ask,
  doctorAttributes,
  issueHolder,
  openTestSandbox,
  request,
  texts,
} from './ehbox-support.js';
import type { Answered, AskOptions, TestHolder, TestSandbox } from './ehbox-support.js'; // prettier-ignore

const NURSE = '72090499770';

let test$: TestSandbox;
let doctor: TestHolder;
let nurse: TestHolder;

beforeAll(async () => {
  test$ = await openTestSandbox();
  doctor = await issueHolder(test$.sandbox);
  nurse = await issueHolder(test$.sandbox, 'SSIN', NURSE);
});

afterAll(async () => {
  await test$.close();
});

beforeEach(() => {
  const { state } = test$.sandbox;
  state.messages = [];
  state.publications = [];
  state.outOfOffice = [];
});

const digest = (bytes: string | Uint8Array): string =>
  createHash('sha256').update(bytes).digest('base64');
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const to = (id = NURSE, type = 'INSS', quality = 'NURSE', more = ''): string =>
  `<DestinationContext><Id>${id}</Id><Type>${type}</Type>${more}<Quality>${quality}</Quality><OoOProcessed>false</OoOProcessed></DestinationContext>`;
const document = (text = 'hello', sum = digest(text)): string =>
  `<Document><Title>Title</Title><EncryptableTextContent>${base64(text)}</EncryptableTextContent><DownloadFileName>body.txt</DownloadFileName><MimeType>text/plain</MimeType><Digest>${sum}</Digest></Document>`;
const annex = (reference: string, sum: string): string =>
  `<Annex><EncryptableTitle>${base64('t')}</EncryptableTitle><EncryptableBinaryContent>${reference}</EncryptableBinaryContent><DownloadFileName>a.bin</DownloadFileName><MimeType>application/octet-stream</MimeType><Digest>${sum}</Digest></Annex>`;

interface Parts {
  readonly id?: string;
  readonly box?: string;
  readonly recipients?: string;
  readonly content?: string;
  readonly type?: string;
  readonly encrypted?: boolean;
  readonly receipts?: readonly [boolean, boolean, boolean];
}

const message = ({
  id = 'PUB1',
  box = '',
  recipients = to(),
  content = document(),
  type = 'DOCUMENT',
  encrypted = false,
  receipts: [publication, received, read] = [false, false, false],
}: Parts = {}): string =>
  `<con:SendMessageRequest xmlns:con="${EHBOX_PUBLICATION}" PublicationId="${id}">${box}${recipients}<ContentContext><Content>${content}</Content>` +
  `<ContentSpecification><ContentType>${type}</ContentType><IsImportant>false</IsImportant><IsEncrypted>${encrypted}</IsEncrypted>` +
  `<PublicationReceipt>${publication}</PublicationReceipt><ReceivedReceipt>${received}</ReceivedReceipt><ReadReceipt>${read}</ReadReceipt></ContentSpecification></ContentContext></con:SendMessageRequest>`;

const publish = (parts?: Parts, options?: AskOptions): Promise<Answered> =>
  ask(test$.sandbox, doctor, message(parts), { service: ehboxPublication, ...options });

const nurseAttributes = doctorAttributes(NURSE).map((one) =>
  one.name.endsWith('doctor:boolean') ? { ...one, values: ['false'] }
  : one.name.endsWith('nurse:boolean') ? { ...one, values: ['true'] }
  : one,
).filter(({ name }) => !name.endsWith('nihii11')); // prettier-ignore
const asNurse = (payload: string): Promise<Answered> =>
  ask(test$.sandbox, nurse, payload, { attributes: nurseAttributes });
const list = (source = 'INBOX'): string => request('GetMessagesList', `<Source>${source}</Source>`);
const full = (id: string, source = 'INBOX'): string =>
  request('GetFullMessage', `<Source>${source}</Source><MessageId>${id}</MessageId>`);
const code = ({ text }: Answered): string | undefined => texts(text, 'Code')[0];

describe('a good request', () => {
  test('lies in both boxes under one id, with what was sent; answers are valid', async () => {
    const bytes = Buffer.from([0, 255, 13, 10, 45, 45]);
    const content = document() + annex('cid:annex%31@x', digest(bytes));
    const sent = await publish({ content }, { parts: new Map([['annex1@x', bytes]]) });
    expect([sent.status, code(sent)]).toEqual([200, '100']);
    const id = / Id="([^"]+)"/.exec(sent.text)?.[1] ?? '';
    expect(texts((await asNurse(list())).text, 'MessageId')).toEqual([id]);
    expect(texts((await ask(test$.sandbox, doctor, list('SENTBOX'))).text, 'MessageId')).toEqual([id]);
    expect(texts((await ask(test$.sandbox, doctor, list())).text, 'MessageId')).toEqual([]);
    const opened = await asNurse(full(id));
    expect(opened.text).toContain('<PublicationId>PUB1</PublicationId>');
    expect(opened.body.includes(bytes)).toBe(true);
    for (const { checks } of [sent, opened]) {
      expect(checks.filter(({ state }) => state === 'failed')).toEqual([]);
    }
    // Whoever deletes his copy takes nobody else's.
    await asNurse(request('DeleteMessage', `<Source>INBOX</Source><MessageId>${id}</MessageId>`));
    expect((await ask(test$.sandbox, doctor, full(id, 'SENTBOX'))).status).toBe(200);
  }); // prettier-ignore

  test('receipts come as messages: published and received at once, read when it is fetched', async () => {
    const sent = await publish({ receipts: [true, true, true] });
    const own = async () => texts((await ask(test$.sandbox, doctor, list())).text, 'MessageId');
    expect(await own()).toHaveLength(2);
    await asNurse(full(/ Id="([^"]+)"/.exec(sent.text)?.[1] ?? ''));
    await asNurse(full(/ Id="([^"]+)"/.exec(sent.text)?.[1] ?? ''));
    const receipts = await own();
    expect(receipts).toHaveLength(3);
    const types = await Promise.all(receipts.map(async (id) => texts((await ask(test$.sandbox, doctor, full(id))).text, 'AckType')[0]));
    expect(types.sort()).toEqual(['PUBLISHED', 'READ', 'RECEIVED']);
  }); // prettier-ignore

  test('whom the directory does not know is told afterwards, by a message', async () => {
    expect(code(await publish({ recipients: to('85061199814') + to() }))).toBe('100');
    const [id = ''] = texts((await ask(test$.sandbox, doctor, list())).text, 'MessageId');
    const { text, checks } = await ask(test$.sandbox, doctor, full(id));
    expect(text).toMatch(/<Error PublicationId="PUB1"><Code>802<[^]*<Destination><Id>85061199814</);
    expect(checks.filter(({ state }) => state === 'failed')).toEqual([]);
    expect(texts((await asNurse(list())).text, 'MessageId')).toHaveLength(1);
  });

  test('is there after a restart, and its id stays used', async () => {
    await publish();
    const again = await openState(test$.sandbox.store.folder);
    expect(again.state.messages).toHaveLength(2);
    expect(again.state.publications).toEqual(['SSIN=79021599732:DOCTOR PUB1']);
  });
});

describe('refused', () => {
  test.each([
    ['802', { recipients: to('7209049977') }],
    ['803', { recipients: to(NURSE, 'INSS', 'NURCE') }],
    ['804', { recipients: to(NURSE, 'SSIN') }],
    ['804', { recipients: to('71022212', 'CBE', 'HOSPITAL') }],
    ['805', { recipients: to('71022212', 'NIHII', 'HOSPITAL', '<SubType>LABO</SubType>') }],
    ['814', { recipients: to('85061199814', 'INSS', 'CITIZEN') }],
    ['816', { content: document('hello', digest('hallo')) }],
    ['816', { content: document('hello', digest(base64('hello'))) }],
    ['816', { content: document() + annex('cid:nothing@x', digest('')) }],
    ['816', { content: document() + annex('cid:%E9', digest('')) }],
    ['828', { encrypted: true }],
    ['830', { type: 'ACKNOWLEDGMENT' }],
  ])('%s (%#)', async (expected, parts) => {
    const answer = await publish(parts);
    expect(code(answer)).toBe(expected);
    expect(answer.checks.filter(({ name, state }) => name === 'answerSchema' && state === 'failed')).toEqual([]); // prettier-ignore
    expect(test$.sandbox.state.messages).toEqual([]);
  });

  test('more than 10 MB, counted as it travels', async () => {
    const part = (size: number) => ({ parts: new Map([['a', Buffer.alloc(size)]]) });
    const large = 10 * 1024 * 1024;
    const rest = 'hello'.length + 't'.length;
    const at = (size: number) => publish({ content: document() + annex('cid:a', digest(Buffer.alloc(size))) }, part(size));
    expect(code(await at(large - rest + 1))).toBe('801');
    expect(code(await at(large - rest))).toBe('100');
  }); // prettier-ignore

  test('a second document of one id; news replace', async () => {
    expect(code(await publish())).toBe('100');
    expect(code(await publish())).toBe('829');
    expect(code(await publish({ id: 'N1', type: 'NEWS' }))).toBe('100');
    expect(code(await publish({ id: 'N1', type: 'NEWS' }))).toBe('100');
  });

  test('an absent recipient: the whole message, with those who stand in', async () => {
    test$.sandbox.state.outOfOffice.push({ id: 'O1', box: { type: 'SSIN', id: NURSE, quality: 'NURSE' }, from: '2026-02-01', to: '2026-04-01', substitutes: [{ type: 'SSIN', id: '68052399767', quality: 'NURSE' }] });
    const answer = await publish();
    expect(code(answer)).toBe('826');
    expect(answer.text).toMatch(/<AbsentTo>2026-04-01<[^]*<Substitute><Id>68052399767</);
    expect(test$.sandbox.state.messages).toEqual([]);
    const despite = message().replace('<OoOProcessed>false', '<OoOProcessed>true');
    expect(code(await ask(test$.sandbox, doctor, despite, { service: ehboxPublication }))).toBe('100');
  }); // prettier-ignore

  test('a box of someone else', async () => {
    const box = '<BoxId><Id>71022212</Id><Type>NIHII</Type><SubType>HOSPITAL</SubType><Quality>HOSPITAL</Quality></BoxId>'; // prettier-ignore
    expect(code(await publish({ box }))).toBe('810');
  });

  test.each([
    ['changed after it was signed', { tamper: (xml: string) => xml.replace('<Title>Title<', '<Title>Other<') }],
    ['with a token that has ended', { notOnOrAfter: new Date('2026-03-01T08:59:00Z') }],
    ['without a quality in the token', { attributes: [] }],
    ['not valid by the schema', { tamper: (xml: string) => xml.replace('<MimeType>text/plain</MimeType>', '') }],
  ])('%s: a fault', async (_name, options) => {
    const { status, text } = await publish({}, options);
    expect([status, /SOA-0\d{4}/.test(text)]).toEqual([500, true]);
    expect(test$.sandbox.state.messages).toEqual([]);
  }); // prettier-ignore
});
