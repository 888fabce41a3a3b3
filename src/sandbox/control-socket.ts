/**
 * How commands reach a running sandbox (design §8): a socket in its data folder, mode 0600, one line of
 * JSON each way. It is never reachable through the service port.
 *
 * @module
 */

import { chmod, open, unlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

import { systemCode, TopazError } from '../errors.js';
import type { ErrorCode } from '../errors.js';

const SOCKET = 'control.sock';
const MAX_LINE_BYTES = 64 * 1024 * 1024;
/** Systems cut a socket's path at about this length. */
const MAX_PATH_BYTES = 100;

/** What a command asks; the fields depend on the operation. */
export interface ControlRequest {
  readonly operation: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export type ControlHandler = (
  request: ControlRequest,
) => Promise<Readonly<Record<string, unknown>>>;

interface Address {
  readonly path: string;
  release(): Promise<void>;
}

/** The socket's address, in a form that is short enough. */
async function addressOf(folder: string, platform: NodeJS.Platform): Promise<Address> {
  const nothing = (): Promise<void> => Promise.resolve();
  if (platform === 'win32') {
    const name = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 32);
    return { path: `\\\\.\\pipe\\topaz-sandbox-${name}`, release: nothing };
  }
  const path = join(resolve(folder), SOCKET);
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) {
    return { path, release: nothing };
  }
  if (platform !== 'linux') {
    throw new TopazError('E_USAGE', 'the path of the data folder is too long for a socket', {
      hint: 'choose a shorter --data folder',
    });
  }
  // An open folder has a short name of its own on Linux.
  const handle = await open(resolve(folder), 'r');
  return { path: `/proc/self/fd/${handle.fd}/${SOCKET}`, release: () => handle.close() };
}

export interface ControlServer {
  close(): Promise<void>;
}

/** Listens in a data folder; a socket that a killed sandbox left is replaced. The caller holds the lock. */
export async function listenForControl(
  folder: string,
  handle: ControlHandler,
  platform: NodeJS.Platform = process.platform,
): Promise<ControlServer> {
  const address = await addressOf(folder, platform);
  if (platform !== 'win32') {
    await unlink(address.path).catch(() => undefined);
  }
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {
      socket.destroy();
    });
    answer(socket, handle);
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(address.path, () => {
      server.off('error', fail);
      done();
    });
  });
  if (platform !== 'win32') {
    await chmod(address.path, 0o600);
  }
  return {
    close: async () => {
      await new Promise<void>((done) => {
        server.close(() => {
          done();
        });
        for (const socket of sockets) {
          socket.destroySoon();
        }
      });
      await address.release();
    },
  };
}

function answer(socket: Socket, handle: ControlHandler): void {
  readLine(socket)
    .then((line) => handle(requestOf(line)))
    .then(
      (result) => JSON.stringify({ ok: true, result }),
      (error: unknown) => JSON.stringify({ ok: false, error: errorOf(error) }),
    )
    .then((line) => {
      socket.end(`${line}\n`);
    })
    .catch(() => {
      socket.destroy();
    });
}

function requestOf(line: string): ControlRequest {
  const value: unknown = JSON.parse(line);
  if (
    typeof value !== 'object' ||
    value === null ||
    !('operation' in value) ||
    typeof value.operation !== 'string'
  ) {
    throw new TopazError('E_USAGE', 'this is no request to a sandbox', {
      hint: 'use the commands of topaz sandbox',
    });
  }
  const parameters =
    'parameters' in value && typeof value.parameters === 'object' && value.parameters !== null
      ? Object.fromEntries(Object.entries(value.parameters))
      : {};
  return { operation: value.operation, parameters };
}

interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly facts: readonly string[];
}

const errorOf = (error: unknown): WireError =>
  error instanceof TopazError
    ? { code: error.code, message: error.message, hint: error.hint, facts: error.facts }
    : { code: 'E_INTERNAL', message: 'the sandbox failed', facts: [String(error)] };

/**
 * Asks the sandbox of a data folder.
 *
 * @throws TopazError `E_SANDBOX_NOT_RUNNING`, or the error that the sandbox answered with.
 */
export async function askSandbox(
  folder: string,
  operation: string,
  parameters: Readonly<Record<string, unknown>> = {},
  platform: NodeJS.Platform = process.platform,
): Promise<Readonly<Record<string, unknown>>> {
  let line: string;
  try {
    const address = await addressOf(folder, platform);
    try {
      const socket = await connectTo(address.path);
      socket.write(`${JSON.stringify({ operation, parameters })}\n`);
      line = await readLine(socket);
      socket.destroy();
    } finally {
      await address.release();
    }
  } catch (error) {
    if (['ENOENT', 'ECONNREFUSED', 'ENOTDIR', 'ECONNRESET'].includes(systemCode(error) ?? '')) {
      throw notRunning(folder, error);
    }
    throw error;
  }
  return resultOf(line);
}

/** The error of a data folder without a sandbox. */
export const notRunning = (folder: string, cause?: unknown): TopazError =>
  new TopazError('E_SANDBOX_NOT_RUNNING', 'no sandbox runs here', {
    facts: [`data folder ${folder}`],
    hint: 'topaz sandbox start --detach',
    cause,
  });

const connectTo = (path: string): Promise<Socket> =>
  new Promise((done, fail) => {
    const socket = connect(path);
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      done(socket);
    });
  });

function readLine(socket: Socket): Promise<string> {
  return new Promise((done, fail) => {
    const chunks: Buffer[] = [];
    let size = 0;
    socket.on('data', (chunk) => {
      const bytes = Buffer.from(chunk);
      const end = bytes.indexOf(0x0a);
      chunks.push(end < 0 ? bytes : bytes.subarray(0, end));
      size += bytes.length;
      if (end >= 0) {
        done(Buffer.concat(chunks).toString('utf8'));
      } else if (size > MAX_LINE_BYTES) {
        socket.destroy();
        fail(new TopazError('E_USAGE', 'the request is too long', { hint: 'send less at once' }));
      }
    });
    socket.once('error', fail);
    socket.once('close', () => {
      fail(Object.assign(new Error('the connection ended'), { code: 'ECONNRESET' }));
    });
  });
}

function resultOf(line: string): Readonly<Record<string, unknown>> {
  const reply = JSON.parse(line) as
    | { readonly ok: true; readonly result: Readonly<Record<string, unknown>> }
    | { readonly ok: false; readonly error: WireError };
  if (reply.ok) {
    return reply.result;
  }
  const { code, message, hint, facts } = reply.error;
  throw new TopazError(code, message, { hint, facts });
}
