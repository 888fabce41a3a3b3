/**
 * Folders that appear whole: filled under a name of their own, then renamed to their goal by the caller.
 *
 * @module
 */

import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { diskError, syncFolder } from '../disk/atomic.js';
import { systemCode } from '../errors.js';

/** Names that `writeFileAtomic` gives until it renames. */
const TEMPORARY = /^\..+\.[0-9a-f]{12}\.tmp$/;

/**
 * Makes a folder with these files.
 *
 * @param options.durable Whether all of it is on the disk before this returns. @default true
 * @throws TopazError `E_DISK_FULL`, `E_READ_ONLY`.
 */
export async function stage(
  folder: string,
  files: Readonly<Record<string, Uint8Array | string>>,
  { durable = true }: { readonly durable?: boolean } = {},
): Promise<string> {
  try {
    await mkdir(folder, { mode: 0o700 });
    for (const [name, content] of Object.entries(files)) {
      const file = await open(join(folder, name), 'wx', 0o600);
      try {
        await file.writeFile(content);
        if (durable) {
          await file.sync();
        }
      } finally {
        await file.close();
      }
    }
    if (durable) {
      await syncFolder(folder);
    }
  } catch (error) {
    throw diskError(error, folder);
  }
  return folder;
}

/** Whether a rename failed because something stands at its goal already. */
export const isThere = (error: unknown): boolean =>
  ['EEXIST', 'ENOTEMPTY', 'EPERM'].includes(systemCode(error) ?? '');

/** Renames what may not exist. */
export async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') {
      throw error;
    }
  }
}

/** Names in a folder, in a fixed order; none when it does not exist. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return [];
    }
    throw error;
  }
}

/** Removes what an interrupted `writeFileAtomic` left in a folder. */
export async function removeTemporary(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (TEMPORARY.test(name)) {
      await rm(join(folder, name), { force: true });
    }
  }
}
