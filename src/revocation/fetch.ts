/**
 * One exchange with a responder or a place that publishes revocation lists: bounded in size and time, no
 * redirects, only to addresses that the environment may reach, whatever the certificate names.
 *
 * @module
 */

import { lookup as dnsLookup } from 'node:dns';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction, Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';

import { systemCode, TopazError } from '../errors.js';
import { openTunnel, parseProxy } from '../soap/proxy.js';
import type { Proxy } from '../soap/proxy.js';
import { mayReach } from './address.js';
import type { Reach } from './address.js';

export interface FetchRequest {
  /** Sent by POST; without it, GET. */
  readonly body?: Uint8Array | undefined;
  /** Of the body. */
  readonly contentType?: string | undefined;
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * @returns The body of an answer with status 200.
 * @throws FetchRefusal for everything else; TopazError `E_INTERRUPTED`.
 */
export type Fetch = (url: string, request: FetchRequest) => Promise<Uint8Array>;

export interface FetchOptions {
  readonly reach: Reach;
  /** For the whole exchange. @default 5000 */
  readonly timeoutMs?: number | undefined;
  /** URL of the proxy on the way to a place, `undefined` for none; a proxy looks up the names itself. */
  readonly proxyFor?: ((url: URL) => string | undefined) | undefined;
  /** Roots beside Node's for https. */
  readonly caPem?: readonly string[] | undefined;
  readonly userAgent: string;
}

/** Why there is no answer: one clause in English, without the address. */
export class FetchRefusal extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'FetchRefusal';
  }
}

const TIMEOUT_MS = 5000;
const LATE = 'no answer in time';
const CUT = 'the connection was cut';
const REFUSED_ADDRESS = 'ERR_ADDRESS_REFUSED';

/** Makes the exchange; nothing is opened before it is used, and no connection is kept. */
export function createFetch(options: FetchOptions): Fetch {
  // A host that was silent once is not waited for again.
  const silent = new Set<string>();
  return async (address, request) => {
    const url = checkUrl(address, options);
    if (silent.has(url.host)) {
      throw new FetchRefusal(LATE);
    }
    const timer = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
    const signal = request.signal === undefined ? timer : AbortSignal.any([request.signal, timer]);
    try {
      return await exchange(url, { ...request, signal }, options);
    } catch (error) {
      if (request.signal?.aborted === true) {
        throw new TopazError('E_INTERRUPTED', 'interrupted', { hint: 'run the command again' });
      }
      if (timer.aborted) {
        silent.add(url.host);
      }
      throw error instanceof FetchRefusal ? error : new FetchRefusal(reasonOf(error, timer));
    }
  };
}

function checkUrl(address: string, { reach }: FetchOptions): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (
    url === undefined ||
    !/^https?:$/.test(url.protocol) ||
    `${url.username}${url.password}` !== ''
  ) {
    throw new FetchRefusal('the address in the certificate cannot be used');
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isLocalName = /^localhost\.?$|\.localhost\.?$/i.test(host);
  if (isIP(host) === 0 ? isLocalName !== (reach === 'loopback') : !mayReach(host, reach)) {
    throw new FetchRefusal(WHERE[reach]);
  }
  return url;
}

const WHERE: Readonly<Record<Reach, string>> = {
  public: 'the certificate names an address of this machine or network',
  loopback: 'the certificate names an address outside the sandbox',
};

