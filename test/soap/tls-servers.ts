/** Servers on loopback that end with the test. */

import { createServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';

import type { Identity } from './openssl-pki.js';

export type Handler = Parameters<typeof createServer>[1];

export const keysOf = (identity: Identity): ServerOptions => ({
  key: identity.keyPem,
  cert: identity.certificatePem,
});

export class Servers {
  readonly #closers: (() => unknown)[] = [];

  /** Starts a server on a free port. */
  async listen(some: Server): Promise<number> {
    const sockets = new Set<Socket>();
    some.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => undefined);
    });
    await new Promise<void>((done) => some.listen(0, '127.0.0.1', done));
    this.atEnd(() => {
      sockets.forEach((socket) => socket.destroy());
      return new Promise((done) => some.close(done));
    });
    return (some.address() as AddressInfo).port;
  }

  /** An HTTPS server. */
  serve(handler: Handler, options: ServerOptions): Promise<number> {
    return this.listen(createServer(options, handler));
  }

  atEnd(close: () => unknown): void {
    this.#closers.push(close);
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) {
      await close();
    }
  }
}
