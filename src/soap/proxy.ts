/**
 * A way through an HTTP proxy: CONNECT, after which TLS with the service itself begins (dependencies §4).
 *
 * Our own, because the tunnel that comes with axios hands out what the proxy answers to CONNECT as if the
 * service had said it, without any TLS: a proxy could invent the answer.
 *
 * @module
 */

import { request as httpRequest } from 'node:http';
import type { RequestOptions } from 'node:http';
import { connect as connectTcp, isIP, isIPv6 } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { SecureContext } from 'node:tls';

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

/**
 * Opens a tunnel to `host:port`.
 *
 * @param options.context Roots for a proxy that itself speaks TLS: those of the services.
 * @param options.limitMs For all of it.
 * @param done Called once: with the socket on which the service is reached, or an error with a code
 *   {@link PROXY_ERROR}.
 * @returns Gives up.
 */
export function openTunnel(
  { secure, authorization, ...address }: Proxy,
  target: { readonly host: string; readonly port: number },
  options: { readonly context: () => SecureContext; readonly limitMs: number },
  done: (error: Error | undefined, socket?: Socket) => void,
): () => void {
  const path = `${isIPv6(target.host) ? `[${target.host}]` : target.host}:${target.port}`;
  const request: RequestOptions = {
    ...address,
    method: 'CONNECT',
    path,
    headers: {
      Host: path,
      ...(authorization === undefined ? {} : { 'Proxy-Authorization': authorization }),
    },
  };
  const secured = (): Socket =>
    connectTls({
      ...address,
      ...(isIP(address.host) === 0 ? { servername: address.host } : {}),
      secureContext: options.context(),
      rejectUnauthorized: true,
    });
  const plain = (): Socket => connectTcp(address);
  const connecting = httpRequest({ ...request, createConnection: secure ? secured : plain });
  let isOver = false;
  const finish = (error: Error | undefined, socket?: Socket): void => {
    clearTimeout(timer);
    if (!isOver) {
      isOver = true;
      done(error, socket);
    }
  };
  const timer = setTimeout(() => connecting.destroy(proxyError('ETIMEDOUT')), options.limitMs);
  // Not once: a way that is given up ends with another error.
  connecting.on('error', (error) => {
    const code = systemCode(error) ?? 'ECONNRESET';
    finish(code.startsWith(PROXY_ERROR) ? error : proxyError(code));
  });
  connecting.once('connect', ({ statusCode = 0 }, socket, early) => {
    // Nothing may come before TLS: the service speaks second.
    if (statusCode === 200 && early.length === 0) {
      finish(undefined, socket);
    } else {
      socket.destroy();
      finish(proxyError(String(statusCode)));
    }
  });
  connecting.end();
  return () => connecting.destroy(proxyError('ECONNRESET'));
}

const proxyError = (code: string): Error =>
  Object.assign(new Error('the proxy did not open a way'), { code: `${PROXY_ERROR}${code}` });
