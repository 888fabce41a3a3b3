/**
 * One way out: POST bytes, get bytes, within limits of time and size (design decision 8). Two clients stand
 * behind it, axios for single calls and undici for batches; what is promised here holds for both.
 *
 * @module
 */

import type { KeyObject } from 'node:crypto';

import { TopazError } from '../errors.js';
import type { Certificate } from '../x509/certificate.js';
import { createConnector } from './connector.js';
import type { Connector } from './connector.js';
import { ExchangeWatch } from './exchange-watch.js';
import { isStreamed } from './http-client.js';
import type { ClientLimits, ClientResponse, HttpClient, OutgoingBody } from './http-client.js';
import { inflate } from './inflate.js';
import { interrupted, networkError, tooLarge } from './network-error.js';
import { parseProxy } from './proxy.js';

export interface PostOptions {
  readonly signal?: AbortSignal | undefined;
  /** For the whole exchange, in milliseconds; the other limits end within it. */
  readonly timeoutMs: number;
  /** From the last byte of the request to the headers of the answer. */
  readonly firstByteMs?: number | undefined;
  /** Between two pieces of the answer. Time that the reader takes does not count. */
  readonly idleMs?: number | undefined;
  /** Of the answer, as it comes and after inflating. */
  readonly maxBytes: number;
}

export interface HttpReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The body, inflated. To be read once, to its end or not at all further: leaving it early gives up the
   * connection. Reading throws as `post` does.
   */
  readonly stream: AsyncIterable<Uint8Array>;
}

export interface Transport {
  /**
   * @throws TopazError `E_NETWORK_*`, `E_REPLY_TOO_LARGE`, `E_INTERRUPTED`, `E_PROFILE_INVALID`. An answer of any HTTP status is
   *   a result, not an error; a redirect is not followed. `details.sent` is false where no byte of the
   *   request can have reached the service.
   */
  post(
    url: string,
    headers: Readonly<Record<string, string>>,
    body: OutgoingBody,
    options: PostOptions,
  ): Promise<HttpReply>;
  /** Closes connections. */
  close(): Promise<void>;
}

/** What a service that asks for it gets to see: a key of a keystore and its chain. */
export interface ClientCertificate {
  readonly privateKey: KeyObject;
  /** Leaf first. */
  readonly chain: readonly Certificate[];
}

export interface TransportOptions {
  /** Roots beside the system's, or alone. */
  readonly caPem?: readonly string[] | undefined;
  /** Whether the system's roots count. */
  readonly systemRoots: boolean;
  readonly clientCertificate?: ClientCertificate | undefined;
  /** URL of a proxy for every host, or for the one that is asked about; `undefined` = none. */
  readonly proxy?: string | ((url: URL) => string | undefined) | undefined;
  readonly userAgent: string;
  /** @default 'axios'; undici costs less for each request, and more to load. */
  readonly client?: 'axios' | 'undici' | undefined;
  /** To one host at a time. @default 4 */
  readonly connections?: number | undefined;
  /** To open a connection, a tunnel through a proxy included. @default 10 s */
  readonly connectMs?: number | undefined;
  /** For the TLS handshake. @default 10 s */
  readonly tlsMs?: number | undefined;
}

const CONNECTIONS = 4;
const CONNECT_MS = 10_000;
const TLS_MS = 10_000;
const IDLE_CONNECTION_MS = 4_000;
const MAX_HEADER_BYTES = 32 * 1024;
const MAX_REQUEST_BYTES = 1024 * 1024 * 1024;

/** Makes a transport; connections are opened at the first call. */
export function createTransport(options: TransportOptions): Transport {
  const connector = connectorOf(options);
  let client: Promise<HttpClient> | undefined;
  return {
    post: async (url, headers, body, postOptions) => {
      const target = httpsUrl(url);
      // Now, where it can be said: not when a client asks for a socket.
      connector.check(target);
      if (isAborted(postOptions.signal)) {
        throw interrupted();
      }
      client ??= createClient(options, connector);
      return exchange(await client, options.userAgent, target, headers, body, postOptions);
    },
    close: async () => {
      const open = await client?.catch(() => undefined);
      client = undefined;
      connector.close();
      await open?.close();
    },
  };
}

