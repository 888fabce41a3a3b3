/**
 * The context of a real process: its streams, its environment without the secrets, its signals, its clock.
 * The only place that touches `process`.
 *
 * @module
 */

import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, read } from 'node:fs';
import { Socket } from 'node:net';
import { homedir } from 'node:os';
import { isatty, ReadStream } from 'node:tty';
import { promisify } from 'node:util';

import { diskError } from '../disk/atomic.js';
import { systemCode, TopazError } from '../errors.js';
import { PipeClosed } from './context.js';
import type { Context, IO } from './context.js';
import { isSecretVariable } from './secrets.js';

export interface ProcessContext {
  readonly context: Context;
  /** The signal that ended the command, if one did. */
  readonly endedBy: () => 'SIGINT' | 'SIGTERM' | undefined;
  /** Waits until everything is written. Throws what made writing fail. */
  readonly finish: () => Promise<void>;
}

const DEFAULT_COLUMNS = 80;
const MAX_LINE = 4097;

/** Takes over the process: call it once. */
export function createProcessContext(): ProcessContext {
  const controller = new AbortController();
  let endedBy: 'SIGINT' | 'SIGTERM' | undefined;
  const interrupt = (signal: 'SIGINT' | 'SIGTERM') => (): void => {
    if (endedBy !== undefined) {
      // The second one leaves at once, whatever is going on. Not by exit(): that would wait for a thread
      // that is blocked in a read.
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
      return;
    }
    endedBy = signal;
    controller.abort(new TopazError('E_INTERRUPTED', 'interrupted'));
  };
  process.on('SIGINT', interrupt('SIGINT'));
  process.on('SIGTERM', interrupt('SIGTERM'));

  const output = createOutput(controller);
  for (const fd of [1, 2] as const) {
    if (isTerminal(fd)) {
      // Spinner and questions write to it by themselves.
      giveWidth(streamOf(fd));
    }
  }
  const env = takeEnvironment();
  const keyboard = new Keyboard();
  const io: IO = {
    ...output.io,
    tty: {
      get stdin() {
        return isTerminal(0);
      },
      get stdout() {
        return isTerminal(1);
      },
      get stderr() {
        return isTerminal(2);
      },
    },
    get keyboard() {
      return keyboard.isThere();
    },
    get columns() {
      return widthOf(1) ?? widthOf(2) ?? DEFAULT_COLUMNS;
    },
    readStdin: () => orAborted(readStdin(), controller.signal),
    stdinChunks: () => stdinChunks(controller.signal),
    readFd: (fd) => orAborted(readFd(fd), controller.signal),
  };
  const context: Context = {
    io,
    env,
    platform: process.platform,
    cwd: process.cwd(),
    home: homedir(),
    now: () => new Date(Date.now()),
    newId: () => randomUUID(),
    signal: controller.signal,
    prompter: async () => {
      const { createPrompter } = await import('./prompter.js');
      return createPrompter({
        input: keyboard.stream(),
        output: streamOf(2),
        signal: controller.signal,
        plain: isPlain(env) || process.argv.includes('--plain'),
      });
    },
  };
  return {
    context,
    endedBy: () => endedBy,
    finish: async () => {
      keyboard.close();
      await output.finish();
    },
  };
}

const isPlain = (env: Context['env']): boolean =>
  !['', '0', undefined].includes(env['TOPAZ_PLAIN']);

/** The streams of the process are not touched for this: making one loads a good part of Node. */
function isTerminal(fd: 0 | 1 | 2): boolean {
  try {
    return fstatSync(fd).isCharacterDevice() && isatty(fd);
  } catch {
    return false;
  }
}

const widthOf = (fd: 1 | 2): number | undefined => {
  const width = isTerminal(fd) ? streamOf(fd).columns : 0;
  return width > 0 ? width : undefined;
};

const streamOf = (fd: 1 | 2): NodeJS.WriteStream => (fd === 1 ? process.stdout : process.stderr);

/**
 * A terminal that does not know its width (0 columns: serial lines, some containers) would make the spinner
 * compute an endless number of lines.
 */
function giveWidth(stream: NodeJS.WriteStream): void {
  if (stream.columns === 0) {
    stream.columns = DEFAULT_COLUMNS;
  }
}

/** A copy of the environment; secrets are taken out of the process's own, so that no child inherits them. */
function takeEnvironment(): Context['env'] {
  const env = { ...process.env };
  for (const name of Object.keys(process.env)) {
    if (isSecretVariable(name)) {
      Reflect.deleteProperty(process.env, name);
    }
  }
  return env;
}

interface Output {
  readonly io: Pick<IO, 'out' | 'outBytes' | 'err'>;
  readonly finish: () => Promise<void>;
}

