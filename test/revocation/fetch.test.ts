/** What may be asked, and what is done with places that behave badly. */

import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, describe, expect, test } from '@jest/globals';

import { mayReach } from '../../src/revocation/address.js';
import { createFetch } from '../../src/revocation/fetch.js';
import type { FetchOptions } from '../../src/revocation/fetch.js';

const open: Server[] = [];

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

afterEach(() => {
  for (const server of open.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

const get = (url: string, options: Partial<FetchOptions> = {}, maxBytes = 1000) =>
  createFetch({ reach: 'loopback', userAgent: 'test', ...options })(url, { maxBytes });

describe('addresses', () => {
  test.each([
    '127.0.0.1', '10.1.2.3', '192.168.1.1', '172.16.0.1', '172.31.255.255', '169.254.169.254', '100.64.0.1', '0.0.0.0',
    '224.0.0.1', '255.255.255.255', '::1', '::', '::ffff:127.0.0.1', '::ffff:10.0.0.1', 'fe80::1', 'fd00::1',
    '64:ff9b::7f00:1', '2002:7f00:1::', 'ff02::1', 'example.test',
  ])('%s is not for the public', (address) => {
    expect(mayReach(address, 'public')).toBe(false);
  }); // prettier-ignore

  test.each(['193.191.240.10', '8.8.8.8', '172.32.0.1', '2a02:2f0::1'])('%s is', (address) => {
    expect(mayReach(address, 'public')).toBe(true);
    expect(mayReach(address, 'loopback')).toBe(false);
  });

  test.each([
    'http://127.0.0.1/', 'http://[::1]/', 'http://localhost/', 'http://x.localhost/', 'http://0x7f.1/',
    'http://2130706433/', 'http://10.0.0.1/', 'http://[::ffff:127.0.0.1]/', 'https://192.168.0.1/',
  ])('a real environment does not ask %s', async (url) => {
    await expect(get(url, { reach: 'public' })).rejects.toThrow('this machine or network');
  }); // prettier-ignore

  test('a name that leads to this machine is not asked either', async () => {
    // Resolved by the system: every machine knows itself by its own name or not at all.
    const { hostname } = await import('node:os');
    await expect(
      get(`http://${hostname()}/`, { reach: 'public', timeoutMs: 2000 }),
    ).rejects.toThrow(/machine or network|found|answer|failed|reached/);
  });

  test.each(['http://8.8.8.8/', 'http://ocsp.eid.belgium.be/', 'ftp://127.0.0.1/', 'x', 'http://a:b@127.0.0.1/'])(
    'the sandbox does not ask %s',
    async (url) => {
      await expect(get(url)).rejects.toThrow(/the (certificate|address)/);
    },
  ); // prettier-ignore
});

describe('answers', () => {
  test('a body, by GET and POST', async () => {
    const url = await serve((request, response) => {
      response.end(`${request.method ?? ''} ${request.headers['content-type'] ?? ''}`);
    });
    expect(Buffer.from(await get(url)).toString()).toBe('GET ');
    const fetch = createFetch({ reach: 'loopback', userAgent: 'test' });
    const posted = await fetch(url, {
      maxBytes: 1000,
      body: Uint8Array.of(1),
      contentType: 'application/ocsp-request',
    });
    expect(Buffer.from(posted).toString()).toBe('POST application/ocsp-request');
  });

  test('a redirect is not followed', async () => {
    let asked = 0;
    const target = await serve((_, response) => {
      asked += 1;
      response.end('x');
    });
    const url = await serve((_, response) => {
      response.writeHead(302, { Location: target }).end();
    });
    await expect(get(url)).rejects.toThrow('HTTP status 302');
    expect(asked).toBe(0);
  });

  test.each<[string, RequestListener, string]>([
    ['announced', (_, response) => { response.writeHead(200, { 'Content-Length': 5000 }).end(Buffer.alloc(5000)); }, 'larger than'],
    ['sent', (_, response) => { response.write(Buffer.alloc(900)); response.end(Buffer.alloc(900)); }, 'larger than'],
    ['packed', (_, response) => { response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('x'); }, 'packed'],
    ['cut', (_, response) => { response.writeHead(200, { 'Content-Length': 100 }); response.write('x', () => { response.destroy(); }); }, 'cut'],
    ['closed', (request) => { request.socket.destroy(); }, 'cut'],
    ['refused', (_, response) => { response.writeHead(500).end(); }, 'HTTP status 500'],
  ])('%s: no answer', async (_, listener, why) => {
    await expect(get(await serve(listener))).rejects.toThrow(why);
  }); // prettier-ignore

  test('a silent place is waited for once', async () => {
    const url = await serve(() => undefined);
    const fetch = createFetch({ reach: 'loopback', userAgent: 'test', timeoutMs: 1000 });
    const started = performance.now();
    await expect(fetch(url, { maxBytes: 10 })).rejects.toThrow('no answer in time');
    expect(performance.now() - started).toBeLessThan(8000);
    const again = performance.now();
    await expect(fetch(`${url}other`, { maxBytes: 10 })).rejects.toThrow('no answer in time');
    expect(performance.now() - again).toBeLessThan(900);
  });

  test('a place that drips is over when the time is', async () => {
    const url = await serve((_, response) => {
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => {
        clearInterval(timer);
      });
    });
    await expect(get(url, { timeoutMs: 200 })).rejects.toThrow('no answer in time');
  });

  test('Ctrl-C ends it', async () => {
    const url = await serve(() => undefined);
    const fetch = createFetch({ reach: 'loopback', userAgent: 'test' });
    const signal = AbortSignal.timeout(50);
    await expect(fetch(url, { maxBytes: 10, signal })).rejects.toMatchObject({
      code: 'E_INTERRUPTED',
    });
  });

  test('a proxy is asked for the whole address; https goes through a tunnel', async () => {
    const seen: string[] = [];
    const proxy = createServer((request, response) => {
      seen.push(`${request.url ?? ''} ${request.headers['proxy-authorization'] ?? ''}`);
      response.end('by proxy');
    });
    proxy.on('connect', (request, socket) => {
      seen.push(`CONNECT ${request.url ?? ''}`);
      socket.end('HTTP/1.1 403 no\r\n\r\n');
    });
    open.push(proxy);
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const proxyFor = (): string => `http://u:p@127.0.0.1:${port}`;
    const options = { reach: 'public', proxyFor } as const;
    const body = await get('http://ocsp.example.test/a?b', options);
    expect(Buffer.from(body).toString()).toBe('by proxy');
    await expect(get('https://ocsp.example.test/', options)).rejects.toThrow();
    expect(seen).toEqual([
      `http://ocsp.example.test/a?b Basic ${Buffer.from('u:p').toString('base64')}`,
      'CONNECT ocsp.example.test:443',
    ]);
  });
});
