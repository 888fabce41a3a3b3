/**
 * What goes into a filter and where it comes out: a file or stdin, a file or stdout, of any size in constant
 * memory. Everything that can be refused is refused before a password is asked, and nothing of a result is
 * seen before it is whole.
 *
 * @module
 */

import { open, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import type { Advance } from '../../cli/progress.js';
import type { Run } from '../../cli/run.js';
import { pullBytes, pullFrom, tap, type Pull } from '../../der/pull.js';
import { diskError, writeFileAtomic } from '../../disk/atomic.js';
import { systemCode, TopazError } from '../../errors.js';
import { pullFile } from '../../etee/file-stream.js';
import { PendingFile } from '../../etee/pending-file.js';
import { pendingRegistry } from '../../profile/paths.js';

/** Tokens and lists of recipients. */
const MAX_SMALL_BYTES = 16 * 1024 * 1024;
/** What is held in memory of a stream. */
const MEMORY_BYTES = 4 * 1024 * 1024;

/** Something to read, once. */
export interface Source {
  readonly pull: Pull;
  /** Bytes, where they are known beforehand. */
  readonly length: number | undefined;
  close(): Promise<void>;
}

/**
 * Opens a file, or stdin for `-` or nothing.
 *
 * @throws TopazError `E_FILE_NOT_FOUND`, `E_USAGE` when there is nothing to read.
 */
export async function openSource(run: Run, file: string | undefined): Promise<Source> {
  if (file !== undefined && file !== '-') {
    return openFile(run, file);
  }
  const { io, signal } = run.ctx;
  if (file === undefined && io.tty.stdin) {
    throw new TopazError('E_USAGE', 'there is nothing to read', {
      hint: 'name a file, or pipe the content in',
    });
  }
  const pull =
    io.stdinChunks === undefined ? pullBytes(await io.readStdin()) : pullFrom(io.stdinChunks());
  return { ...(await known(stopping(pull, signal))), close: () => Promise.resolve() };
}

async function openFile(run: Run, file: string): Promise<Source> {
  const path = resolve(run.ctx.cwd, file);
  try {
    const handle = await open(path, 'r');
    const facts = await handle.stat();
    if (facts.isDirectory()) {
      await handle.close();
      throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    }
    return {
      pull: stopping(pullFile(handle), run.ctx.signal),
      length: facts.isFile() ? facts.size : undefined,
      close: () => handle.close(),
    };
  } catch (error) {
    throw fileError(error, file);
  }
}

/** Ctrl-C is heard between two chunks. */
const stopping =
  (pull: Pull, signal: AbortSignal): Pull =>
  () => {
    signal.throwIfAborted();
    return pull();
  };

/** Reads a little ahead: what ends soon has a known length. */
async function known(pull: Pull): Promise<{ pull: Pull; length: number | undefined }> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let next = await pull();
  for (; next !== undefined && length < MEMORY_BYTES; next = await pull()) {
    chunks.push(Uint8Array.from(next));
    length += next.length;
  }
  let last = next;
  const rest: Pull = () => {
    const chunk = chunks.shift() ?? last;
    if (chunk === undefined) {
      return next === undefined ? Promise.resolve(undefined) : pull();
    }
    if (chunk === last) {
      last = undefined;
    }
    return Promise.resolve(chunk);
  };
  return { pull: rest, length: next === undefined ? length : undefined };
}

/** Runs a step over a source; a person sees how far it is, where its length is known. */
export function countBytes<T>(
  run: Run,
  title: string,
  { pull, length }: Source,
  work: (pull: Pull) => Promise<T>,
): Promise<T> {
  if (length === undefined || length < MEMORY_BYTES) {
    return run.step(title, () => work(pull));
  }
  const counted = (advance: Advance): Pull =>
    tap(pull, (chunk) => {
      advance(chunk.length);
    });
  return run.count(title, length, (advance) => work(counted(advance)), megabytes);
}

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;

/** @throws TopazError `E_FILE_NOT_FOUND`, `E_USAGE` for a file that is too large. */
export async function readSmallFile(run: Run, file: string): Promise<Uint8Array> {
  const path = resolve(run.ctx.cwd, file);
  try {
    const { size } = await stat(path);
    return size > MAX_SMALL_BYTES ? tooLarge(file) : Uint8Array.from(await readFile(path));
  } catch (error) {
    throw fileError(error, file);
  }
}

function tooLarge(file: string): never {
  throw new TopazError('E_USAGE', `${file} is larger than 16 MiB`, { hint: 'check the path' });
}

function fileError(error: unknown, file: string): unknown {
  switch (systemCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new TopazError('E_FILE_NOT_FOUND', `there is no file ${file}`, {
        hint: 'check the path',
        cause: error,
      });
    case 'EISDIR':
    case 'EACCES':
    case 'EPERM':
      return new TopazError('E_FILE_NOT_FOUND', `${file} cannot be read`, {
        hint: 'name a file that you may read',
        cause: error,
      });
    default:
      return error;
  }
}

