/** One call from values to values, over a transport of the test. */

import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignedXml } from 'xml-crypto';

import { TopazError } from '../../src/errors.js';
import { createCall } from '../../src/soap/call.js';
import type { CreateCallOptions, SoapRequest } from '../../src/soap/call.js';
import { parseContentType } from '../../src/soap/content-type.js';
import { writeMultipart, xopInclude } from '../../src/soap/multipart-writer.js';
import { splitMultipart } from '../../src/soap/multipart.js';
import type { HttpReply, PostOptions, Transport } from '../../src/soap/transport.js';
import { namespace } from '../../src/xml/build.js';
import { NS_SOAP, NS_WSA, NS_WSU, NS_XOP } from '../../src/xml/namespaces.js';
import { attribute, requireChild, text } from '../../src/xml/query.js';
import { readXml } from '../../src/xml/read.js';
import { writeXml } from '../../src/xml/write.js';
import { growth } from '../xml/growth.js';
import { bytesOf, collect, piecesOf, replyOf } from './bodies.js';
import { createPki } from './openssl-pki.js';
import type { Identity, Pki } from './openssl-pki.js';

let pki: Pki;
let holder: Identity;
beforeAll(() => {
  pki = createPki('Test CA of calls');
  holder = pki.issue('holder');
});
afterAll(() => {
  pki.remove();
});

const t = namespace('t', 'urn:test');
const NOW = new Date('2026-03-02T09:00:00.000Z');
const answer =
  (body: string, status = 200, more: Record<string, string> = {}) =>
  (): HttpReply =>
    replyOf(
      status,
      { 'content-type': 'text/xml', date: 'Mon, 02 Mar 2026 09:01:30 GMT', ...more },
      Buffer.from(`<s:Envelope xmlns:s="${NS_SOAP}"><s:Body>${body}</s:Body></s:Envelope>`),
    );

interface Sent {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly options: PostOptions;
}

/** A transport that keeps what is sent and gives (or throws) what it is told. */
function set(outcome: (() => HttpReply) | Error, options: Partial<CreateCallOptions> = {}) {
  const sent: Sent[] = [];
  const lines: string[] = [];
  const dates: Date[] = [];
  const transport: Transport = {
    post: (url, headers, body, postOptions) => {
      sent.push({ url, headers, body: bytesOf(body), options: postOptions });
      return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome());
    },
    close: () => Promise.resolve(),
  };
  const call = createCall({
    transport,
    now: () => NOW,
    newId: randomUUID,
    timeoutMs: 30_000,
    log: (line) => lines.push(line),
    onDate: (date) => dates.push(date),
    ...options,
  });
  return { call, sent, lines, dates };
}

const request = (more: Partial<SoapRequest> = {}): SoapRequest => ({
  service: 'etkdepot',
  operation: 'GetEtk',
  url: 'https://services.test/EtkDepot/v1',
  body: t('GetEtkRequest', {}, '79021599732'),
  security: { kind: 'none' },
  ...more,
});

