/**
 * Puts a new file in the place of an old one, once the new one has proved readable; keeps dated copies.
 *
 * @module
 */

import { randomBytes } from 'node:crypto';
import { link, readFile, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { diskError, makePrivateFolder, syncFolder, writeFileAtomic } from '../disk/atomic.js';
import { systemCode, TopazError } from '../errors.js';
import { localStamp } from './file-name.js';

/** Where the copy of a file that is replaced goes, and the date in its name. */
export interface Backup {
  readonly folder: string;
  readonly now: Date;
}

export interface ReplaceOptions {
  /** Reads the new file from the disk and throws when it is not what it should be. */
  readonly check: (written: Uint8Array) => Promise<void>;
  readonly overwrite: boolean;
  readonly backup?: Backup | undefined;
}

/**
 * Writes beside the old file, checks what the disk gives back, and only then replaces; mode 0600.
 *
 * @throws TopazError `E_FILE_EXISTS`, `E_DISK_FULL`, `E_READ_ONLY`, `E_FILE_NOT_FOUND` (no such folder), and
 *   what `check` throws. The old file is then untouched.
 */
export async function replaceFile(
  path: string,
  bytes: Uint8Array,
  { check, overwrite, backup }: ReplaceOptions,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.new`);
  try {
    await writeFileAtomic(temporary, bytes);
    await check(await readFile(temporary));
    if (overwrite) {
      if (backup !== undefined) {
        await keepCopy(path, backup);
      }
      await rename(temporary, path);
    } else {
      // link() fails when the name exists, rename() would replace it silently.
      await link(temporary, path);
    }
    await syncFolder(dirname(path));
  } catch (error) {
    throw diskError(error, path);
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

/**
 * Copies a file into a folder of dated copies: `<name> <date>.p12`. Nothing happens when there is no such
 * file, or when the same copy is there already.
 *
 * @returns The copy's path.
 */
export async function keepCopy(path: string, { folder, now }: Backup): Promise<string | undefined> {
  let bytes;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
  await makePrivateFolder(folder);
  const stem = `${basename(path, '.p12')} ${localStamp(now)}`;
  for (let count = 1; ; count += 1) {
    const copy = join(folder, `${count === 1 ? stem : `${stem}-${count}`}.p12`);
    try {
      await writeFileAtomic(copy, bytes, { overwrite: false });
      return copy;
    } catch (error) {
      if (!(error instanceof TopazError && error.code === 'E_FILE_EXISTS')) {
        throw error;
      }
      if (Buffer.compare(await readFile(copy), bytes) === 0) {
        return copy;
      }
    }
  }
}
