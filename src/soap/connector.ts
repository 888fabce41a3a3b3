/**
 * Opens connections for every HTTP client alike: TCP or a tunnel through a proxy, then TLS, each within its
 * limit. What fails here fails before one byte of a request has left, and says so.
 *
 * @module
 */

import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls, createSecureContext, rootCertificates } from 'node:tls';
import type { SecureContext, TLSSocket } from 'node:tls';

import { systemCode } from '../errors.js';
import type { ClientCertificate } from './transport.js';
import { openTunnel } from './proxy.js';
import type { Proxy } from './proxy.js';

/** No request was sent on this connection. `code` is that of the system, of TLS or of the proxy. */
export class ConnectError extends Error {
  readonly code: string;
  readonly phase: 'connect' | 'tls';
  /** Whether the limit of the phase is what ended it. */
  readonly late: boolean;

  constructor(code: string, phase: 'connect' | 'tls', { late = false } = {}) {
    super('no connection');
    this.code = code;
    this.phase = phase;
    this.late = late;
  }
}

export interface ConnectorOptions {
  readonly caPem: readonly string[];
  readonly systemRoots: boolean;
  readonly clientCertificate: ClientCertificate | undefined;
  /** The proxy on the way to a host; `undefined` = none. */
  readonly proxyFor: (url: URL) => Proxy | undefined;
  readonly connectMs: number;
  readonly tlsMs: number;
}

export interface Connector {
  /** @throws TopazError `E_PROFILE_INVALID` when the proxy on the way to this address is none. */
  check(url: URL): void;
  /** @param done Called once, with a socket on which TLS is established, or a {@link ConnectError}. */
  open(
    target: { readonly host: string; readonly port: number },
    done: (error: Error | null, socket: TLSSocket | null) => void,
  ): void;
  /** Gives up what is being opened. */
  close(): void;
}

export function createConnector(options: ConnectorOptions): Connector {
  const opening = new Set<() => void>();
  // Made once: reading the roots takes longer than the rest of a connection.
  let context: SecureContext | undefined;
  let proxyContext: SecureContext | undefined;
  const contexts: Contexts = {
    service: () => (context ??= secureContext(options)),
    // A proxy does not get to see the certificate that is meant for the services.
    proxy: () => (proxyContext ??= secureContext({ ...options, clientCertificate: undefined })),
  };
  return {
    check: options.proxyFor,
    open: ({ host, port }, done) => {
      const attempt = new Attempt(host, port, contexts, options, (error, socket) => {
        opening.delete(giveUp);
        done(error, socket);
      });
      const giveUp = (): void => {
        attempt.fail(new ConnectError('ECONNRESET', 'connect'));
      };
      opening.add(giveUp);
      attempt.start();
    },
    close: () => {
      [...opening].forEach((giveUp) => {
        giveUp();
      });
    },
  };
}

interface Contexts {
  readonly service: () => SecureContext;
  readonly proxy: () => SecureContext;
}

function secureContext({ caPem, systemRoots, clientCertificate }: ConnectorOptions): SecureContext {
  return createSecureContext({
    minVersion: 'TLSv1.2',
    // Without roots of our own, Node's (which include those of NODE_EXTRA_CA_CERTS).
    ...(caPem.length === 0 && systemRoots
      ? {}
      : { ca: [...(systemRoots ? rootCertificates : []), ...caPem] }),
    ...(clientCertificate === undefined
      ? {}
      : {
          key: clientCertificate.privateKey.export({ type: 'pkcs8', format: 'pem' }),
          cert: clientCertificate.chain.map(({ der }) => pemOf(der)).join(''),
        }),
  });
}

const pemOf = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;

/** One connection on its way. */
class Attempt {
  readonly #host: string;
  readonly #port: number;
  readonly #contexts: Contexts;
  readonly #options: ConnectorOptions;
  readonly #done: (error: Error | null, socket: TLSSocket | null) => void;
  #timer: NodeJS.Timeout | undefined;
  #abandon: () => void = () => undefined;
  #isOver = false;

  constructor(
    host: string,
    port: number,
    contexts: Contexts,
    options: ConnectorOptions,
    done: (error: Error | null, socket: TLSSocket | null) => void,
  ) {
    this.#host = host;
    this.#port = port;
    this.#contexts = contexts;
    this.#options = options;
    this.#done = done;
  }

  start(): void {
    const { connectMs } = this.#options;
    const name = isIP(this.#host) === 6 ? `[${this.#host}]` : this.#host;
    const target = { host: this.#host, port: this.#port };
    const proxy = this.#options.proxyFor(new URL(`https://${name}:${this.#port}`));
    if (proxy !== undefined) {
      const way = { context: this.#contexts.proxy, limitMs: connectMs };
      this.#abandon = openTunnel(proxy, target, way, (error, tunnel) => {
        if (tunnel === undefined) {
          this.fail(new ConnectError(systemCode(error) ?? '', 'connect'));
        } else {
          this.#secure(tunnel);
        }
      });
      return;
    }
    const socket = connectTcp({ ...target, noDelay: true });
    this.#abandon = () => socket.destroy();
    this.#limit(connectMs, 'connect');
    socket.once('error', (error) => {
      this.fail(new ConnectError(systemCode(error) ?? 'ECONNRESET', 'connect'));
    });
    socket.once('connect', () => {
      this.#secure(socket);
    });
  }

  #secure(socket: Socket): void {
    clearTimeout(this.#timer);
    if (this.#isOver) {
      socket.destroy();
      return;
    }
    socket.removeAllListeners('error');
    const secured = connectTls({
      socket,
      host: this.#host,
      ...(isIP(this.#host) === 0 ? { servername: this.#host } : {}),
      secureContext: this.#contexts.service(),
      ALPNProtocols: ['http/1.1'],
      // Not left to the environment: NODE_TLS_REJECT_UNAUTHORIZED would switch the check off.
      rejectUnauthorized: true,
    });
    this.#abandon = () => secured.destroy();
    this.#limit(this.#options.tlsMs, 'tls');
    const failed = (error: Error): void => {
      this.fail(new ConnectError(systemCode(error) ?? 'ECONNRESET', 'tls'));
    };
    secured.once('error', failed);
    secured.once('secureConnect', () => {
      clearTimeout(this.#timer);
      if (!this.#isOver) {
        this.#isOver = true;
        secured.removeListener('error', failed);
        this.#done(null, secured);
      }
    });
  }

  #limit(ms: number, phase: 'connect' | 'tls'): void {
    this.#timer = setTimeout(() => {
      this.fail(new ConnectError('ETIMEDOUT', phase, { late: true }));
    }, ms);
  }

  fail(error: ConnectError): void {
    clearTimeout(this.#timer);
    if (!this.#isOver) {
      this.#isOver = true;
      this.#abandon();
      this.#done(error, null);
    }
  }
}