function connectorOf(options: TransportOptions): Connector {
  const { proxy, caPem = [], systemRoots, clientCertificate } = options;
  return createConnector({
    caPem,
    systemRoots,
    clientCertificate,
    proxyFor: (url) => {
      const address = typeof proxy === 'function' ? proxy(url) : proxy;
      return address === undefined ? undefined : parseProxy(address);
    },
    connectMs: options.connectMs ?? CONNECT_MS,
    tlsMs: options.tlsMs ?? TLS_MS,
  });
}

async function createClient(
  { client, connections = CONNECTIONS }: TransportOptions,
  connector: Connector,
): Promise<HttpClient> {
  const limits: ClientLimits = {
    connections,
    idleConnectionMs: IDLE_CONNECTION_MS,
    maxHeaderBytes: MAX_HEADER_BYTES,
  };
  if (client === 'undici') {
    const { createUndiciClient } = await import('./undici-client.js');
    return createUndiciClient(connector, limits);
  }
  const { createAxiosClient } = await import('./axios-client.js');
  return createAxiosClient(connector, limits);
}

/**
 * @throws TopazError `E_PROFILE_INVALID` for anything but an https address: messages carry patients' data
 *   and tokens.
 */
function httpsUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== 'https:') {
    throw new TopazError('E_PROFILE_INVALID', 'the address of a service is no https address', {
      hint: 'correct it in the profile: topaz profile show',
    });
  }
  return parsed;
}

const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

async function exchange(
  client: HttpClient,
  userAgent: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: OutgoingBody,
  options: PostOptions,
): Promise<HttpReply> {
  const watch = new ExchangeWatch(options);
  const source = watchedBody(body, watch);
  const failed = (error: unknown): unknown =>
    watch.sourceError ?? networkError(error, url.host, watch.situation());
  let response: ClientResponse;
  try {
    response = await promptly(
      watch.signal,
      client.send({
        url,
        headers: {
          Accept: 'text/xml, multipart/related',
          'Accept-Encoding': 'gzip',
          ...headers,
          'User-Agent': userAgent,
        },
        body: source,
        signal: watch.signal,
        firstByteMs: options.firstByteMs,
      }),
    );
  } catch (error) {
    watch.end();
    throw failed(error);
  }
  // Until somebody reads, an error must not be one that nobody listens to.
  response.stream.on('error', () => undefined);
  // What is handed out is the body as it was before it was packed, and headers that say so.
  const { 'content-encoding': encoding, ...replyHeaders } = response.headers;
  const { maxBytes } = options;
  const read = async function* (): AsyncGenerator<Uint8Array> {
    try {
      const wire = watch.pieces(response.stream);
      const isPlain = encoding === undefined;
      for await (const chunk of isPlain ? wire : bounded(inflate(wire, encoding), maxBytes)) {
        yield chunk;
      }
    } catch (error) {
      throw failed(error);
    } finally {
      watch.end();
      response.stream.destroy();
    }
  };
  return { status: response.status, headers: replyHeaders, stream: read() };
}

/** The answer, or the end of the signal: a client that is still connecting may be slow to notice it. */
async function promptly(
  signal: AbortSignal,
  sending: Promise<ClientResponse>,
): Promise<ClientResponse> {
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      reject(new Error('the exchange was ended'));
      // Nobody reads what comes yet.
      sending.then(
        ({ stream }) => stream.on('error', () => undefined).destroy(),
        () => undefined,
      );
    };
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([sending, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** The same body; what goes wrong while it is made is not taken for a fault of the network. */
function watchedBody(body: OutgoingBody, watch: ExchangeWatch): OutgoingBody {
  if (!isStreamed(body)) {
    return body;
  }
  if (body.sizeBytes > MAX_REQUEST_BYTES) {
    throw new TypeError('the message is larger than a service would take');
  }
  return {
    sizeBytes: body.sizeBytes,
    open: async function* () {
      try {
        yield* body.open();
      } catch (error) {
        watch.sourceFailed(error);
        throw error;
      }
    },
  };
}

/** What came is counted already; this is for what comes out of it. */
async function* bounded(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > maxBytes) {
      throw tooLarge();
    }
    yield chunk;
  }
}

/** All of a body in memory. */
export async function readAll({ stream }: HttpReply): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
  }
  const { buffer, byteOffset, length } =
    chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks);
  return new Uint8Array(buffer, byteOffset, length);
}
