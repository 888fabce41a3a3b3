/**
 * A way through an HTTP proxy: CONNECT, then TLS with the service itself (dependencies §4).
 *
 * Our own, because the tunnel that comes with axios hands out what the proxy answers to CONNECT as if the
 * service had said it, without any TLS: a proxy could invent the answer.
 *
 * @module
 */

import { request as httpRequest } from 'node:http';
import type { ClientRequest, RequestOptions as HttpRequestOptions } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { AgentOptions, RequestOptions } from 'node:https';
import { isIPv6 } from 'node:net';
import { Duplex } from 'node:stream';

import { systemCode, TopazError } from '../errors.js';

export interface Proxy {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** `Proxy-Authorization`, where the address holds a user. */
  readonly authorization: string | undefined;
}

/**
 * Begins the code of an error that is the proxy's: HTTP status of its refusal, or a system code.
 * `ERR_PROXY_407`, `ERR_PROXY_ECONNREFUSED`.
 */
export const PROXY_ERROR = 'ERR_PROXY_';

const CONNECT_TIMEOUT_MS = 30_000;

/** @throws TopazError `E_PROFILE_INVALID`. The text is not repeated: it may hold a password. */
export function parseProxy(text: string): Proxy {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw invalid('the proxy is no http or https address');
  }
  const secure = url.protocol === 'https:';
  return {
    secure,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port === '' ? (secure ? 443 : 80) : url.port),
    authorization: url.username === '' ? undefined : basic(url.username, url.password),
  };
}

function basic(username: string, password: string): string {
  try {
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return `Basic ${Buffer.from(pair).toString('base64')}`;
  } catch {
    throw invalid('the user or the password in the address of the proxy is not well encoded');
  }
}

const invalid = (message: string): TopazError =>
  new TopazError('E_PROFILE_INVALID', message, {
    hint: 'write it as http://HOST:PORT: topaz profile set proxy URL',
  });

/** Connections to services through one proxy. */
export class ProxyAgent extends Agent {
  readonly #proxy: Proxy;
  readonly #options: AgentOptions;
  readonly #opening = new Set<ClientRequest>();

  /** @param options Of the connections to the services; a proxy with TLS is judged by the same roots. */
  constructor(proxy: Proxy, options: AgentOptions) {
    super(options);
    this.#proxy = proxy;
    this.#options = options;
  }

  override createConnection(
    options: RequestOptions,
    callback: (error: Error | null, stream: Duplex) => void = () => undefined,
  ): undefined {
    const request = this.#connect(options);
    const fail = (error: Error): void => {
      this.#opening.delete(request);
      // The type wants a stream, which nobody reads after an error.
      callback(error, new Duplex());
    };
    this.#opening.add(request);
    request.once('timeout', () => request.destroy(proxyError('ETIMEDOUT')));
    request.once('error', (error) => {
      const code = systemCode(error) ?? 'ECONNRESET';
      fail(code.startsWith(PROXY_ERROR) ? error : proxyError(code));
    });
    request.once('connect', ({ statusCode = 0 }, socket, early) => {
      // Nothing may come before TLS: the service speaks second.
      if (statusCode !== 200 || early.length > 0) {
        socket.destroy();
        fail(proxyError(String(statusCode)));
        return;
      }
      this.#opening.delete(request);
      socket.setTimeout(0);
      const through = { ...options, socket };
      const secured = super.createConnection(through);
      if (secured) {
        callback(null, secured);
      } else {
        fail(proxyError('ECONNRESET'));
      }
    });
    request.end();
  }

  /** Ends what is being opened too. */
  override destroy(): void {
    this.#opening.forEach((request) => request.destroy());
    super.destroy();
  }

  #connect({ host, port }: RequestOptions): ClientRequest {
    const { secure, authorization, ...address } = this.#proxy;
    const name = host ?? '';
    const target = `${isIPv6(name) ? `[${name}]` : name}:${port ?? 443}`;
    const request: HttpRequestOptions = {
      ...address,
      method: 'CONNECT',
      path: target,
      agent: false,
      timeout: CONNECT_TIMEOUT_MS,
      headers: {
        Host: target,
        ...(authorization === undefined ? {} : { 'Proxy-Authorization': authorization }),
      },
    };
    const { ca, minVersion } = this.#options;
    return secure ? httpsRequest({ ...request, ca, minVersion }) : httpRequest(request);
  }
}

const proxyError = (code: string): Error =>
  Object.assign(new Error('the proxy did not open a way'), { code: `${PROXY_ERROR}${code}` });