/** A result in the making: all of it appears, or nothing. */
export interface Output {
  write(bytes: Uint8Array): Promise<void>;
  /** Gives it its name, or to stdout. */
  commit(): Promise<void>;
  /** Removes it. */
  discard(): Promise<void>;
}

/** Where the result goes. */
export interface Target {
  /** Absolute; `undefined` for stdout. */
  readonly path: string | undefined;
  /** Writes a small result at once. */
  write(bytes: Uint8Array): Promise<void>;
  /** Begins a result of any size. */
  open(): Promise<Output>;
}

export interface TargetOptions {
  /** `--out`: a file, `-` for stdout; left out, stdout too, but never binary on a terminal. */
  readonly out?: string | undefined;
  readonly force?: boolean | undefined;
  /** What is written is text. @default false */
  readonly isText?: boolean | undefined;
}

/**
 * Checks where the result goes, without touching it.
 *
 * @throws TopazError `E_BINARY_TO_TERMINAL`, `E_FILE_EXISTS`, `E_FILE_NOT_FOUND` for a folder that is not
 *   there, `E_USAGE` when stdout is wanted twice.
 */
export async function openTarget(
  run: Run,
  { out, force = false, isText = false }: TargetOptions,
): Promise<Target> {
  const registry = pendingRegistry(run.paths);
  if (out === undefined || out === '-') {
    checkStdout(run, out === undefined && !isText);
    const write = (bytes: Uint8Array): Promise<void> => run.ctx.io.outBytes(bytes);
    return {
      path: undefined,
      write,
      open: () => Promise.resolve(new HeldBack(registry, write)),
    };
  }
  const path = resolve(run.ctx.cwd, out);
  await checkFile(path, out, force);
  return {
    path,
    write: async (bytes) => {
      await writeFileAtomic(path, bytes, { overwrite: force });
    },
    open: async () => {
      const file = await PendingFile.create(path, registry);
      return {
        write: (bytes) => file.write(bytes),
        commit: () => file.commit({ overwrite: force }),
        discard: () => file.discard(),
      };
    },
  };
}

/** A result for stdout: in memory, and in a registered file once it is large. */
class HeldBack implements Output {
  readonly #registry: string;
  readonly #out: (bytes: Uint8Array) => Promise<void>;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #file: PendingFile | undefined;

  constructor(registry: string, out: (bytes: Uint8Array) => Promise<void>) {
    this.#registry = registry;
    this.#out = out;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#file !== undefined) {
      await this.#file.write(bytes);
      return;
    }
    this.#chunks.push(Uint8Array.from(bytes));
    this.#size += bytes.length;
    if (this.#size > MEMORY_BYTES) {
      this.#file = await PendingFile.create(join(this.#registry, 'stdout'), this.#registry);
      for (const chunk of this.#chunks) {
        await this.#file.write(chunk);
        chunk.fill(0);
      }
      this.#chunks = [];
    }
  }

  async commit(): Promise<void> {
    if (this.#file === undefined) {
      await this.#out(Buffer.concat(this.#chunks));
      return;
    }
    await this.#file.handOut(async (content) => {
      for (let chunk = await content(); chunk !== undefined; chunk = await content()) {
        // A copy: whoever writes may still hold it when the next chunk is read.
        await this.#out(Uint8Array.from(chunk));
      }
    });
  }

  async discard(): Promise<void> {
    for (const chunk of this.#chunks) {
      chunk.fill(0);
    }
    await this.#file?.discard();
  }
}

function checkStdout({ ctx, settings }: Run, isBinary: boolean): void {
  if (settings.json) {
    throw new TopazError('E_USAGE', 'stdout holds the JSON document already', {
      hint: 'add --out FILE, or leave out --json',
    });
  }
  if (isBinary && ctx.io.tty.stdout) {
    throw new TopazError('E_BINARY_TO_TERMINAL', 'refusing to write binary to the terminal', {
      hint: '--out FILE, or force with --out -',
    });
  }
}

/** The same answers as the writing itself, before any work is done. */
async function checkFile(path: string, shown: string, force: boolean): Promise<void> {
  const [file, folder] = await Promise.all([look(path), look(dirname(path))]);
  if (folder !== 'folder') {
    throw diskError(Object.assign(new Error('no folder'), { code: 'ENOENT' }), shown);
  }
  if (file === 'folder') {
    throw new TopazError('E_FILE_EXISTS', `${shown} is a folder`, { hint: 'name a file' });
  }
  if (file === 'file' && !force) {
    throw diskError(Object.assign(new Error('exists'), { code: 'EEXIST' }), shown);
  }
}

const look = (path: string): Promise<'file' | 'folder' | undefined> =>
  stat(path).then(
    (found) => (found.isDirectory() ? 'folder' : 'file'),
    () => undefined,
  );
