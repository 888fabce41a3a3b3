/**
 * What a call makes of every way in which an exchange can break, by each client: the right error, in its time, and
 * nothing sent twice that may have been processed.
 */

import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import { TopazError } from '../../src/errors.js';
import { createCall } from '../../src/soap/call.js';
import type { SoapRequest } from '../../src/soap/call.js';
import type { Repeat } from '../../src/soap/retry.js';
import { createTransport } from '../../src/soap/transport.js';
import type { TransportOptions } from '../../src/soap/transport.js';
import { namespace } from '../../src/xml/build.js';
import { NS_SOAP } from '../../src/xml/namespaces.js';
import { createPki } from './openssl-pki.js';
import type { Identity, Pki } from './openssl-pki.js';
import { keysOf, Servers } from './tls-servers.js';
import type { Handler } from './tls-servers.js';

let pki: Pki;
let otherPki: Pki;
let server: Identity;
let elsewhere: Identity;
let folder: string;
const servers = new Servers();

beforeAll(() => {
  pki = createPki('Test CA of faults');
  otherPki = createPki('Another CA of faults');
  server = pki.issue('server', { curve: 'P-256', names: 'DNS:localhost' });
  elsewhere = pki.issue('elsewhere', { curve: 'P-256', names: 'DNS:elsewhere.test' });
  folder = mkdtempSync(join(tmpdir(), 'topaz-faults-'));
});
afterAll(() => {
  pki.remove();
  otherPki.remove();
  rmSync(folder, { recursive: true });
});
afterEach(() => servers.close());

const OK = `<s:Envelope xmlns:s="${NS_SOAP}"><s:Body><a/></s:Body></s:Envelope>`;
const BOMB = gzipSync(Buffer.alloc(60_000_000));
const XML = { 'Content-Type': 'text/xml' };
const ok: Handler = (_, response) => response.writeHead(200, XML).end(OK);

