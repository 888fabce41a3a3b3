/** One call from values to values, over a transport of the test. */

import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignedXml } from 'xml-crypto';

import { TopazError } from '../../src/errors.js';
import { createCall } from '../../src/soap/call.js';
import type { CreateCallOptions, SoapRequest } from '../../src/soap/call.js';
import { splitMultipart } from '../../src/soap/multipart.js';
import type { HttpReply, PostOptions, Transport } from '../../src/soap/transport.js';
import { namespace } from '../../src/xml/build.js';
import { NS_SOAP, NS_WSU } from '../../src/xml/namespaces.js';
import { attribute, requireChild } from '../../src/xml/query.js';
import { readXml } from '../../src/xml/read.js';
import { writeXml } from '../../src/xml/write.js';
import { growth } from '../xml/growth.js';
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
const answer = (body: string, status = 200): HttpReply => ({
  status,
  headers: { 'content-type': 'text/xml', date: 'Mon, 02 Mar 2026 09:01:30 GMT' },
  body: Uint8Array.from(
    Buffer.from(`<s:Envelope xmlns:s="${NS_SOAP}"><s:Body>${body}</s:Body></s:Envelope>`),
  ),
});

interface Sent {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly options: PostOptions;
}

/** A transport that keeps what is sent and gives (or throws) what it is told. */
function set(outcome: HttpReply | Error, options: Partial<CreateCallOptions> = {}) {
  const sent: Sent[] = [];
  const lines: string[] = [];
  const dates: Date[] = [];
  const transport: Transport = {
    post: (url, headers, body, postOptions) => {
      sent.push({ url, headers, body, options: postOptions });
      return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
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
    ['an error page', { ...answer(''), status: 503 }, 'E_NETWORK_HTTP', 'soap etkdepot GetEtk E_NETWORK_HTTP 0ms'],
    ['an answer of another form', answer(''), 'E_REPLY_INVALID', 'soap etkdepot GetEtk E_REPLY_INVALID 0ms'],
    ['a cut connection', new TopazError('E_NETWORK_RESET', 'cut'), 'E_NETWORK_RESET', 'soap etkdepot GetEtk E_NETWORK_RESET 0ms'],
  ])('%s: one line, without a name or number of anybody; sent once', async (_, outcome, code, line) => {
    const { call, sent, lines } = set(outcome);
    await expect(call(request())).rejects.toMatchObject({ code });
    expect(lines).toEqual([line]);
    expect(sent).toHaveLength(1);
  }); // prettier-ignore

  test('a date that is none is not told', async () => {
    const { call, dates } = set({ ...answer('<a/>'), headers: { 'content-type': 'text/xml', date: 'yesterday' } }); // prettier-ignore
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

describe('time grows with the size of a message in parts', () => {
  const head = '--b\r\nContent-ID: <x>\r\n\r\n';
  test.each([
    ['bytes', (n: number) => `${head}${'x'.repeat(n)}\r\n--b--`, 10_000_000],
    ['almost boundaries', (n: number) => `${head}${'\n--bx'.repeat(n)}\r\n--b--`, 400_000],
    ['boundaries and spaces', (n: number) => `${head}\n--b${' '.repeat(n)}x\r\n--b--`, 500_000],
    ['line ends', (n: number) => `${head}${'\r\n'.repeat(n)}\r\n--b--`, 2_000_000],
    ['quoted-printable', (n: number) => `--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${'= '.repeat(n)}\r\n--b--`, 200_000],
    ['base64', (n: number) => `--b\r\nContent-Transfer-Encoding: base64\r\n\r\n${'QUJD'.repeat(n)}\r\n--b--`, 1_000_000],
  ])('%s', (_, make, n) => {
    expect(growth((size) => Buffer.from(make(size)), (body) => splitMultipart(body, 'b'), n)).toBeLessThan(3);
  }); // prettier-ignore
});