describe('createCall', () => {
  test('posts one envelope and gives the payload', async () => {
    const { call, sent, lines, dates } = set(answer('<a xmlns="urn:test">79021599732</a>'));
    const { signal } = new AbortController();
    const reply = await call(request({ action: 'urn:test:getEtk', maxBytes: 5000 }), { signal });
    expect(reply.payload).toMatchObject({ name: 'a', namespace: 'urn:test' });
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      url: 'https://services.test/EtkDepot/v1',
      headers: { 'Content-Type': 'text/xml; charset=utf-8', SOAPAction: '"urn:test:getEtk"' },
      options: { signal, timeoutMs: 30_000, maxBytes: 5000 },
    });
    expect(Buffer.from(sent[0]?.body ?? []).toString()).toBe(
      `<soap:Envelope xmlns:soap="${NS_SOAP}"><soap:Body><t:GetEtkRequest xmlns:t="urn:test">79021599732</t:GetEtkRequest></soap:Body></soap:Envelope>`,
    );
    expect(lines).toEqual(['soap etkdepot GetEtk 200 0ms']);
    expect(dates).toEqual([new Date('2026-03-02T09:01:30Z')]);
  });

  test('without an action sends an empty one', async () => {
    const { call, sent } = set(answer('<a/>'));
    await call(request());
    expect(sent[0]?.headers['SOAPAction']).toBe('""');
  });

  test('the bytes that were signed are those that are sent', async () => {
    const { call, sent } = set(answer('<a/>'));
    await call(request({ security: { kind: 'x509', signer: holder.signer } }));
    const xml = Buffer.from(sent[0]?.body ?? []).toString();
    const verifier = new SignedXml({ publicCert: holder.certificatePem, idMode: 'wssecurity' });
    verifier.loadSignature(/<ds:Signature[\s\S]*<\/ds:Signature>/.exec(xml)?.[0] ?? '');
    expect(verifier.checkSignature(xml)).toBe(true);
    expect(verifier.getSignedReferences()).toHaveLength(3);
  });

  test('every call has ids of its own', async () => {
    const { call, sent } = set(answer('<a/>'));
    const security = { kind: 'x509', signer: holder.signer } as const;
    await call(request({ security }));
    await call(request({ security }));
    const ids = sent.map(({ body }) => attribute(requireChild(readXml(body), NS_SOAP, 'Body'), 'Id', NS_WSU)); // prettier-ignore
    expect(ids[0]).not.toBe(ids[1]);
  });

  test('attachments travel as parts', async () => {
    const { call, sent } = set(answer('<a/>'));
    const bytes = Uint8Array.of(0, 13, 10, 45, 45);
    await call(request({ attachments: [{ id: 'annex@topaz', contentType: 'application/pdf', bytes }] })); // prettier-ignore
    const type = sent[0]?.headers['Content-Type'] ?? '';
    const boundary = /boundary="([^"]+)"/.exec(type)?.[1] ?? '';
    expect(type).toMatch(/^multipart\/related; type="text\/xml"; start="<[^"]+>"; boundary=/);
    const parts = splitMultipart(sent[0]?.body ?? bytes, boundary);
    expect(parts.map(({ id }) => id)).toEqual(['root.message@topaz', 'annex@topaz']);
    expect(parts[1]?.bytes).toEqual(bytes);
  });

  const fault = '<s:Fault><faultcode>s:Client</faultcode><faultstring>SOA-01001 for Jean Exemple</faultstring></s:Fault>'; // prettier-ignore

  test.each([
    ['a fault', answer(fault, 500), 'E_SOAP_FAULT', 'soap etkdepot GetEtk 500 fault SOA-01001 0ms'],
    ['an error page', answer('', 503), 'E_NETWORK_HTTP', 'soap etkdepot GetEtk E_NETWORK_HTTP 0ms'],
    ['an answer of another form', answer(''), 'E_REPLY_INVALID', 'soap etkdepot GetEtk E_REPLY_INVALID 0ms'],
    ['a cut connection', new TopazError('E_NETWORK_RESET', 'cut'), 'E_NETWORK_RESET', 'soap etkdepot GetEtk E_NETWORK_RESET 0ms'],
  ])('%s: one line, without a name or number of anybody; sent once', async (_, outcome, code, line) => {
    const { call, sent, lines } = set(outcome);
    await expect(call(request())).rejects.toMatchObject({ code });
    expect(lines).toEqual([line]);
    expect(sent).toHaveLength(1);
  }); // prettier-ignore

  test('a date that is none is not told', async () => {
    const { call, dates } = set(answer('<a/>', 200, { date: 'yesterday' })); // prettier-ignore
    await call(request());
    expect(dates).toEqual([]);
  });

  test('nothing is sent when the key refuses', async () => {
    const { call, sent, lines } = set(answer('<a/>'));
    const signer = { ...holder.signer, sign: () => Promise.reject(new TopazError('E_PIN_LAST_TRY', 'no')) }; // prettier-ignore
    await expect(call(request({ security: { kind: 'x509', signer } }))).rejects.toMatchObject({ code: 'E_PIN_LAST_TRY' }); // prettier-ignore
    expect(sent).toEqual([]);
    expect(lines).toEqual([]);
  });

  test('a payload in the default namespace keeps its meaning', async () => {
    const { call, sent } = set(answer('<a/>'));
    const d = namespace('', 'urn:default');
    const none = namespace('', '');
    await call(request({ body: d('Request', {}, none('Plain'), t('Other', {}, none('Plain'))) }));
    const body = requireChild(readXml(sent[0]?.body ?? ''), NS_SOAP, 'Body');
    expect(writeXml(requireChild(body, 'urn:default', 'Request'))).toBe(
      '<Request xmlns:t="urn:test" xmlns="urn:default"><Plain xmlns=""/><t:Other><Plain xmlns=""/></t:Other></Request>',
    );
  });
});

