/** Answers with parts that go to files: what is written, what is refused, and what is left behind. */

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { findByReference, referenceTo } from '../../src/soap/content-id.js';
import { receiveReply } from '../../src/soap/receive.js';
import type { ReceiveOptions } from '../../src/soap/receive.js';
import type { HttpReply } from '../../src/soap/transport.js';
import { NS_SOAP } from '../../src/xml/namespaces.js';
import { hasShared, SHARED } from '../support/tools.js';
import { piecesOf } from './bodies.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'topaz-parts-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const envelope = (body: string): string =>
  `<s:Envelope xmlns:s="${NS_SOAP}"><s:Body>${body}</s:Body></s:Envelope>`;
const ROOT = `--b\r\nContent-Type: application/xop+xml; type="text/xml"\r\nContent-ID: <root>\r\n\r\n${envelope('<a/>')}\r\n`;
const part = (id: string, bytes: Uint8Array, more = ''): Buffer =>
  Buffer.concat([
    Buffer.from(`--b\r\nContent-Type: application/octet-stream\r\nContent-ID: <${id}>\r\n${more}\r\n`),
    bytes,
    Buffer.from('\r\n'),
  ]); // prettier-ignore
const END = Buffer.from('--b--\r\n');
const RELATED = 'multipart/related; type="application/xop+xml"; start="<root>"; boundary="b"';

const receive = (
  body: Uint8Array | AsyncIterable<Uint8Array>,
  options: Partial<ReceiveOptions> & { status?: number; type?: string; size?: number } = {},
) => {
  const stream = body instanceof Uint8Array ? piecesOf(body, options.size ?? 16_384) : body;
  const reply: HttpReply = {
    status: options.status ?? 200,
    headers: { 'content-type': options.type ?? RELATED },
    stream,
  };
  return receiveReply('genasync', reply, {
    maxBytes: 10_000_000,
    store: { folder, thresholdBytes: 1000 },
    newId: randomUUID,
    ...options,
  });
};

