/**
 * Files that matter are written whole: a temporary name in the same folder, mode 0600, fsync, rename,
 * fsync of the folder. A crash leaves the old file or the new one, never a part of it.
 *
 * @module
 */

import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { systemCode, TopazError } from '../errors.js';

export interface AtomicWriteOptions {
  /** Permission bits of the new file. @default 0o600 */
  mode?: number;
  /** `false` refuses an existing file with `E_FILE_EXISTS`, without a race. @default true */
  overwrite?: boolean;
}

/**
 * Writes a file whole or not at all.
 *
 * @throws TopazError `E_FILE_EXISTS` (with `overwrite: false`), `E_DISK_FULL`, `E_READ_ONLY`.
 */
export async function writeFileAtomic(
  path: string,
  bytes: Uint8Array | string,
  { mode = 0o600, overwrite = true }: AtomicWriteOptions = {},
): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    if (overwrite) {
      await rename(temporary, path);
    } else {
      // link() fails when the name exists, rename() would replace it silently.
      await link(temporary, path);
      await unlink(temporary);
    }
    await syncFolder(folder);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw diskError(error, path);
  }
}

/** Makes the directory entry itself durable. Windows cannot; the error is ignored there. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (process.platform !== 'win32') {
      throw error;
    }
  }
}

/** Makes a folder (and its parents) readable by its owner only. */
export async function makePrivateFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw diskError(error, path);
  }
}

/** Gives errors of the file system their meaning; others pass through unchanged. */
export function diskError(error: unknown, path: string): unknown {
  switch (systemCode(error)) {
    case 'EEXIST':
      return new TopazError('E_FILE_EXISTS', `${path} exists already`, {
        hint: 'choose another name, or add --force',
        cause: error,
      });
    case 'ENOSPC':
    case 'EDQUOT':
      return new TopazError('E_DISK_FULL', `no space left for ${path}`, {
        hint: 'free some space and run the same command again',
        cause: error,
      });
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new TopazError('E_READ_ONLY', `cannot write ${path}`, {
        hint: 'check the permissions of the folder',
        cause: error,
      });
    case 'ENOENT':
    case 'ENOTDIR':
      return new TopazError('E_FILE_NOT_FOUND', `the folder of ${path} does not exist`, {
        hint: 'make the folder, or choose another --out',
        cause: error,
      });
    default:
      return error;
  }
}