describe('an XOP message', () => {
  const detail = { id: 'detail@topaz', contentType: 'application/octet-stream' };
  const saml = (parts: 'timestamp' | 'body-and-timestamp'): SoapRequest['security'] => ({
    kind: 'saml',
    assertion: '<Assertion xmlns="urn:oasis:names:tc:SAML:1.0:assertion" AssertionID="_1"/>',
    assertionId: '_1',
    signer: holder.signer,
    parts,
  });
  const body = t('post', {}, t('Detail', {}, xopInclude('detail@topaz')));

  test('points to its part, says what it is, and signs the timestamp only', async () => {
    const { call, sent } = set(answer('<a/>'));
    const bytes = Uint8Array.of(0, 255, 13, 10);
    const action = 'urn:be:cin:nip:async:generic:post:msg';
    await call(request({ body, packaging: 'xop', attachments: [{ ...detail, bytes }], security: saml('timestamp'), addressing: { action, to: 'urn:nip:destination:io:319' } })); // prettier-ignore
    const { type, parameters } = parseContentType(sent[0]?.headers['Content-Type'] ?? '');
    expect([type, parameters['type'], parameters['start-info'], parameters['start']]).toEqual(['multipart/related', 'application/xop+xml', 'text/xml', '<root.message@topaz>']); // prettier-ignore
    const [root, part] = splitMultipart(sent[0]?.body ?? bytes, parameters['boundary'] ?? '');
    expect(root?.contentType).toBe('application/xop+xml; charset=UTF-8; type="text/xml"');
    expect(part).toMatchObject({ id: 'detail@topaz', bytes });
    const envelope = readXml(root?.bytes ?? bytes);
    const post = requireChild(requireChild(envelope, NS_SOAP, 'Body'), 'urn:test', 'post');
    const include = requireChild(requireChild(post, 'urn:test', 'Detail'), NS_XOP, 'Include');
    expect(attribute(include, 'href')).toBe('cid:detail%40topaz');
    const header = requireChild(envelope, NS_SOAP, 'Header');
    expect(text(requireChild(header, NS_WSA, 'Action'))).toBe(action);
    const xml = Buffer.from(root?.bytes ?? bytes).toString();
    expect(xml.match(/<ds:Reference URI="#TS-/g)).toHaveLength(1);
    expect(xml.match(/<ds:Reference /g)).toHaveLength(1);
  });

  test('has one part even without attachments', async () => {
    const { call, sent } = set(answer('<a/>'));
    await call(request({ packaging: 'xop' }));
    const { parameters } = parseContentType(sent[0]?.headers['Content-Type'] ?? '');
    expect(splitMultipart(sent[0]?.body ?? new Uint8Array(), parameters['boundary'] ?? '')).toHaveLength(1); // prettier-ignore
  });

  test('with a signed Body is not sent', async () => {
    const { call, sent } = set(answer('<a/>'));
    for (const security of [
      saml('body-and-timestamp'),
      { kind: 'x509', signer: holder.signer } as const,
    ]) {
      // prettier-ignore
      await expect(call(request({ body, packaging: 'xop', security }))).rejects.toThrow(TypeError);
    }
    expect(sent).toEqual([]);
  });

  test('whose part is a stream has its length announced, and makes it anew for each try', async () => {
    const opened: number[] = [];
    const open = () => {
      opened.push(1);
      return piecesOf(new Uint8Array(5000), 777);
    };
    const written = writeMultipart(Buffer.from('<a/>'), [{ ...detail, bytes: { sizeBytes: 5000, open } }], 'b', 'xop'); // prettier-ignore
    const { body: streamed } = written;
    if (!('open' in streamed)) throw new Error('not a stream');
    const first = await collect(streamed.open());
    expect(first).toHaveLength(streamed.sizeBytes);
    expect(await collect(streamed.open())).toEqual(first);
    expect(splitMultipart(first, 'b')[1]?.bytes).toEqual(new Uint8Array(5000));
    expect(opened).toHaveLength(2);
  });

  test.each([4999, 5001])('whose part turns out to have %i bytes instead of 5000 ends', async (size) => {
    const bytes = { sizeBytes: 5000, open: () => piecesOf(new Uint8Array(size), 777) };
    const { body: streamed } = writeMultipart(Buffer.from('<a/>'), [{ ...detail, bytes }], 'b', 'xop'); // prettier-ignore
    if (!('open' in streamed)) throw new Error('not a stream');
    await expect(collect(streamed.open())).rejects.toThrow(TypeError);
  }); // prettier-ignore
});

describe('an answer to an addressed message', () => {
  const related = (id: string) => () =>
    replyOf(200, { 'content-type': 'text/xml' }, Buffer.from(`<s:Envelope xmlns:s="${NS_SOAP}"><s:Header><w:RelatesTo xmlns:w="${NS_WSA}">${id}</w:RelatesTo></s:Header><s:Body><a/></s:Body></s:Envelope>`)); // prettier-ignore

  test('must be ours', async () => {
    const newId = () => '0f0e0d0c-1a2b-4c3d-8e9f-000000000001';
    const addressing = { action: 'urn:test:get' };
    const ours = set(related(`urn:uuid:${newId()}`), { newId });
    expect((await ours.call(request({ addressing }))).payload.name).toBe('a');
    const other = set(related('urn:uuid:other'), { newId });
    await expect(other.call(request({ addressing }))).rejects.toMatchObject({ code: 'E_REPLY_INVALID' }); // prettier-ignore
    expect(other.lines).toEqual(['soap etkdepot GetEtk E_REPLY_INVALID 0ms']);
    await expect(other.call(request())).resolves.toMatchObject({ status: 200 });
  });
});

describe('a call that may be repeated', () => {
  const unsent = new TopazError('E_NETWORK_REFUSED', 'no', { details: { sent: false } });

  test('is signed anew, with other ids, and each try has its line', async () => {
    const { call, sent, lines } = set(unsent, { sleep: () => Promise.resolve() });
    const security = { kind: 'x509', signer: holder.signer } as const;
    await expect(call(request({ security, repeat: 'unsent' }))).rejects.toBe(unsent);
    expect(sent).toHaveLength(3);
    expect(lines).toHaveLength(3);
    const ids = sent.map(({ body }) => /wsu:Id="(id-[^"]+)"/.exec(Buffer.from(body).toString())?.[1]); // prettier-ignore
    expect(new Set(ids).size).toBe(3);
  });

  test('is not, where it does not say so, or nobody gave it a way to wait', async () => {
    const patient = set(unsent, { sleep: () => Promise.resolve() });
    await expect(patient.call(request())).rejects.toBe(unsent);
    const hasty = set(unsent);
    await expect(hasty.call(request({ repeat: 'read' }))).rejects.toBe(unsent);
    expect([patient.sent.length, hasty.sent.length]).toEqual([1, 1]);
  });
});

describe('time grows with the size of a message in parts', () => {
  const head = '--b\r\nContent-ID: <x>\r\n\r\n';
  test.each([
    ['bytes', (n: number) => `${head}${'x'.repeat(n)}\r\n--b--`, 10_000_000],
    ['almost boundaries', (n: number) => `${head}${'\n--bx'.repeat(n)}\r\n--b--`, 100_000],
    ['boundaries and spaces', (n: number) => `${head}\n--b${' '.repeat(n)}x\r\n--b--`, 500_000],
    ['line ends', (n: number) => `${head}${'\r\n'.repeat(n)}\r\n--b--`, 2_000_000],
    ['quoted-printable', (n: number) => `--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${'= '.repeat(n)}\r\n--b--`, 200_000],
    ['base64', (n: number) => `--b\r\nContent-Transfer-Encoding: base64\r\n\r\n${'QUJD'.repeat(n)}\r\n--b--`, 300_000],
  ])('%s', (_, make, n) => {
    expect(growth((size) => Buffer.from(make(size)), (body) => splitMultipart(body, 'b'), n)).toBeLessThan(3);
  }); // prettier-ignore
});