describe('parts to files', () => {
  test('large ones, byte for byte, with their digest, for this user only; small ones in memory', async () => {
    const large = randomBytes(700_001);
    const small = randomBytes(1000);
    const created: string[] = [];
    const store = { folder, thresholdBytes: 1000, created: (path: string) => void created.push(path) };
    const body = Buffer.concat([Buffer.from(ROOT), part('large@x', large), part('small@x', small), END]);
    for (const size of [body.length, 16_384, 1021]) {
      const reply = await receive(body, { store, size });
      expect(reply.payload.name).toBe('a');
      expect([...reply.parts.keys()]).toEqual(['small@x']);
      expect(reply.parts.get('small@x')?.bytes).toEqual(Uint8Array.from(small));
      expect([...(reply.files?.keys() ?? [])]).toEqual(['large@x']);
      const file = reply.files?.get('large@x');
      expect(file).toMatchObject({ sizeBytes: 700_001, sha256: sha256(large), contentType: 'application/octet-stream', path: created.at(-1) });
      expect(readFileSync(file?.path ?? '').equals(large)).toBe(true);
      expect(statSync(file?.path ?? '').mode & 0o777).toBe(0o600);
      expect(Buffer.from(reply.raw).toString()).toBe(envelope('<a/>'));
    }
    expect(readdirSync(folder)).toHaveLength(3);
  }); // prettier-ignore

  test('of exactly the threshold, one byte more, and none', async () => {
    const body = Buffer.concat([Buffer.from(ROOT), part('x', randomBytes(1000)), part('y', randomBytes(1001)), part('z', Buffer.alloc(0)), END]); // prettier-ignore
    const { parts, files } = await receive(body);
    expect([...parts.keys()]).toEqual(['x', 'z']);
    expect([...(files?.keys() ?? [])]).toEqual(['y']);
  });

  test('with a transfer encoding, decoded on the way', async () => {
    const bytes = randomBytes(50_000);
    const text = Buffer.from(bytes.toString('base64').replace(/.{76}/g, '$&\r\n'));
    const body = Buffer.concat([Buffer.from(ROOT), part('x', text, 'Content-Transfer-Encoding: base64\r\n'), END]); // prettier-ignore
    const { files } = await receive(body, { size: 999 });
    expect(files?.get('x')).toMatchObject({ sizeBytes: 50_000, sha256: sha256(bytes) });
  });

  test('the envelope is where start says, wherever that is', async () => {
    const large = part('first', randomBytes(2000));
    const body = Buffer.concat([large, Buffer.from(ROOT), END]);
    const { payload, files } = await receive(body);
    expect(payload.name).toBe('a');
    expect(files?.has('first')).toBe(true);
    await expect(receive(body, { type: 'multipart/related; boundary=b' })).rejects.toMatchObject({ code: 'E_REPLY_INVALID' }); // prettier-ignore
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test('plain XML and an answer without a store stay in memory', async () => {
    const plain = await receive(Buffer.from(envelope('<a/>')), { type: 'text/xml' });
    expect(plain.files).toBeUndefined();
    const body = Buffer.concat([Buffer.from(ROOT), part('x', randomBytes(5000)), END]);
    const whole = await receive(body, { store: undefined });
    expect(whole.raw).toEqual(Uint8Array.from(body));
    expect(whole.parts.get('x')?.bytes).toHaveLength(5000);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('what is refused leaves no file', () => {
  const large = part('x', randomBytes(300_000));
  const all = (...pieces: (string | Uint8Array)[]): Buffer => Buffer.concat(pieces.map((piece) => Buffer.from(piece as Uint8Array))); // prettier-ignore
  const fault = `<s:Fault><faultcode>s:Server</faultcode><faultstring>SOA-02002</faultstring></s:Fault>`;

  test.each([
    ['truncated', () => all(ROOT, large), {}, 'E_REPLY_INVALID'],
    ['truncated in a part', () => all(ROOT, large.subarray(0, 200_000)), {}, 'E_REPLY_INVALID'],
    ['two parts with one id', () => all(ROOT, large, large, END), {}, 'E_REPLY_INVALID'],
    ['one id in memory and in a file', () => all(ROOT, large, part('x', Buffer.from('x')), END), {}, 'E_REPLY_INVALID'],
    ['too many parts', () => all(ROOT, large, part('y', Buffer.from('y')), END), { limits: { maxParts: 2 } }, 'E_REPLY_INVALID'],
    ['a header too long', () => all(ROOT, large, part('y', Buffer.from('y'), `X: ${'x'.repeat(20_000)}\r\n`), END), {}, 'E_REPLY_INVALID'],
    ['damaged base64', () => all(ROOT, part('x', Buffer.from('QUJD'.repeat(9000) + '*'), 'Content-Transfer-Encoding: base64\r\n'), END), {}, 'E_REPLY_INVALID'],
    ['no envelope', () => all(large, END), {}, 'E_REPLY_INVALID'],
    ['an envelope that is none', () => all(ROOT.replace('<a/>', '<a>'), large, END), {}, 'E_XML_MALFORMED'],
    ['a fault', () => all(ROOT.replace('<a/>', fault), large, END), { status: 500 }, 'E_SOAP_FAULT'],
    ['an error page in parts', () => all(ROOT, large, END), { status: 502 }, 'E_NETWORK_HTTP'],
    ['no boundary', () => all(ROOT, large, END), { type: 'multipart/related' }, 'E_REPLY_INVALID'],
    ['another kind of parts', () => all(ROOT, large, END), { type: 'multipart/mixed; boundary=b' }, 'E_REPLY_INVALID'],
  ] as const)('%s', async (_, make, options, code) => {
    await expect(receive(make(), options)).rejects.toMatchObject({ code });
    expect(readdirSync(folder)).toEqual([]);
  }); // prettier-ignore

  test('a stream that fails in the middle', async () => {
    const stream = async function* (): AsyncGenerator<Uint8Array> {
      yield all(ROOT, large.subarray(0, 250_000));
      yield await Promise.reject(new Error('cut'));
    };
    await expect(receive(stream())).rejects.toThrow('cut');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a registry that refuses, before there is a file', async () => {
    const store = { folder, thresholdBytes: 1000, created: () => Promise.reject(new Error('registry')) }; // prettier-ignore
    await expect(receive(all(ROOT, large, END), { store })).rejects.toThrow('registry');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a folder that is not there', async () => {
    const store = { folder: join(folder, 'absent'), thresholdBytes: 1000 };
    await expect(receive(all(ROOT, large, END), { store })).rejects.toMatchObject({ code: 'E_FILE_NOT_FOUND' }); // prettier-ignore
  });

  (process.getuid?.() === 0 ? test.skip : test)('a folder that may not be written', async () => {
    chmodSync(folder, 0o500);
    await expect(receive(all(ROOT, large, END))).rejects.toMatchObject({ code: 'E_READ_ONLY' });
  });
});

test('memory holds two buffers of a large part, not the part', async () => {
  const chunk = randomBytes(64 * 1024);
  const count = 640;
  const expected = createHash('sha256');
  const stream = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from(`${ROOT}--b\r\nContent-ID: <x>\r\n\r\n`);
    for (let sent = 0; sent < count; sent += 1) {
      expected.update(chunk);
      // Always the same memory: what grows is ours.
      yield await Promise.resolve(chunk);
    }
    yield Buffer.from('\r\n--b--');
  };
  let peak = 0;
  const before = process.memoryUsage().arrayBuffers;
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().arrayBuffers)), 1);
  const { files } = await receive(stream(), { maxBytes: 100_000_000 });
  clearInterval(timer);
  expect(files?.get('x')).toMatchObject({ sizeBytes: count * chunk.length, sha256: expected.digest('hex') }); // prettier-ignore
  // What the collector has not taken yet counts too; the whole part would be twice as much.
  expect(peak - before).toBeLessThan((count * chunk.length) / 2);
});

describe('references', () => {
  const parts = new Map([['annex one/1@x', 1], ['a+2@x', 2], ['100%@x', 3], ['a%20b@x', 4], ['a b@x', 5]]); // prettier-ignore
  test.each([
    ['cid:annex%20one%2F1@x', 1],
    ['CID:annex%20one/1%40x', 1],
    ['annex one/1@x', 1],
    ['cid:<annex one/1@x>', 1],
    ['cid:%3Cannex%20one%2F1@x%3E', 1],
    [' cid:a+2@x ', 2],
    ['cid:a%2B2%40x', 2],
    ['cid:100%@x', 3],
    ['cid:100%25@x', 3],
    ['cid:a%20b@x', 4],
    ['cid:a%2520b@x', 4],
    ['cid:missing@x', undefined],
    ['', undefined],
    ['cid:', undefined],
  ])('%j', (reference, expected) => {
    expect(findByReference(parts, reference)).toBe(expected);
  });

  test('what is written is found', () => {
    for (const id of ['annex one/1@x', 'a+2@x', '100%@x', 'a b@x']) {
      expect(findByReference(parts, referenceTo(id))).toBe(parts.get(id));
    }
  });
});

(hasShared() ? test : test.skip)('raw messages of the mailbox, to files: each part has its digest', async () => {
  const from = join(SHARED, 'examples/ehbox');
  const digests = JSON.parse(readFileSync(join(from, 'part-digests.sha256.json'), 'utf8')) as Record<string, string>;
  for (const name of ['GetFullMessage.response.mtom-xop', 'GetFullMessage.response.swaref', 'GetFullMessage.response.awkward']) {
    const headers = readFileSync(join(from, `${name}.headers`), 'latin1');
    const type = /^content-type:\s*(.*?)\r?$/im.exec(headers)?.[1] ?? '';
    const body = readFileSync(join(from, `${name}.mime`));
    for (const size of [1, 61, body.length]) {
      const { files } = await receive(body, { type, size, store: { folder, thresholdBytes: 0 } });
      expect([...(files?.values() ?? [])].every(({ sha256: digest }) => Object.values(digests).includes(digest))).toBe(true);
      expect(files?.size).toBeGreaterThan(0);
    }
  }
}); // prettier-ignore
