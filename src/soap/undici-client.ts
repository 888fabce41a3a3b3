/**
 * undici behind the transport, one `Pool` for each host: for batches, where its lower cost for each request
 * counts (dependencies §3.6, §4).
 *
 * @module
 */

import { Readable } from 'node:stream';

import type { Pool } from 'undici';

import type { Connector } from './connector.js';
import { isStreamed, plainHeaders } from './http-client.js';
import type { ClientLimits, HttpClient } from './http-client.js';

export async function createUndiciClient(
  connector: Connector,
  limits: ClientLimits,
): Promise<HttpClient> {
  // Bundled, the package has no other export than its whole.
  const { default: undici } = await import('undici');
  const pools = new Map<string, Pool>();
  const poolOf = (origin: string): Pool => {
    let pool = pools.get(origin);
    if (pool === undefined) {
      pool = new undici.Pool(origin, {
        connections: limits.connections,
        pipelining: 1,
        keepAliveTimeout: limits.idleConnectionMs,
        keepAliveMaxTimeout: limits.idleConnectionMs,
        maxHeaderSize: limits.maxHeaderBytes,
        // The transport has its own, for both clients.
        headersTimeout: 0,
        bodyTimeout: 0,
        connect: ({ hostname, port, protocol }, callback) => {
          const target = {
            host: hostname,
            port: Number(port === '' ? defaultPort(protocol) : port),
          };
          connector.open(target, (error, socket) => {
            if (socket === null) {
              callback(error ?? new Error('no connection'), null);
            } else {
              callback(null, socket);
            }
          });
        },
      });
      pools.set(origin, pool);
    }
    return pool;
  };
  return {
    send: async ({ url, headers, body, signal, firstByteMs }) => {
      const reply = await poolOf(url.origin).request({
        method: 'POST',
        path: `${url.pathname}${url.search}`,
        headers: isStreamed(body)
          ? { ...headers, 'Content-Length': String(body.sizeBytes) }
          : { ...headers },
        body: isStreamed(body) ? Readable.from(body.open(), { objectMode: false }) : body,
        signal,
        ...(firstByteMs === undefined ? {} : { headersTimeout: firstByteMs }),
      });
      return {
        status: reply.statusCode,
        headers: plainHeaders(reply.headers),
        stream: reply.body,
      };
    },
    close: async () => {
      const open = [...pools.values()];
      pools.clear();
      await Promise.all(open.map((pool) => pool.destroy()));
    },
  };
}

const defaultPort = (protocol: string): string => (protocol === 'http:' ? '80' : '443');
