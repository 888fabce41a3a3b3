/**
 * Puts a backup into an empty home: everything is written beside its place first, and takes its name when the last
 * byte was checked. Nothing that is there is overwritten.
 *
 * @module
 */

import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

import { diskError, makePrivateFolder, syncFolder } from '../disk/atomic.js';
import { systemCode, TopazError } from '../errors.js';
import { ROOT_NAMES } from './archive.js';
import type { ArchivedFile } from './archive.js';
import { pathOfEntry } from './collect.js';
import type { Roots } from './collect.js';
import type { BackupKeys } from './envelope.js';
import { backupInvalid } from './invalid.js';
import { readBackup } from './read.js';
import type { ReadBackup } from './read.js';
import { relocate, mayHoldPaths } from './relocate.js';

/** A record with paths in it is small. */
const MAX_RECORD = 1024 * 1024;

/**
 * Refuses a home that is not empty.
 *
 * @throws TopazError `E_FILE_EXISTS`.
 */
export async function requireEmpty(roots: Roots): Promise<void> {
  for (const name of ROOT_NAMES) {
    const folder = roots[name];
    if ((await entriesOf(folder)).some((entry) => !isRoot(roots, join(folder, entry)))) {
      throw new TopazError('E_FILE_EXISTS', `${folder} is not empty`, {
        facts: ['a backup is restored into an empty home, and overwrites nothing'],
        hint: 'set TOPAZ_HOME to a new folder, or move the present one away',
      });
    }
  }
}

export interface RestoreOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told about each file. */
  readonly visit?: (name: string, size: number) => void;
}

/**
 * Restores a backup.
 *
 * @throws TopazError `E_FILE_EXISTS`, `E_BACKUP_INVALID`, `E_DISK_FULL`, `E_READ_ONLY`: then nothing is there.
 */
export async function restoreBackup(
  path: string,
  keys: BackupKeys,
  roots: Roots,
  { signal, visit }: RestoreOptions = {},
): Promise<ReadBackup> {
  await requireEmpty(roots);
  const staged = stagingOf(roots);
  const folders = new Set<string>();
  try {
    let former: Roots = roots;
    const read = await readBackup(
      path,
      keys,
      {
        manifest: (manifest) => {
          former = manifest.roots;
        },
        file: async (file, content) => {
          await writeFile(file, content, {
            roots: staged,
            folders,
            change: (text) => relocate(text, former, roots),
          });
          visit?.(file.name, file.size);
        },
      },
      signal,
    );
    for (const folder of folders) {
      await syncFolder(folder);
    }
    await place(roots, staged);
    return read;
  } finally {
    for (const folder of outermost(roots).map((root) => staged[root])) {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

type RootName = keyof Roots;

/** Roots that lie in no other: on Windows the state lies in the data. */
const outermost = (roots: Roots): readonly RootName[] =>
  ROOT_NAMES.filter((name) => ROOT_NAMES.every((other) => !isWithin(roots[name], roots[other])));

const isWithin = (folder: string, other: string): boolean => {
  const way = relative(other, folder);
  return way !== '' && !way.startsWith('..') && way !== folder;
};

const isRoot = (roots: Roots, path: string): boolean =>
  ROOT_NAMES.some((name) => roots[name] === path);

/** A folder beside each root; one within another is within that one's. */
function stagingOf(roots: Roots): Roots {
  const ending = `.restoring-${randomBytes(6).toString('hex')}`;
  const stage = (name: RootName): string => {
    const parent = outermost(roots).find((other) => isWithin(roots[name], roots[other]));
    return parent === undefined
      ? `${roots[name]}${ending}`
      : join(`${roots[parent]}${ending}`, relative(roots[parent], roots[name]));
  };
  return { config: stage('config'), data: stage('data'), state: stage('state') };
}

async function place(roots: Roots, staged: Roots): Promise<void> {
  // Once more: somebody may have begun to work meanwhile.
  await requireEmpty(roots);
  const placed: RootName[] = [];
  try {
    for (const name of outermost(roots)) {
      if ((await entriesOf(staged[name])).length > 0) {
        await removeEmpty(roots[name]);
        await rename(staged[name], roots[name]);
        placed.push(name);
        await syncFolder(dirname(roots[name]));
      }
    }
  } catch (error) {
    for (const name of placed) {
      await rename(roots[name], staged[name]).catch(() => undefined);
    }
    throw placeError(error, roots);
  }
}

function placeError(error: unknown, roots: Roots): unknown {
  switch (systemCode(error)) {
    case 'ENOTEMPTY':
    case 'EEXIST':
      return new TopazError('E_FILE_EXISTS', 'another command wrote into this home meanwhile', {
        facts: ['nothing was restored'],
        hint: 'set TOPAZ_HOME to a new folder, and run the same command again',
        cause: error,
      });
    case 'EBUSY':
    case 'EXDEV':
      return new TopazError('E_READ_ONLY', 'a folder of this home is a disk of its own', {
        facts: ['nothing was restored'],
        hint: 'set TOPAZ_HOME to a folder on that disk',
        cause: error,
      });
    default:
      return diskError(error, roots.data);
  }
}

/** Empty folders in the way, roots within them included. */
async function removeEmpty(folder: string): Promise<void> {
  for (const name of await entriesOf(folder)) {
    await removeEmpty(join(folder, name));
  }
  await rmdir(folder).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') {
      throw error;
    }
  });
}

interface Writing {
  readonly roots: Roots;
  /** Folders that got something. */
  readonly folders: Set<string>;
  /** For records that hold paths of the former home. */
  readonly change: (text: string) => string;
}

async function writeFile(
  { name, size }: ArchivedFile,
  content: AsyncIterable<Buffer>,
  { roots, folders, change }: Writing,
): Promise<void> {
  const path = pathOfEntry(roots, name);
  await makePrivateFolder(dirname(path));
  const { length } = roots[name.slice(0, name.indexOf('/')) as RootName];
  for (let folder = dirname(path); folder.length >= length; folder = dirname(folder)) {
    folders.add(folder);
  }
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      if (mayHoldPaths(name) && size <= MAX_RECORD) {
        const pieces: Buffer[] = [];
        for await (const piece of content) {
          pieces.push(piece);
        }
        await file.writeFile(change(Buffer.concat(pieces).toString('utf8')));
      } else {
        for await (const piece of content) {
          await file.writeFile(piece);
        }
      }
      await file.datasync();
    } finally {
      await file.close();
    }
  } catch (error) {
    // Two names that this disk cannot tell apart.
    throw systemCode(error) === 'EEXIST' ? backupInvalid('two files in it have one name here') : diskError(error, path); // prettier-ignore
  }
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return [];
    }
    throw systemCode(error) === 'ENOTDIR'
      ? new TopazError('E_FILE_EXISTS', `${folder} is a file`, {
          hint: 'set TOPAZ_HOME to a new folder',
        })
      : diskError(error, folder);
  }
}