describe.each(['axios', 'undici'] as const)('by %s', (client) => {
  function set(options: Partial<TransportOptions> = {}) {
    const transport = createTransport({ caPem: [pki.caPem], systemRoots: false, userAgent: 't', client, ...options }); // prettier-ignore
    servers.atEnd(() => transport.close());
    const pauses: number[] = [];
    const call = createCall({
      transport,
      now: () => new Date(),
      newId: randomUUID,
      timeoutMs: 2000,
      sleep: (ms) => {
        pauses.push(ms);
        return Promise.resolve();
      },
    });
    const ask = (port: number, more: Partial<SoapRequest> = {}) =>
      call({
        service: 'genasync',
        operation: 'get',
        url: `https://localhost:${port}/a`,
        body: namespace('t', 'urn:test')('Ask'),
        security: { kind: 'none' },
        repeat: 'unsent',
        ...more,
      });
    return { ask, pauses };
  }

  async function refusal(work: Promise<unknown>): Promise<TopazError> {
    const started = performance.now();
    const error: unknown = await work.then(() => new Error('no refusal'), (reason: unknown) => reason); // prettier-ignore
    expect(performance.now() - started).toBeLessThan(4000);
    if (error instanceof TopazError) return error;
    throw error;
  }

  /** A server that counts what reaches it. */
  async function counting(handler: Handler) {
    let count = 0;
    const port = await servers.serve((request, response) => {
      count += 1;
      handler?.(request, response);
    }, keysOf(server));
    return { port, count: () => count };
  }

  const cut: Handler = (request) => request.resume().on('end', () => request.socket.destroy());
  const half = (headers: Record<string, string>): Handler => (_, response) => {
    response.writeHead(200, { ...XML, ...headers });
    response.write(OK.slice(0, 40), () => response.socket?.destroy());
  }; // prettier-ignore
  const drops: Handler = (_, response) => {
    response.writeHead(200, { ...XML, 'Content-Length': String(OK.length) });
    let at = 0;
    const timer = setInterval(() => response.write(OK[at++] ?? ''), 100);
    response.on('close', () => { clearInterval(timer); });
  }; // prettier-ignore

  test.each([
    ['reset before an answer', cut, 'E_NETWORK_RESET'],
    ['reset while receiving', half({ 'Content-Length': String(OK.length) }), 'E_NETWORK_RESET'],
    ['truncated chunks', half({}), 'E_NETWORK_RESET'],
    ['an answer in drops', drops, 'E_NETWORK_TIMEOUT'],
    ['no answer', () => undefined, 'E_NETWORK_TIMEOUT'],
    ['a content length too short', (_, response) => response.socket?.end(`HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 50\r\n\r\n${OK}`), /^E_(XML_MALFORMED|NETWORK_HTTP)$/],
    ['a content length too long', (_, response) => response.socket?.end(`HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 5000\r\n\r\n${OK}`), 'E_NETWORK_RESET'],
    ['two content lengths', (_, response) => response.socket?.end(`HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n${OK}`), /^E_NETWORK_(HTTP|RESET)$/],
    ['a content length and chunks', (_, response) => response.socket?.end(`HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`), /^E_NETWORK_(HTTP|RESET)$/],
    ['a gzip bomb', (_, response) => response.writeHead(200, { ...XML, 'Content-Encoding': 'gzip' }).end(BOMB), 'E_REPLY_TOO_LARGE'],
    ['an answer without end', (_, response) => { const more = (): void => { while (response.write(Buffer.alloc(65_536))); }; response.on('drain', more).writeHead(200, XML); more(); }, 'E_REPLY_TOO_LARGE'],
    ['gzip that is cut', (_, response) => response.writeHead(200, { ...XML, 'Content-Encoding': 'gzip' }).end(gzipSync(OK).subarray(0, 60)), 'E_NETWORK_RESET'],
    ['a redirect', (_, response) => response.writeHead(302, { Location: 'https://localhost:1/' }).end(), 'E_NETWORK_HTTP'],
    ['a redirect with an answer', (_, response) => response.writeHead(307, { ...XML, Location: '/b' }).end(OK), 'E_NETWORK_HTTP'],
    ['HTML instead of SOAP', (_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>Log in</html>'), 'E_REPLY_INVALID'],
    ['HTML that says it is XML', (_, response) => response.writeHead(200, XML).end('<!DOCTYPE html><html>'), 'E_XML_MALFORMED'],
    ['an error page', (_, response) => response.writeHead(502, { 'Content-Type': 'text/html' }).end('<html>'), 'E_NETWORK_HTTP'],
    ['503 with a time', (_, response) => response.writeHead(503, { 'Retry-After': '0' }).end(), 'E_NETWORK_HTTP'],
  ] as [string, Handler, string | RegExp][])('%s: its error, and sent once', async (_, handler, code) => {
    const { port, count } = await counting(handler);
    const { ask, pauses } = set();
    const error = await refusal(ask(port, { limits: { timeoutMs: 700 }, maxBytes: 1_000_000 }));
    expect(error.code).toMatch(code);
    expect(error.hint).toBeDefined();
    expect([count(), pauses]).toEqual([1, []]);
  }); // prettier-ignore

  test('reset while sending: sent once', async () => {
    let connections = 0;
    const port = await servers.listen(
      createTlsServer(keysOf(server), (socket: TLSSocket) => {
        connections += 1;
        socket.on('error', () => undefined).once('data', () => socket.destroy());
      }),
    );
    const { ask, pauses } = set();
    const attachments = [{ id: 'x', contentType: 'a/b', bytes: new Uint8Array(20_000_000) }];
    expect(await refusal(ask(port, { attachments }))).toMatchObject({ code: 'E_NETWORK_RESET' });
    expect([connections, pauses]).toEqual([1, []]);
  });

  test('a certificate of another host or authority: nothing is sent', async () => {
    let reached = 0;
    const count: Handler = () => (reached += 1);
    const wrongHost = await servers.serve(count, keysOf(elsewhere));
    const right = await servers.serve(count, keysOf(server));
    expect(await refusal(set().ask(wrongHost))).toMatchObject({ code: 'E_NETWORK_TLS', details: { sent: false } }); // prettier-ignore
    const stranger = set({ caPem: [otherPki.caPem] });
    expect(await refusal(stranger.ask(right))).toMatchObject({ code: 'E_NETWORK_TLS' });
    expect([reached, stranger.pauses]).toEqual([0, []]);
  });

  /** A port that was free a moment ago. */
  async function closedPort(): Promise<number> {
    const closed = createTcpServer();
    const port = await servers.listen(closed);
    await new Promise((done) => closed.close(done));
    return port;
  }

  test('nobody there: again, as often as allowed, because nothing was sent', async () => {
    const { ask, pauses } = set();
    const port = await closedPort();
    expect(await refusal(ask(port))).toMatchObject({ code: 'E_NETWORK_REFUSED' });
    expect(pauses).toEqual([300, 1500]);
    expect(await refusal(ask(port, { repeat: 'never' }))).toMatchObject({ code: 'E_NETWORK_REFUSED' }); // prettier-ignore
    expect(pauses).toHaveLength(2);
  });

  test('cut in the handshake, then well: the second one is the only one that is sent', async () => {
    const { port: target, count } = await counting(ok);
    let connections = 0;
    const { ask, pauses } = set({
      proxy: `http://127.0.0.1:${await servers.listen(await flakyProxy(target, () => (connections += 1) === 1))}`, // prettier-ignore
    });
    expect((await ask(target)).payload.name).toBe('a');
    expect([connections, count(), pauses]).toEqual([2, 1, [300]]);
  });

  test.each([
    ['a reset', 'read', 2, cut],
    ['503 with a time', 'read', 2, (_, response) => response.writeHead(503, { 'Retry-After': '1' }).end()],
    ['503 without', 'read', 1, (_, response) => response.writeHead(503).end()],
    ['504', 'read', 2, (_, response) => response.writeHead(504).end()],
    ['a reset', 'unsent', 1, cut],
    ['504', 'unsent', 1, (_, response) => response.writeHead(504).end()],
  ] as [string, Repeat, number, Handler][])('%s, then well; marked %s: sent %i times', async (_, repeat, expected, bad) => {
    const bodies: string[] = [];
    const { port, count } = await counting((request, response) => {
      const isFirst = bodies.length === 0;
      request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
      (isFirst ? bad : ok)?.(request, response);
      bodies.push('');
    });
    const { ask } = set();
    const work = ask(port, { repeat, addressing: { action: 'urn:test:get' } });
    if (expected === 1) await refusal(work);
    else expect((await work).payload.name).toBe('a');
    expect(count()).toBe(expected);
    const ids = bodies.join('').match(/urn:uuid:[0-9a-f-]{36}/g) ?? [];
    expect(new Set(ids).size).toBe(ids.length);
  }); // prettier-ignore

  test('parts to files: an answer that breaks leaves none', async () => {
    const head = `--b\r\nContent-Type: application/xop+xml\r\n\r\n${OK}\r\n--b\r\nContent-ID: <x>\r\n\r\n`;
    const type = { 'Content-Type': 'multipart/related; type="application/xop+xml"; boundary=b' };
    const breaking: Handler = (_, response) => {
      response.writeHead(200, { ...type, 'Content-Length': '2000000' });
      response.write(head);
      response.write(Buffer.alloc(1_000_000), () => setTimeout(() => response.socket?.destroy(), 50));
    }; // prettier-ignore
    const { port, count } = await counting(breaking);
    const store = { folder };
    expect(await refusal(set().ask(port, { store }))).toMatchObject({ code: 'E_NETWORK_RESET' });
    expect(count()).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
    const whole = await counting((_, response) =>
      response.writeHead(200, type).end(Buffer.concat([Buffer.from(head), Buffer.alloc(1_000_000), Buffer.from('\r\n--b--')])),
    ); // prettier-ignore
    const { files } = await set().ask(whole.port, { store });
    expect(files?.get('x')).toMatchObject({ sizeBytes: 1_000_000 });
    expect(readdirSync(folder)).toHaveLength(1);
    rmSync(files?.get('x')?.path ?? '');
  });
});

/** Opens a way and, where `isBad`, closes it when TLS begins. */
async function flakyProxy(target: number, isBad: () => boolean) {
  const { createServer } = await import('node:http');
  const { connect } = await import('node:net');
  const proxy = createServer();
  proxy.on('connect', (_, socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    if (isBad()) {
      socket.once('data', () => socket.destroy());
      return;
    }
    const through = connect(target, '127.0.0.1');
    through.on('error', () => socket.destroy());
    socket.on('error', () => through.destroy());
    socket.pipe(through).pipe(socket);
  });
  return proxy;
}
