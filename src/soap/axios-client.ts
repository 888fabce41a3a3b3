/**
 * axios behind the transport (rules: dependencies §4). Nothing of it leaves this file but its errors' codes.
 *
 * @module
 */

import { Agent, request as httpsRequest } from 'node:https';
import type { RequestOptions } from 'node:https';
import type { ClientRequest as NodeRequest, IncomingMessage } from 'node:http';
import { Duplex, Readable } from 'node:stream';

import type { Connector } from './connector.js';
import { isStreamed, NO_FIRST_BYTE, plainHeaders } from './http-client.js';
import type { ClientLimits, ClientRequest, HttpClient } from './http-client.js';

/** Sockets that the connector opened. */
class ConnectorAgent extends Agent {
  readonly #connector: Connector;

  constructor(connector: Connector, { connections, idleConnectionMs }: ClientLimits) {
    // The timeout counts for connections without work only: requests have limits of their own.
    super({ keepAlive: true, maxSockets: connections, timeout: idleConnectionMs });
    this.#connector = connector;
  }

  override createConnection(
    { host, port }: RequestOptions,
    callback: (error: Error | null, stream: Duplex) => void = () => undefined,
  ): undefined {
    this.#connector.open({ host: host ?? '', port: Number(port ?? 443) }, (error, socket) => {
      // The type wants a stream, which nobody reads after an error.
      callback(error, socket ?? new Duplex());
    });
  }
}

/**
 * As many exchanges at a time as connections are allowed: Node counts a connection only once it is open, and
 * would open one for each of many calls that begin together.
 */
class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async take(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
    } else {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#free += 1;
    } else {
      next();
    }
  }
}

export async function createAxiosClient(
  connector: Connector,
  limits: ClientLimits,
): Promise<HttpClient> {
  const { default: axios } = await import('axios');
  const agent = new ConnectorAgent(connector, limits);
  const client = axios.create({
    adapter: 'http',
    httpsAgent: agent,
    maxRedirects: 0,
    // The transport's own are stricter: that of axios takes a compressed answer that ends too early.
    decompress: false,
    maxBodyLength: -1,
    maxContentLength: -1,
    responseType: 'stream',
    transformRequest: [(data: unknown) => data],
    transformResponse: [(data: unknown) => data],
    validateStatus: () => true,
    // Neither that of the environment nor axios's own way through one: the connector does it.
    proxy: false,
  });
  const turns = new Map<string, Turns>();
  const post = async ({ url, headers, body, signal, firstByteMs }: ClientRequest) => {
    const {
      status,
      headers: replyHeaders,
      data,
    } = await client.post<Readable>(
      url.href,
      isStreamed(body) ? Readable.from(body.open(), { objectMode: false }) : asBuffer(body),
      {
        headers: isStreamed(body)
          ? { ...headers, 'Content-Length': String(body.sizeBytes) }
          : { ...headers },
        signal,
        transport: {
          request: (options: RequestOptions, callback: (message: IncomingMessage) => void) =>
            limited(
              httpsRequest({ ...options, maxHeaderSize: limits.maxHeaderBytes }, callback),
              firstByteMs,
            ),
        },
      },
    );
    return { status, headers: plainHeaders(replyHeaders), stream: data };
  };
  return {
    send: async (request) => {
      const { host } = request.url;
      const turn = turns.get(host) ?? new Turns(limits.connections);
      turns.set(host, turn);
      await turn.take();
      try {
        request.signal.throwIfAborted();
        const response = await post(request);
        response.stream.once('close', () => {
          turn.give();
        });
        return response;
      } catch (error) {
        turn.give();
        throw error;
      }
    },
    close: () => {
      agent.destroy();
      return Promise.resolve();
    },
  };
}

/** A view, not a copy. */
const asBuffer = ({ buffer, byteOffset, length }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, length);

function limited(request: NodeRequest, firstByteMs: number | undefined): NodeRequest {
  if (firstByteMs !== undefined) {
    let timer: NodeJS.Timeout | undefined;
    const stop = (): void => {
      clearTimeout(timer);
    };
    request.once('finish', () => {
      timer = setTimeout(() => {
        request.destroy(Object.assign(new Error('no answer'), { code: NO_FIRST_BYTE }));
      }, firstByteMs);
    });
    request.once('response', stop);
    request.once('close', stop);
  }
  return request;
}
