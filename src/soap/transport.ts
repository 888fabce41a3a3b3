/**
 * One way out: POST bytes, get bytes, within limits of time and size. axios behind a small interface, so
 * that another client can take its place (design decision 8; rules: dependencies §4).
 *
 * Nothing of axios leaves this file: its errors carry the request with all that is in it.
 *
 * @module
 */

import { Agent } from 'node:https';
import type { AgentOptions } from 'node:https';

import type { AxiosInstance } from 'axios';

import { TopazError } from '../errors.js';
import { inflate } from './inflate.js';
import { interrupted, networkError } from './network-error.js';
import { parseProxy, ProxyAgent } from './proxy-agent.js';

export interface PostOptions {
  readonly signal?: AbortSignal | undefined;
  /** For the whole exchange, in milliseconds. */
  readonly timeoutMs: number;
  /** Of the answer, after inflating. */
  readonly maxBytes: number;
}

export interface HttpReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface Transport {
  /**
   * @throws TopazError `E_NETWORK_*`, `E_REPLY_TOO_LARGE`, `E_INTERRUPTED`. An answer of any HTTP status is
   *   a result, not an error.
   */
  post(
    url: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array,
    options: PostOptions,
  ): Promise<HttpReply>;
  /** Closes idle connections. */
  close(): Promise<void>;
}

export interface TransportOptions {
  /** Roots beside the system's, or alone. */
  readonly caPem?: readonly string[] | undefined;
  /** Whether the system's roots count. */
  readonly systemRoots: boolean;
  /** URL of a proxy that the user configured. */
  readonly proxy?: string | undefined;
  readonly userAgent: string;
}

const MAX_SOCKETS = 4;
const MAX_REQUEST_BYTES = 64 * 1024 * 1024;

/** Makes a transport; connections are opened at the first call. */
export function createTransport(options: TransportOptions): Transport {
  let client: Promise<Client> | undefined;
  return {
    post: async (url, headers, body, { signal, timeoutMs, maxBytes }) => {
      const host = hostOf(url);
      if (isAborted(signal)) {
        throw interrupted();
      }
      client ??= createClient(options);
      const { axios } = await client;
      // The signal covers connecting as well, which the timeout of axios does not.
      const timer = AbortSignal.timeout(timeoutMs);
      try {
        const reply = await axios.post<Buffer>(
          url,
          Buffer.from(body.buffer, body.byteOffset, body.length),
          {
            headers: {
              Accept: 'text/xml, multipart/related',
              'Accept-Encoding': 'gzip',
              ...headers,
              'User-Agent': options.userAgent,
            },
            maxContentLength: maxBytes,
            timeout: timeoutMs,
            signal: signal === undefined ? timer : AbortSignal.any([signal, timer]),
          },
        );
        // What is handed out is the body as it was before it was packed, and headers that say so.
        const { 'content-encoding': encoding, ...replyHeaders } = plainHeaders(reply.headers);
        return {
          status: reply.status,
          headers: replyHeaders,
          body: await inflate(reply.data, encoding, maxBytes),
        };
      } catch (error) {
        const situation = { interrupted: isAborted(signal), late: timer.aborted, maxBytes };
        throw networkError(error, host, situation);
      }
    },
    close: async () => {
      const open = await client?.catch(() => undefined);
      client = undefined;
      open?.agent.destroy();
    },
  };
}

interface Client {
  readonly agent: Agent;
  readonly axios: AxiosInstance;
}

/**
 * @throws TopazError `E_PROFILE_INVALID` for anything but an https address: messages carry patients' data
 *   and tokens.
 */
function hostOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== 'https:') {
    throw new TopazError('E_PROFILE_INVALID', 'the address of a service is no https address', {
      hint: 'correct it in the profile: topaz profile show',
    });
  }
  return parsed.host;
}

const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

const plainHeaders = (headers: object): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );

async function createClient(options: TransportOptions): Promise<Client> {
  const agent = await createAgent(options);
  const { default: axios } = await import('axios');
  return {
    agent,
    axios: axios.create({
      adapter: 'http',
      httpsAgent: agent,
      maxRedirects: 0,
      // Ours is strict: that of axios takes a compressed answer that ends too early.
      decompress: false,
      maxBodyLength: MAX_REQUEST_BYTES,
      responseType: 'arraybuffer',
      transformRequest: [(data: unknown) => data],
      transformResponse: [(data: unknown) => data],
      validateStatus: () => true,
      // Neither that of the environment nor axios's own way through one: the agent does it.
      proxy: false,
    }),
  };
}

async function createAgent({ caPem = [], systemRoots, proxy }: TransportOptions): Promise<Agent> {
  const { rootCertificates } = await import('node:tls');
  const options: AgentOptions = {
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
    minVersion: 'TLSv1.2',
    // Without roots of our own, Node's (which include those of NODE_EXTRA_CA_CERTS).
    ...(caPem.length === 0 && systemRoots
      ? {}
      : { ca: [...(systemRoots ? rootCertificates : []), ...caPem] }),
  };
  return proxy === undefined ? new Agent(options) : new ProxyAgent(parseProxy(proxy), options);
}
