/**
 * The contract of the transport, for each client that may stand behind it, against real TLS servers on loopback
 * with a certificate authority of their own.
 */

import { randomBytes } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import { TopazError } from '../../src/errors.js';
import type { StreamedContent } from '../../src/soap/http-client.js';
import { createTransport, readAll } from '../../src/soap/transport.js';
import type { PostOptions, Transport, TransportOptions } from '../../src/soap/transport.js';
import { piecesOf } from './bodies.js';
import { createPki } from './openssl-pki.js';
import type { Identity, Pki } from './openssl-pki.js';
import { keysOf, Servers } from './tls-servers.js';
import type { Handler } from './tls-servers.js';

let pki: Pki;
let otherPki: Pki;
let server: Identity;
let expired: Identity;
let elsewhere: Identity;

beforeAll(() => {
  pki = createPki('Test CA of a server');
  otherPki = createPki('Another test CA');
  const curve = 'P-256';
  server = pki.issue('server', { curve, names: 'DNS:localhost,IP:127.0.0.1' });
  expired = pki.issue('expired', { curve, names: 'DNS:localhost', days: -1 });
  elsewhere = pki.issue('elsewhere', { curve, names: 'DNS:elsewhere.test' });
});
afterAll(() => {
  pki.remove();
  otherPki.remove();
});

const servers = new Servers();
afterEach(() => servers.close());

const listen = (some: Server): Promise<number> => servers.listen(some);
const keys = (identity = server): ServerOptions => keysOf(identity);
const serve = (handler: Handler, options: ServerOptions = keys()): Promise<number> =>
  servers.serve(handler, options);

const BODY = Uint8Array.from(Buffer.from('<secret>79021599732</secret>'));
async function refusal(work: Promise<unknown>): Promise<TopazError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TopazError)) {
    throw new Error(`no refusal: ${inspect(error)}`);
  }
  return error;
}

