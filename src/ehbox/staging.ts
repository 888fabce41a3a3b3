/**
 * Folders that appear whole: filled under a name of their own, then renamed to their goal by the caller.
 *
 * @module
 */

import { randomBytes } from 'node:crypto';
import { closeSync, fsync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { diskError } from '../disk/atomic.js';
import { systemCode } from '../errors.js';

const force = promisify(fsync);
/** Files that are forced to the disk together. */
const TOGETHER = 8;

/** Names that `writeFileAtomic` gives until it renames. */
const TEMPORARY = /^\..+\.[0-9a-f]{12}\.tmp$/;

/**
 * Makes a folder with these files. Its own entries are durable once the folder is forced to the disk where it
 * was renamed to.
 *
 * @param options.durable Whether the contents are on the disk before this returns. @default true
 * @throws TopazError `E_DISK_FULL`, `E_READ_ONLY`.
 */
export async function stage(
  folder: string,
  files: Readonly<Record<string, Uint8Array | string>>,
  { durable = true }: { readonly durable?: boolean } = {},
): Promise<string> {
  const open: number[] = [];
  const settle = async (): Promise<void> => {
    try {
      await Promise.all(durable ? open.map((file) => force(file)) : []);
    } finally {
      open.splice(0).forEach(closeSync);
    }
  };
  try {
    mkdirSync(folder, { mode: 0o700 });
    for (const [name, content] of Object.entries(files)) {
      const file = openSync(join(folder, name), 'wx', 0o600);
      open.push(file);
      writeFileSync(file, content);
      if (open.length >= TOGETHER) {
        await settle();
      }
    }
  } catch (error) {
    open.splice(0).forEach(closeSync);
    throw diskError(error, folder);
  }
  try {
    await settle();
  } catch (error) {
    throw diskError(error, folder);
  }
  return folder;
}

/**
 * Replaces a small file whole. The name is durable once its folder is forced to the disk.
 *
 * @param options.durable As in {@link stage}.
 * @throws TopazError `E_DISK_FULL`, `E_READ_ONLY`.
 */
export async function replaceFile(
  path: string,
  content: string,
  { durable = true }: { readonly durable?: boolean } = {},
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = openSync(temporary, 'wx', 0o600);
    try {
      writeFileSync(file, content);
      if (durable) {
        await force(file);
      }
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw diskError(error, path);
  }
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
