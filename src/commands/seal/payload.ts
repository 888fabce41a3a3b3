/**
 * What goes into a filter and where it comes out: a file or stdin, a file or stdout. Everything that can be
 * refused is refused before a password is asked, and a file is written whole or not at all.
 *
 * @module
 */

import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import type { Run } from '../../cli/run.js';
import { diskError, writeFileAtomic } from '../../disk/atomic.js';
import { systemCode, TopazError } from '../../errors.js';

/** Messages are held in memory several times. */
export const MAX_BYTES = 256 * 1024 * 1024;

/**
 * Reads a file, or stdin for `-` or nothing.
 *
 * @throws TopazError `E_FILE_NOT_FOUND`, `E_USAGE` when there is nothing to read or too much.
 */
export async function readPayload(run: Run, file: string | undefined): Promise<Uint8Array> {
  if (file === undefined || file === '-') {
    if (file === undefined && run.ctx.io.tty.stdin) {
      throw new TopazError('E_USAGE', 'there is nothing to read', {
        hint: 'name a file, or pipe the content in',
      });
    }
    return checkSize(await run.ctx.io.readStdin());
  }
  return readSmallFile(run, file);
}

/** @throws TopazError `E_FILE_NOT_FOUND`, `E_USAGE` for a file that is too large. */
export async function readSmallFile(run: Run, file: string): Promise<Uint8Array> {
  const path = resolve(run.ctx.cwd, file);
  try {
    const { size } = await stat(path);
    return size > MAX_BYTES ? tooLarge() : checkSize(await readFile(path));
  } catch (error) {
    throw fileError(error, file);
  }
}

const checkSize = (bytes: Uint8Array): Uint8Array =>
  bytes.length > MAX_BYTES ? tooLarge() : bytes;

function tooLarge(): never {
  throw new TopazError('E_USAGE', 'this is larger than 256 MiB', {
    hint: 'send it in parts',
  });
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

/** Where the result goes. */
export interface Target {
  /** Absolute; `undefined` for stdout. */
  readonly path: string | undefined;
  write(bytes: Uint8Array): Promise<void>;
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
  if (out === undefined || out === '-') {
    checkStdout(run, out === undefined && !isText);
    return { path: undefined, write: (bytes) => run.ctx.io.outBytes(bytes) };
  }
  const path = resolve(run.ctx.cwd, out);
  await checkFile(path, out, force);
  return {
    path,
    write: async (bytes) => {
      await writeFileAtomic(path, bytes, { overwrite: force });
    },
  };
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
