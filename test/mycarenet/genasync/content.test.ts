/** What is in a message: the invented examples of the fact sheet, answers matched to questions, flat files, rejections. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, deflateSync } from 'node:zlib';

import { describe, expect, test } from '@jest/globals';

import { decodeContent } from '../../../src/mycarenet/genasync/content.js';
import { readFlat } from '../../../src/mycarenet/genasync/flat-file.js';
import { questionsOf } from '../../../src/mycarenet/genasync/memberdata-answers.js';
import { openContent } from '../../../src/mycarenet/genasync/open-content.js';
import {
  checkConfirmReply,
  readGetReply,
  readPostReply,
} from '../../../src/mycarenet/genasync/reply.js';
import type { MailboxMessage } from '../../../src/mycarenet/genasync/reply.js';
import { parseReply } from '../../../src/soap/reply.js';
import type { SoapReply } from '../../../src/soap/reply.js';
import { readXml } from '../../../src/xml/read.js';
import { hasShared, SHARED } from '../../support/tools.js';
import { NOW } from '../other-client.js';

const file = (name: string): Buffer => readFileSync(join(SHARED, 'examples/mycarenet', name));

const answer = (payload: string): SoapReply =>
  parseReply(
    'genasync',
    200,
    { 'content-type': 'text/xml' },
    Buffer.from(`<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>${payload.replace(/<\?xml[^>]*>/, '').replace(/<!--[\s\S]*?-->/, '').trim()}</soap:Body></soap:Envelope>`),
  ); // prettier-ignore

const read = (name: string): SoapReply => answer(file(name).toString('utf8'));

const MESSAGE: MailboxMessage = {
  reference: 'R1',
  hashValue: undefined,
  messageName: 'X',
  issuer: undefined,
  contentType: 'text/xml',
  encoding: 'none',
  encryption: undefined,
  references: {},
  content: { kind: 'bytes', bytes: new Uint8Array() },
  xades: undefined,
};
const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64');
const open = (bytes: Uint8Array | undefined, rest: Partial<MailboxMessage> = {}) =>
  openContent(bytes, { ...MESSAGE, ...rest }, undefined, NOW);

(hasShared() ? describe : describe.skip)('the examples', () => {
  test.each(['genasync-v1-get-response-2-messages.xml', 'genasync-v3-get-response-2-messages.xml'])('%s', async (name) => {
    const { messages, acknowledgements } = readGetReply(read(name));
    expect(messages.map(({ reference, encoding }) => [reference, encoding])).toEqual([['MSG-REF-0000001', 'none'], ['MSG-REF-0000002', 'deflate']]);
    expect(messages[0]).toMatchObject({ messageName: 'MDA', issuer: 'urn:nip:issuer:io:300', references: { input: '20260209091500', nip: 'N2602090000201', output: 'O2602090000301' } });
    expect(acknowledgements).toEqual([{ reference: 'TACK-REF-0000001', value: 'YBtNWHZAzOTKpLgsyRHW1YinUb6EX+rdsa9eAbixCRg=', issuer: 'urn:nip:issuer:io:300', appliesTo: '20260209091500', result: 'success', minor: undefined, message: undefined }]);
    const questions = questionsOf(readXml(file('mda-async-query-list.inner.xml')), '20260209091500');
    expect([...questions.keys()]).toEqual(['TOPZB000000001', 'TOPZB000000002', 'TOPZB000000003']);
    const found: unknown[] = [];
    for (const message of messages) {
      const carried = message.content.kind === 'bytes' ? message.content.bytes : new Uint8Array();
      const { content, problem } = await openContent(carried, message, undefined, NOW);
      expect(problem).toBeUndefined();
      const decoded = decodeContent(content ?? carried, questions, NOW);
      found.push(...(decoded.kind === 'member-data' ? decoded.answers : []));
    }
    expect(found).toMatchObject([
      { question: 'TOPZB000000001', post: '20260209091500', patient: '85071599796', insurability: { status: 'insured', periods: [{ mutuality: '319', ct1: '111', bim: true, from: '2026-02-09', to: '2026-02-09' }] } },
      { question: 'TOPZB000000002', patient: '08022999889', insurability: { status: 'insured', periods: [{ mutuality: '134' }] } },
      { question: 'TOPZB000000003', patient: '99123199643', codes: ['UNKNOWN_NISS_ROUTING'] },
    ]);
  }); // prettier-ignore

  test('an empty mailbox, acknowledgements, and the answer to a confirmation', () => {
    expect(readGetReply(read('genasync-get-response-empty.xml'))).toEqual({ messages: [], acknowledgements: [] });
    expect(readPostReply(read('genasync-v3-post-response-success.xml'), '20260209091500')).toMatchObject({ result: 'success' });
    expect(readPostReply(read('genasync-v3-post-response-failure.xml'), '20260209091500')).toMatchObject({ result: 'failure', message: 'Illustrative refusal' });
    expect(() => readPostReply(read('genasync-v3-post-response-failure.xml'), 'OTHER')).toThrow(/another message/);
    expect(() => { checkConfirmReply(read('genasync-confirm-response.xml')); }).not.toThrow();
    expect(() => { checkConfirmReply(read('genasync-get-response-empty.xml')); }).toThrow(/another message/);
    expect(() => readGetReply(read('genasync-confirm-response.xml'))).toThrow(/another message/);
  }); // prettier-ignore

  test('an answer to a question that was not asked here is kept apart', () => {
    const decoded = decodeContent(file('mda-async-response-list-1.inner.xml'), new Map(), NOW);
    expect(decoded).toMatchObject({ kind: 'member-data', answers: [{ question: 'TOPZB000000001' }] });
    expect(JSON.stringify(decoded)).not.toContain('"post"');
  }); // prettier-ignore
});

describe('what is carried', () => {
  const document = Buffer.from('920900 a document that compresses compresses compresses');

  test.each([
    ['none', document],
    ['deflate', deflateRawSync(document)],
    // Some write the header of zlib.
    ['deflate', deflateSync(document)],
    [undefined, deflateRawSync(document)],
    [undefined, document],
  ])('%s', async (encoding, carried) => {
    const opened = await open(carried, { encoding, hashValue: hash(document) });
    expect(opened.problem).toBeUndefined();
    expect(Buffer.from(opened.content ?? carried)).toEqual(document);
  });

  test.each([
    ['damaged', undefined, {}],
    ['wrong-hash', document, { hashValue: hash(Buffer.from('other')) }],
    ['encoding', document, { encoding: 'deflate' }],
    ['encoding', document, { encoding: 'gzip' }],
    ['too-large', deflateRawSync(Buffer.alloc(300 * 1024 * 1024)), { encoding: 'deflate' }],
    ['no-key', document, { encryption: 'encryptedForKnownRecipient' }],
  ])('%s is a word, not a failure', async (problem, carried, rest) => {
    expect((await open(carried, rest)).problem).toBe(problem);
  });

  test('bytes that are no seal, with keys', async () => {
    const opened = await openContent(document, { ...MESSAGE, encryption: 'encryptedForKnownHCP' }, { decrypters: [], roots: [] }, NOW); // prettier-ignore
    expect(opened.problem).toBe('bad-seal');
  });
});

describe('a flat file', () => {
  const head = '920900'.padEnd(227, '0');
  const of = (type: string, n: number): string => `${type}${String(n).padStart(6, '0')}`.padEnd(350, 'A'); // prettier-ignore

  test('is split into its head and its records', () => {
    const flat = readFlat(Buffer.from(head + of('10', 1) + of('20', 2) + of('90', 3)));
    expect(flat?.messageNumber).toBe('920900');
    expect(flat?.records.map(({ type, offset, text }) => [type, offset, text.length])).toEqual([
      ['', 0, 227],
      ['10', 227, 350],
      ['20', 577, 350],
      ['90', 927, 350],
    ]);
  });

  test('of another length is split by its lines, or kept whole; nothing of it is lost', () => {
    const lines = readFlat(Buffer.from(`920999 head\r\n10 one\r\n95 two\r\n`, 'latin1'));
    expect(lines?.records.map(({ type }) => type)).toEqual(['', '10', '95']);
    const whole = readFlat(Buffer.from('931000 é', 'latin1'));
    expect(whole?.records).toEqual([{ type: '', offset: 0, text: '931000 é' }]);
    expect(readFlat(Buffer.from('hello'))).toBeUndefined();
    expect(readFlat(new Uint8Array())).toBeUndefined();
  });
});

describe('other contents', () => {
  const decode = (text: string | Uint8Array) => decodeContent(Buffer.from(text), new Map(), NOW);

  test('are told by their form', () => {
    expect(decode('<closure/>')).toEqual({ kind: 'xml', root: 'closure' });
    expect(decode('\uFEFF<closure/>')).toEqual({ kind: 'xml', root: 'closure' });
    expect(decode('hello')).toEqual({ kind: 'text' });
    expect(decode('<broken')).toEqual({ kind: 'text' });
    expect(decode(Uint8Array.of(0, 1, 2))).toEqual({ kind: 'binary' });
    expect(decode('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')).toEqual({ kind: 'text' });
  });

  test('a rejection shows its codes, without a number of a patient', () => {
    const reject = '<r:RejectInb xmlns:r="urn:x"><Fault><FaultCode>VALIDATION_ERROR</FaultCode><Message>no 85061199814</Message><Details><Detail><DetailCode>D1</DetailCode></Detail></Details></Fault></r:RejectInb>';
    const decoded = decode(reject);
    expect(decoded).toMatchObject({ kind: 'reject', codes: ['VALIDATION_ERROR', 'D1'] });
    expect(JSON.stringify(decoded)).not.toContain('85061199814');
  }); // prettier-ignore

  test('an answer whose signature does not hold, or that is about two people, is told and keeps none back', () => {
    const response = (id: string, inside: string) =>
      `<p:Response InResponseTo="${id}" ID="_r${id}" Version="2.0">${inside}</p:Response>`;
    const status = '<p:Status><p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></p:Status>';
    const decoded = decode(
      `<e:ResponseList xmlns:e="urn:be:cin:nippin:memberdata:saml:extension" xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol">${response('_a', '')}${response('b', status)}</e:ResponseList>`,
    );
    expect(decoded).toMatchObject({ answers: [{ question: 'a', error: 'E_REPLY_INVALID' }, { question: 'b', insurability: { status: 'no-data' } }] });
  }); // prettier-ignore
});