/** Writes to the two streams and remembers what went wrong. */
function createOutput(controller: AbortController): Output {
  let pipeClosed = false;
  let failure: unknown;
  const pending = new Set<Promise<void>>();
  const stdout = once((): NodeJS.WriteStream =>
    streamOf(1).on('error', (error) => {
      if (systemCode(error) === 'EPIPE') {
        pipeClosed = true;
        controller.abort(new PipeClosed());
      } else {
        failure ??= error;
      }
    }),
  );
  const stderr = once((): NodeJS.WriteStream =>
    // Nothing can be said about an error of the stream on which it would be said.
    streamOf(2).on('error', () => undefined),
  );
  const write = (stream: NodeJS.WriteStream, data: string | Uint8Array): Promise<void> => {
    const written = new Promise<void>((done) => {
      stream.write(data, () => {
        done();
      });
    });
    pending.add(written);
    void written.then(() => pending.delete(written));
    return written;
  };
  const writeOut = (data: string | Uint8Array): Promise<void> =>
    pipeClosed ? Promise.resolve() : write(stdout(), data);
  return {
    io: {
      out: (text) => {
        void writeOut(`${text}\n`);
      },
      outBytes: writeOut,
      err: (text) => {
        void write(stderr(), `${text}\n`);
      },
    },
    finish: async () => {
      await Promise.all(pending);
      if (failure !== undefined) {
        throw diskError(failure, 'the output');
      }
    },
  };
}

/** Made when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** A read that waits for somebody else must not keep a person from leaving. */
function orAborted<T>(reading: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([
    reading,
    new Promise<never>((_, fail) => {
      const leave = (): void => {
        fail(new TopazError('E_INTERRUPTED', 'interrupted', { cause: signal.reason }));
      };
      if (signal.aborted) {
        leave();
      } else {
        signal.addEventListener('abort', leave, { once: true });
      }
    }),
  ]);
}

/** One listener for all chunks: a race for each would hold on to every one of them. */
async function* stdinChunks(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const leave = (): void => {
    process.stdin.destroy(new TopazError('E_INTERRUPTED', 'interrupted', { cause: signal.reason }));
  };
  signal.addEventListener('abort', leave, { once: true });
  try {
    yield* process.stdin as AsyncIterable<Uint8Array>;
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/**
 * Up to the first line break or the end. Pipes, sockets and terminals are read without blocking a thread of
 * the pool: such a thread could not be ended, and the process would wait for it for ever.
 */
async function readFd(fd: number): Promise<Uint8Array> {
  if (fd === 0) {
    return firstLine(process.stdin);
  }
  const facts = fstatSync(fd);
  if (facts.isFIFO() || facts.isSocket()) {
    return firstLine(new Socket({ fd, readable: true, writable: false }));
  }
  return isatty(fd) ? firstLine(new ReadStream(fd)) : firstLineOfFile(fd);
}

async function firstLine(stream: AsyncIterable<Uint8Array | string>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  // Leaving the loop closes the stream: nothing else is read from it.
  for await (const chunk of stream) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    chunks.push(bytes);
    if (bytes.includes(0x0a) || chunks.reduce((sum, { length }) => sum + length, 0) > MAX_LINE) {
      break;
    }
  }
  const line = new Uint8Array(Buffer.concat(chunks));
  for (const chunk of chunks) {
    chunk.fill(0);
  }
  return line;
}

const readChunk = promisify(read);

/** Byte by byte, so that nothing behind the line is consumed: the next command may read it. */
async function firstLineOfFile(fd: number): Promise<Uint8Array> {
  const line = new Uint8Array(MAX_LINE);
  let length = 0;
  while (length < line.length) {
    const { bytesRead } = await readChunk(fd, line, length, 1, null);
    if (bytesRead === 0) {
      break;
    }
    length += 1;
    if (line[length - 1] === 0x0a) {
      break;
    }
  }
  const result = line.slice(0, length);
  line.fill(0);
  return result;
}

/** Where a person types: stdin, or the terminal itself when stdin holds data. */
class Keyboard {
  #stream: ReadStream | undefined;
  #there: boolean | undefined;

  isThere(): boolean {
    this.#there ??= process.stdin.isTTY || this.#open();
    return this.#there;
  }

  stream(): NodeJS.ReadableStream {
    if (process.stdin.isTTY || !this.isThere() || this.#stream === undefined) {
      return process.stdin;
    }
    return this.#stream.ref();
  }

  close(): void {
    this.#stream?.destroy();
  }

  #open(): boolean {
    try {
      const fd = openSync(process.platform === 'win32' ? '\\\\.\\CONIN$' : '/dev/tty', 'r');
      try {
        this.#stream = new ReadStream(fd);
        // Nothing is read from it, and it keeps nothing alive, until something is asked.
        this.#stream.pause().unref();
        return true;
      } catch {
        closeSync(fd);
        return false;
      }
    } catch {
      return false;
    }
  }
}