/** Asks the system, and hands out only what may be reached: the check and the connection see the same. */
const lookupIn =
  (reach: Reach): LookupFunction =>
  (hostname, options, callback) => {
    dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
      const allowed = (error === null ? addresses : []).filter(({ address }) =>
        mayReach(address, reach),
      );
      const [first] = allowed;
      if (error !== null || first === undefined) {
        callback(
          error ?? Object.assign(new Error(WHERE[reach]), { code: REFUSED_ADDRESS }),
          options.all === true ? [] : '',
        );
      } else if (options.all === true) {
        callback(null, allowed);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };

interface Connection {
  readonly request: RequestOptions;
  readonly isTls: boolean;
  readonly authorization?: string | undefined;
}

/** What is connected to: the place itself, or the proxy; plain HTTP asks the proxy for the whole URL. */
async function connectionTo(url: URL, options: FetchOptions): Promise<Connection> {
  const { proxyFor, reach } = options;
  const address = proxyFor?.(url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isTls = url.protocol === 'https:';
  const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port);
  const path = `${url.pathname}${url.search}`;
  const place = { hostname: host, port, path };
  if (address === undefined) {
    const lookup = lookupIn(reach);
    return { request: { ...place, lookup, ...(isTls ? await tls(options) : {}) }, isTls };
  }
  const proxy = parseProxy(address);
  if (isTls) {
    const socket = await tunnel(proxy, { host, port }, options);
    const { connect } = await import('node:tls');
    const secured = { socket, ...(isIP(host) === 0 ? { servername: host } : {}) };
    const trust = await tls(options);
    const createConnection = (): Socket => connect({ ...secured, ...trust });
    return { request: { ...place, createConnection }, isTls };
  }
  const { secure, authorization } = proxy;
  const way = { hostname: proxy.host, port: proxy.port, path: url.href };
  return {
    request: { ...way, ...(secure ? await tls(options) : {}) },
    isTls: secure,
    authorization,
  };
}

async function tls({ caPem = [] }: FetchOptions): Promise<SecureContextOptions> {
  const { rootCertificates } = await import('node:tls');
  return {
    minVersion: 'TLSv1.2',
    ...(caPem.length === 0 ? {} : { ca: [...rootCertificates, ...caPem] }),
  };
}

async function tunnel(
  proxy: Proxy,
  target: { readonly host: string; readonly port: number },
  options: FetchOptions,
): Promise<Socket> {
  const { createSecureContext } = await import('node:tls');
  const context = createSecureContext(await tls(options));
  return new Promise((resolve, reject) => {
    openTunnel(
      proxy,
      target,
      { context: () => context, limitMs: options.timeoutMs ?? TIMEOUT_MS },
      (error, socket) => {
        if (socket === undefined) {
          reject(error ?? new FetchRefusal('the proxy opens no way'));
        } else {
          resolve(socket);
        }
      },
    );
  });
}

async function exchange(url: URL, request: FetchRequest, way: FetchOptions): Promise<Uint8Array> {
  const { body, contentType, signal, maxBytes } = request;
  const { request: connection, isTls, authorization } = await connectionTo(url, way);
  const options: RequestOptions = {
    ...connection,
    method: body === undefined ? 'GET' : 'POST',
    agent: false,
    headers: {
      Host: url.host,
      Accept: '*/*',
      'User-Agent': way.userAgent,
      Connection: 'close',
      ...(body === undefined ? {} : { 'Content-Type': contentType, 'Content-Length': body.length }),
      ...(authorization === undefined ? {} : { 'Proxy-Authorization': authorization }),
    },
    ...(signal === undefined ? {} : { signal }),
  };
  return new Promise((resolve, reject) => {
    const sent = (isTls ? httpsRequest : httpRequest)(options, (response) => {
      readBody(response, maxBytes).then(resolve, (error: unknown) => {
        sent.destroy();
        reject(error instanceof Error ? error : new FetchRefusal(CUT));
      });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const { statusCode = 0, headers } = response;
  if (statusCode !== 200) {
    throw new FetchRefusal(`HTTP status ${statusCode}`);
  }
  if (!/^(identity)?$/i.test(headers['content-encoding'] ?? '')) {
    throw new FetchRefusal('the answer is packed');
  }
  const tooLarge = new FetchRefusal(`the answer is larger than ${maxBytes} bytes`);
  if (Number(headers['content-length'] ?? 0) > maxBytes) {
    throw tooLarge;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > maxBytes) {
      throw tooLarge;
    }
    chunks.push(bytes);
  }
  if (!response.complete) {
    throw new FetchRefusal(CUT);
  }
  return Uint8Array.from(Buffer.concat(chunks));
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name cannot be found',
  EAI_AGAIN: 'its name cannot be found',
  ECONNREFUSED: 'it cannot be reached',
  EHOSTUNREACH: 'it cannot be reached',
  ENETUNREACH: 'it cannot be reached',
  ECONNRESET: CUT,
  EPIPE: CUT,
  [REFUSED_ADDRESS]: WHERE.public,
};

function reasonOf(error: unknown, timer: AbortSignal): string {
  if (timer.aborted) {
    return LATE;
  }
  const code = systemCode(error) ?? '';
  return REASONS[code] ?? `the exchange failed${code === '' ? '' : ` (${code})`}`;
}