describe.each(['axios', 'undici'] as const)('by %s', (client) => {
  function transport(options: Partial<TransportOptions> = {}): Transport {
    const made = createTransport({
      caPem: [pki.caPem],
      systemRoots: false,
      userAgent: 'topaz/test',
      client,
      ...options,
    });
    servers.atEnd(() => made.close());
    return made;
  }

  async function post(port: number, using = transport(), options: Partial<PostOptions> = {}) {
    const reply = await using.post(
      `https://localhost:${port}/Path/v1`,
      { 'Content-Type': 'text/xml', SOAPAction: '"a"', 'X-Token': 'assertion' },
      BODY,
      { timeoutMs: 5000, maxBytes: 10_000, ...options },
    );
    return { ...reply, body: await readAll(reply) };
  }

  describe('an exchange', () => {
    test('sends the bytes and headers, and gives status, headers in lower case and bytes', async () => {
    const seen: unknown[] = [];
    const port = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push([request.method, request.url, request.headers, Uint8Array.from(Buffer.concat(chunks))]);
        response.writeHead(500, { 'Content-Type': 'text/xml', 'X-Two': ['a', 'b'] });
        response.end(Buffer.from([0, 255, 13, 10]));
      });
    });
    const reply = await post(port);
    expect(seen).toEqual([
      ['POST', '/Path/v1', expect.objectContaining({ 'content-type': 'text/xml', soapaction: '"a"', 'user-agent': 'topaz/test', accept: 'text/xml, multipart/related', 'content-length': String(BODY.length) }), BODY],
    ]);
    expect(reply.status).toBe(500);
    expect(reply.headers).toMatchObject({ 'content-type': 'text/xml', 'x-two': 'a, b', date: expect.any(String) });
    expect(reply.body).toEqual(Uint8Array.of(0, 255, 13, 10));
  }); // prettier-ignore

    test('inflates, and takes an empty answer', async () => {
      const port = await serve((request, response) => {
        expect(request.headers['accept-encoding']).toBe('gzip');
        response.writeHead(200, { 'Content-Encoding': 'GZIP' }).end(gzipSync('hello'));
      });
      expect(Buffer.from((await post(port)).body).toString()).toBe('hello');
      const empty = await serve((_, response) => response.writeHead(204).end());
      expect((await post(empty)).body).toHaveLength(0);
    });

    test('keeps the connection for the next one', async () => {
      const sockets = new Set<unknown>();
      const port = await serve((request, response) => {
        sockets.add(request.socket);
        response.end('x');
      });
      const using = transport();
      for (let count = 0; count < 6; count += 1) {
        await post(port, using);
      }
      // undici lets a connection rest for a moment, and opens another one meanwhile.
      expect(sockets.size).toBeLessThanOrEqual(client === 'axios' ? 1 : 2);
    });

    test('takes an answer of exactly the size that is allowed', async () => {
    const port = await serve((_, response) => response.end('x'.repeat(10_000)));
    expect((await post(port)).body).toHaveLength(10_000);
    const packed = await serve((_, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('x'.repeat(10_000))));
    expect((await post(packed)).body).toHaveLength(10_000);
  }); // prettier-ignore

    test('an empty answer may say that it is compressed; one that says identity is not', async () => {
      const empty = await serve((_, response) =>
        response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(),
      );
      expect((await post(empty)).body).toHaveLength(0);
      const plain = await serve((_, response) =>
        response.writeHead(200, { 'Content-Encoding': 'identity' }).end('x'),
      );
      expect((await post(plain)).body).toEqual(Uint8Array.from(Buffer.from('x')));
    });

    test('does not follow a redirect', async () => {
      let followed = 0;
      const target = await serve((_, response) => {
        followed += 1;
        response.end();
      });
      const port = await serve((_, response) =>
        response.writeHead(307, { location: `https://localhost:${target}/` }).end(),
      );
      expect((await post(port)).status).toBe(307);
      expect(followed).toBe(0);
    });
  });

  describe('what fails', () => {
    const half =
      (headers: Record<string, string>, then: 'destroy' | 'end'): Handler =>
      (_, response) => {
        response.writeHead(200, headers);
        response.write('half', () => {
          if (then === 'destroy') response.socket?.destroy();
          else response.socket?.end();
        });
      };

    test.each([
    ['a connection cut in the middle', half({ 'Content-Length': '100' }, 'destroy'), 'E_NETWORK_RESET'],
    ['an answer shorter than it says', half({ 'Content-Length': '100' }, 'end'), 'E_NETWORK_RESET'],
    ['a chunked answer without end', half({}, 'end'), 'E_NETWORK_RESET'],
    ['a connection cut before any answer', (request) => request.socket.destroy(), 'E_NETWORK_RESET'],
    ['a compressed answer that ends too early', (_, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('x'.repeat(1000)).subarray(0, 20)), 'E_NETWORK_RESET'],
    ['an answer that says gzip and is not', (_, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('hello'), 'E_NETWORK_HTTP'],
    ['a compression that was not asked for', (_, response) => response.writeHead(200, { 'Content-Encoding': 'br' }).end(gzipSync('hello')), 'E_NETWORK_HTTP'],
    ['two compressions', (_, response) => response.writeHead(200, { 'Content-Encoding': 'gzip, gzip' }).end(gzipSync('hello')), 'E_NETWORK_HTTP'],
    ['headers without end', (_, response) => response.writeHead(200, { 'X-Long': 'x'.repeat(100_000) }).end(), 'E_NETWORK_HTTP'],
    ['one byte more than expected', (_, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('x'.repeat(10_001))), 'E_REPLY_TOO_LARGE'],
    ['an answer larger than expected', (_, response) => response.end('x'.repeat(10_001)), 'E_REPLY_TOO_LARGE'],
    ['a small answer that inflates to gigabytes', (_, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000))), 'E_REPLY_TOO_LARGE'],
  ] as [string, Handler, string][])('%s', async (_, handler, code) => {
    const error = await refusal(post(await serve(handler)));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^(?:the answer of |the connection to )?localhost:\d+|of localhost:\d+|to localhost:\d+/);
  }); // prettier-ignore

    test('no answer in time, and one that stops in the middle', async () => {
      const silent = await serve(() => undefined);
      expect(await refusal(post(silent, transport(), { timeoutMs: 150 }))).toMatchObject({
        code: 'E_NETWORK_TIMEOUT',
      });
      const stopping = await serve((_, response) => {
        response.writeHead(200, { 'Content-Length': '100' });
        response.write('half');
      });
      expect(await refusal(post(stopping, transport(), { timeoutMs: 150 }))).toMatchObject({
        code: 'E_NETWORK_TIMEOUT',
      });
      // A server that takes the connection and never speaks TLS.
      const mute = await listen(createTcpServer());
      expect(await refusal(post(mute, transport(), { timeoutMs: 150 }))).toMatchObject({
        code: 'E_NETWORK_TIMEOUT',
      });
    });

    test('nobody there, and no such name', async () => {
    const closed = createTcpServer();
    const port = await new Promise<number>((done) => closed.listen(0, '127.0.0.1', () => { done((closed.address() as AddressInfo).port); }));
    await new Promise((done) => closed.close(done));
    const refused = await refusal(post(port));
    expect(refused).toMatchObject({ code: 'E_NETWORK_REFUSED', exitCode: 6, message: `localhost:${port} cannot be reached`, details: { host: `localhost:${port}` } });
    const unknown = await refusal(transport().post('https://nobody.invalid/', {}, BODY, { timeoutMs: 5000, maxBytes: 10 }));
    expect(unknown.code).toBe('E_NETWORK_DNS');
  }); // prettier-ignore

    test.each([
    ['another authority', () => keys(), () => ({ caPem: [otherPki.caPem] })],
    ['the roots of the system alone', () => keys(), () => ({ caPem: [], systemRoots: true })],
    ['no roots at all', () => keys(), () => ({ caPem: [] })],
    ['a certificate that has ended', () => keys(expired), () => ({})],
    ['a certificate of another host', () => keys(elsewhere), () => ({})],
    ['TLS 1.1', () => ({ ...keys(), maxVersion: 'TLSv1.1' as const, minVersion: 'TLSv1' as const, ciphers: 'DEFAULT@SECLEVEL=0' }), () => ({})],
  ])('TLS: %s', async (_, serverOptions, clientOptions) => {
    let reached = 0;
    const port = await serve(() => (reached += 1), serverOptions());
    const error = await refusal(post(port, transport(clientOptions())));
    expect(error.code).toBe('E_NETWORK_TLS');
    expect(error.hint).toContain('trust.caFile');
    expect(reached).toBe(0);
  }); // prettier-ignore

    test('own roots beside those of the system', async () => {
      const port = await serve((_, response) => response.end('x'));
      expect((await post(port, transport({ systemRoots: true }))).status).toBe(200);
    });

    test('a server that speaks no TLS, and one that speaks no HTTP', async () => {
      const plain = await listen(createHttpServer((_, response) => response.end('x')));
      expect((await refusal(post(plain))).code).toBe('E_NETWORK_TLS');
      const strange = await listen(
        createTlsServer(keys(), (socket) => socket.end('220 mail.test ESMTP\r\n')),
      );
      expect((await refusal(post(strange))).code).toBe('E_NETWORK_HTTP');
    });

    test.each(['http://localhost:1/', 'ftp://localhost/', 'localhost', ''])(
      'an address that is not https: %j',
      async (url) => {
        const error = await refusal(
          transport().post(url, {}, BODY, { timeoutMs: 1000, maxBytes: 10 }),
        );
        expect(error).toMatchObject({ code: 'E_PROFILE_INVALID', exitCode: 3 });
      },
    );

    test('an error holds nothing of the request', async () => {
      const port = await serve((request) => request.socket.destroy());
      const errors = [
        await refusal(post(port)),
        await refusal(post(port, transport({ caPem: [otherPki.caPem] }))),
        await refusal(post(1)),
      ];
      for (const error of errors) {
        expect(error.cause).toBeUndefined();
        expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(
          /79021599732|assertion|axios/i,
        );
      }
    });
  });

  describe('a client certificate', () => {
    const asking = (): ServerOptions => ({
      ...keys(),
      ca: [pki.caPem],
      requestCert: true,
      rejectUnauthorized: true,
    });

    test('of a keystore is shown to a service that asks', async () => {
      const seen: string[] = [];
      const port = await serve((request, response) => {
        const { socket } = request;
        seen.push(
          socket instanceof TLSSocket ? String(socket.getPeerCertificate().subject.CN) : '',
        );
        response.end('x');
      }, asking());
      const { privateKey, certificate } = server;
      const using = transport({ clientCertificate: { privateKey, chain: [certificate] } });
      expect((await post(port, using)).status).toBe(200);
      expect(seen).toEqual(['server']);
    });

    test('none, or one of a strange authority, is refused by it', async () => {
      let reached = 0;
      const port = await serve(() => (reached += 1), asking());
      const { privateKey, certificate } = otherPki.issue('strange', { curve: 'P-256' });
      const strange = { privateKey, chain: [certificate] };
      for (const clientCertificate of [undefined, strange]) {
        const error = await refusal(post(port, transport({ clientCertificate })));
        expect(['E_NETWORK_TLS', 'E_NETWORK_RESET']).toContain(error.code);
      }
      expect(reached).toBe(0);
    });
  });

  describe('limits of time', () => {
    const drip: Handler = (_, response) => {
      response.writeHead(200, { 'Content-Length': '1000' });
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => { clearInterval(timer); });
    }; // prettier-ignore
    const within = async (ms: number, work: Promise<unknown>): Promise<TopazError> => {
      const started = performance.now();
      const error = await refusal(work);
      expect(performance.now() - started).toBeLessThan(ms);
      return error;
    };

    test('an answer in drops is ended by the whole, and not by silence', async () => {
      const port = await serve(drip);
      const error = await within(3000, post(port, transport(), { timeoutMs: 400, idleMs: 300 }));
      expect(error).toMatchObject({ code: 'E_NETWORK_TIMEOUT', facts: [] });
    });

    test('headers in drops too', async () => {
      const mute = await listen(
        createTlsServer(keys(), (socket) => {
          socket.write('HTTP/1.1 200 OK\r\nX-Slow: ');
          const timer = setInterval(() => socket.write('x'), 20);
          socket.on('close', () => { clearInterval(timer); }).on('error', () => undefined);
        }),
      ); // prettier-ignore
      expect(await within(3000, post(mute, transport(), { timeoutMs: 300 }))).toMatchObject({ code: 'E_NETWORK_TIMEOUT' }); // prettier-ignore
    });

    test('no first byte', async () => {
      const port = await serve(() => undefined);
      const error = await within(4000, post(port, transport(), { timeoutMs: 20_000, firstByteMs: 200 })); // prettier-ignore
      expect(error).toMatchObject({ code: 'E_NETWORK_TIMEOUT' });
      expect(error.details).not.toHaveProperty('sent');
    });

    test('silence in the middle', async () => {
      const port = await serve((_, response) => {
        response.writeHead(200, { 'Content-Length': '100' }).write('half');
      });
      const error = await within(4000, post(port, transport(), { timeoutMs: 20_000, idleMs: 150 }));
      expect(error).toMatchObject({ code: 'E_NETWORK_TIMEOUT', facts: ['the answer stopped in the middle'] }); // prettier-ignore
    });

    test('the time that the reader takes is not silence', async () => {
      const port = await serve((_, response) => response.end(Buffer.alloc(300_000)));
      const reply = await transport().post(`https://localhost:${port}/`, {}, BODY, { timeoutMs: 5000, idleMs: 100, maxBytes: 1e6 }); // prettier-ignore
      let size = 0;
      let isFirst = true;
      for await (const chunk of reply.stream) {
        size += chunk.length;
        if (isFirst) await new Promise((done) => setTimeout(done, 250));
        isFirst = false;
      }
      expect(size).toBe(300_000);
    });

    test('for TLS, and for the way through a proxy', async () => {
      const mute = await listen(createTcpServer());
      const tls = await within(3000, post(mute, transport({ tlsMs: 150 }), { timeoutMs: 20_000 }));
      expect(tls).toMatchObject({ code: 'E_NETWORK_TIMEOUT', facts: ['no TLS within its limit'], details: { sent: false } }); // prettier-ignore
      const through = transport({ proxy: `http://127.0.0.1:${mute}`, connectMs: 150 });
      const way = await within(3000, post(1, through, { timeoutMs: 20_000 }));
      expect(way).toMatchObject({ code: 'E_NETWORK_TIMEOUT', details: { sent: false } });
    });
  });

  describe('a request that is made while it is sent', () => {
    const collecting = async () => {
      const seen: { headers: IncomingMessage['headers']; body: Buffer }[] = [];
      const port = await serve((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('error', () => undefined);
        request.on('end', () => {
          seen.push({ headers: request.headers, body: Buffer.concat(chunks) });
          response.end('x');
        });
      });
      return { port, seen };
    };
    const send = (port: number, sizeBytes: number, open: StreamedContent['open']) =>
      transport().post(`https://localhost:${port}/`, {}, { sizeBytes, open }, { timeoutMs: 10_000, maxBytes: 100 }); // prettier-ignore

    test('has its length announced, and arrives whole', async () => {
      const { port, seen } = await collecting();
      const body = randomBytes(1_000_003);
      const reply = await send(port, body.length, () => piecesOf(body, 10_000));
      expect(await readAll(reply)).toHaveLength(1);
      expect(seen[0]?.headers['content-length']).toBe('1000003');
      expect(seen[0]?.headers['transfer-encoding']).toBeUndefined();
      expect(seen[0]?.body.equals(body)).toBe(true);
    });

    test('whose source fails ends with the error of the source', async () => {
      const { port, seen } = await collecting();
      const broken = async function* (): AsyncGenerator<Uint8Array> {
        yield Buffer.alloc(1000);
        yield await Promise.reject(new TopazError('E_FILE_NOT_FOUND', 'gone'));
      };
      await expect(send(port, 5000, broken)).rejects.toMatchObject({ code: 'E_FILE_NOT_FOUND' });
      expect(seen).toEqual([]);
    });
  });

  describe('an answer that is not read to its end', () => {
    test('gives up the connection, and the next call works', async () => {
      const closed: unknown[] = [];
      const port = await serve((request, response) => {
        if (request.url === '/next') {
          response.end('x');
          return;
        }
        response.on('close', () => closed.push(1));
        response.writeHead(200);
        response.write(Buffer.alloc(200_000));
      });
      const using = transport();
      const reply = await using.post(`https://localhost:${port}/first`, {}, BODY, { timeoutMs: 5000, maxBytes: 1e6 }); // prettier-ignore
      for await (const chunk of reply.stream) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      const next = await using.post(`https://localhost:${port}/next`, {}, BODY, { timeoutMs: 5000, maxBytes: 10 }); // prettier-ignore
      expect(await readAll(next)).toHaveLength(1);
      while (closed.length === 0) await new Promise((done) => setTimeout(done, 5));
    });

    test('and not read at all: nothing breaks when its time is over', async () => {
      const port = await serve((_, response) => {
        response.writeHead(200).write('half');
      });
      const reply = await transport().post(`https://localhost:${port}/`, {}, BODY, { timeoutMs: 100, maxBytes: 10 }); // prettier-ignore
      await new Promise((done) => setTimeout(done, 250));
      expect(await refusal(readAll(reply))).toMatchObject({ code: 'E_NETWORK_TIMEOUT' });
    });

    test('an interruption in the middle', async () => {
      const port = await serve((_, response) => {
        response.writeHead(200).write('half');
      });
      const control = new AbortController();
      const reply = await transport().post(`https://localhost:${port}/`, {}, BODY, { timeoutMs: 5000, maxBytes: 10, signal: control.signal }); // prettier-ignore
      setTimeout(() => { control.abort(); }, 50); // prettier-ignore
      expect(await refusal(readAll(reply))).toMatchObject({ code: 'E_INTERRUPTED' });
    });
  });

  describe('many at a time', () => {
    test('share the connections that are allowed', async () => {
      const sockets = new Set<unknown>();
      const port = await serve((request, response) => {
        sockets.add(request.socket);
        setTimeout(() => response.end('x'), 5);
      });
      const using = transport({ connections: 2 });
      await post(port, using);
      const all = await Promise.all(Array.from({ length: 20 }, () => post(port, using)));
      expect(all.every(({ status }) => status === 200)).toBe(true);
      // axios counts a connection once it is open: those of the first moment are beside.
      expect(sockets.size).toBeLessThanOrEqual(client === 'axios' ? 20 : 2);
    });

    test('all fail when nobody is there', async () => {
      const closed = createTcpServer();
      const port = await listen(closed);
      await new Promise((done) => closed.close(done));
      const using = transport({ connections: 2 });
      const all = await Promise.all(Array.from({ length: 8 }, () => refusal(post(port, using))));
      expect(all.map(({ code }) => code)).toEqual(Array(8).fill('E_NETWORK_REFUSED'));
      expect(all.every(({ details }) => details?.['sent'] === false)).toBe(true);
    });
  });

  describe('an interruption', () => {
    test('before and during the call', async () => {
      const port = await serve(() => undefined);
      expect((await refusal(post(port, transport(), { signal: AbortSignal.abort() }))).code).toBe(
        'E_INTERRUPTED',
      );
      const control = new AbortController();
      const pending = refusal(post(port, transport(), { signal: control.signal }));
      setTimeout(() => { control.abort(); }, 50); // prettier-ignore
      expect(await pending).toMatchObject({ code: 'E_INTERRUPTED', exitCode: 130 });
    });
  });

  describe('a proxy', () => {
    /** Forwards CONNECT and keeps what it saw. */
    async function proxyServer(
      proxy: Server = createHttpServer(),
    ): Promise<{ port: number; seen: string[] }> {
      const seen: string[] = [];
      proxy.on('request', (request: IncomingMessage, response: ServerResponse) => {
        seen.push(`${String(request.method)} ${String(request.url)}`);
        response.writeHead(400).end();
      });
      proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
        seen.push(
          `CONNECT ${String(request.url)} ${request.headers['proxy-authorization'] ?? ''}`.trim(),
        );
        const target = connect(Number(String(request.url).split(':')[1]), '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          target.pipe(socket).pipe(target);
        });
        target.on('error', () => socket.destroy());
        socket.on('error', () => target.destroy());
      });
      return { port: await listen(proxy), seen };
    }

    test('of the profile is used, sees the host only, and cannot change who answers', async () => {
      const port = await serve((_, response) => response.end('x'));
      const proxy = await proxyServer();
      expect(
        (await post(port, transport({ proxy: `http://jean:se%3Acret@127.0.0.1:${proxy.port}` })))
          .status,
      ).toBe(200);
      expect(proxy.seen).toEqual([
        `CONNECT localhost:${port} Basic ${Buffer.from('jean:se:cret').toString('base64')}`,
      ]);
      const proxyUrl = `http://127.0.0.1:${proxy.port}`;
      const strange = transport({ proxy: proxyUrl, caPem: [otherPki.caPem] });
      expect((await refusal(post(port, strange))).code).toBe('E_NETWORK_TLS');
      for (const identity of [elsewhere, expired]) {
        const wrong = await serve((_, response) => response.end('x'), keys(identity));
        const error = await refusal(post(wrong, transport({ proxy: proxyUrl })));
        expect(error.code).toBe('E_NETWORK_TLS');
      }
    });

    test('keeps the way open for the next call, and close ends it', async () => {
      const port = await serve((_, response) => response.end('x'));
      const proxy = await proxyServer();
      const using = transport({ proxy: `http://127.0.0.1:${proxy.port}` });
      for (let count = 0; count < 6; count += 1) {
        await post(port, using);
      }
      const ways = proxy.seen.length;
      expect(ways).toBeLessThanOrEqual(client === 'axios' ? 1 : 2);
      await using.close();
      await post(port, using);
      expect(proxy.seen).toHaveLength(ways + 1);
    });

    test('may itself speak TLS, judged by the same roots', async () => {
      const port = await serve((_, response) => response.end('x'));
      const proxy = await proxyServer(createServer(keys()));
      const url = `https://localhost:${proxy.port}`;
      expect((await post(port, transport({ proxy: url }))).status).toBe(200);
      expect(proxy.seen).toEqual([`CONNECT localhost:${port}`]);
      const strange = await refusal(post(port, transport({ proxy: url, caPem: [otherPki.caPem] })));
      expect(strange).toMatchObject({ code: 'E_NETWORK_TLS', message: expect.stringMatching(/^the proxy on the way to localhost:/) }); // prettier-ignore
    });

    /** A proxy that answers CONNECT with a text of its own. */
    const answering = (answer: string): Promise<number> => {
      const proxy = createHttpServer();
      proxy.on('connect', (_, socket: Socket) => socket.end(answer));
      return listen(proxy);
    };
    const forged = (status: string): string =>
      `HTTP/1.1 ${status}\r\nContent-Type: text/xml\r\nContent-Length: 4\r\n\r\n<a/>`;

    test.each([
    ['200 with an answer after it', forged('200 OK'), '200'],
    ['201, which is no way either', forged('201 Created'), '201'],
    ['201 without one', 'HTTP/1.1 201 Created\r\n\r\n', '201'],
    ['a redirect', forged('302 Found'), '302'],
    ['a wish for a password', forged('407 Proxy Authentication Required'), '407'],
    ['an error', forged('502 Bad Gateway'), '502'],
  ])('what it says is never an answer of the service: %s', async (_, answer, status) => {
    const proxy = `http://jean:hidden@127.0.0.1:${await answering(answer)}`;
    const error = await refusal(
      transport({ proxy }).post('https://service.test/', {}, BODY, { timeoutMs: 5000, maxBytes: 10_000 }),
    );
    expect(error).toMatchObject({ code: 'E_NETWORK_REFUSED', message: 'the proxy does not open a way to service.test', facts: [`HTTP status ${status} from the proxy`] });
    expect(error.hint).toContain('proxy');
    expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/hidden|79021599732|amVhbjpoaWRkZW4/);
  }); // prettier-ignore

    test.each([
      ['hangs up', '', 'E_NETWORK_RESET'],
      ['speaks no HTTP', '220 mail.test ESMTP\r\n', 'E_NETWORK_HTTP'],
      ['hangs up after it opened the way', 'HTTP/1.1 200 OK\r\n\r\n', 'E_NETWORK_RESET'],
    ])('that %s', async (_, answer, code) => {
      const port = await listen(createTcpServer((socket) => socket.once('data', () => socket.end(answer)))); // prettier-ignore
      const error = await refusal(post(1, transport({ proxy: `http://127.0.0.1:${port}` })));
      expect(error.code).toBe(code);
    });

    test('that is not there, or says nothing', async () => {
    const closed = createTcpServer();
    const port = await listen(closed);
    await new Promise((done) => closed.close(done));
    const absent = await refusal(post(1, transport({ proxy: `http://127.0.0.1:${port}` })));
    expect(absent).toMatchObject({ code: 'E_NETWORK_REFUSED', message: 'the proxy on the way to localhost:1 cannot be reached', facts: ['ECONNREFUSED'] });
    const mute = await listen(createTcpServer());
    const proxy = `http://127.0.0.1:${mute}`;
    expect((await refusal(post(1, transport({ proxy }), { timeoutMs: 150 }))).code).toBe('E_NETWORK_TIMEOUT');
    const control = new AbortController();
    const pending = refusal(post(1, transport({ proxy }), { signal: control.signal }));
    setTimeout(() => { control.abort(); }, 50);
    expect((await pending).code).toBe('E_INTERRUPTED');
  }); // prettier-ignore

    test('close ends a way that is being opened', async () => {
      let ended: (value: unknown) => void = () => undefined;
      const gone = new Promise((done) => (ended = done));
      const mute = await listen(createTcpServer((socket) => {
      socket.resume().on('close', ended);
    })); // prettier-ignore
      const using = transport({ proxy: `http://127.0.0.1:${mute}` });
      const pending = refusal(post(1, using, { timeoutMs: 200 }));
      expect((await pending).code).toBe('E_NETWORK_TIMEOUT');
      await using.close();
      await gone;
      // Well before the limit for opening a way.
    }, 5000);

    test('of the environment is not', async () => {
      const port = await serve((_, response) => response.end('x'));
      const proxy = await proxyServer();
      const before = process.env['HTTPS_PROXY'];
      process.env['HTTPS_PROXY'] = `http://127.0.0.1:${proxy.port}`;
      try {
        expect((await post(port)).status).toBe(200);
      } finally {
        if (before === undefined) delete process.env['HTTPS_PROXY'];
        else process.env['HTTPS_PROXY'] = before;
      }
      expect(proxy.seen).toEqual([]);
    });

    test.each(['nonsense', 'socks://user:hidden@127.0.0.1:1', 'http://jean:hidden%zz@127.0.0.1:1'])(
      '%j is refused without being repeated',
      async (proxy) => {
        const error = await refusal(post(1, transport({ proxy })));
        expect(error.code).toBe('E_PROFILE_INVALID');
        expect(inspect(error)).not.toContain('hidden');
      },
    );
  });
});
