/**
 * Which files of a home go into a backup. Links are not followed and not kept; nor is what can be made again or
 * must not outlive this machine: sessions, the record of the agent, locks, temporary files, the index of the mirror,
 * the sandbox's own data.
 *
 * @module
 */

import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

import { systemCode, TopazError } from '../errors.js';
import { ROOT_NAMES } from './archive.js';
import type { RootName, SourceFile } from './archive.js';
import { isEntryName } from './entry-name.js';

export type Roots = Readonly<Record<RootName, string>>;

export interface Found {
  /** Entry names, in order: what a log is held against stands before the log. */
  readonly names: readonly string[];
  /** Links, devices and names that no other system could hold. */
  readonly skipped: readonly string[];
  /** Folders with a mirror in them, to be locked while they are read. */
  readonly mirrors: readonly string[];
}

const LEFT_OUT: readonly RegExp[] = [
  /(^|\/)(\.?lock|[^/]*\.lock|[^/]*\.takeover)$/,
  /(^|\/)\.[^/]*\.tmp$/,
  /(^|\/)tmp\//,
  /(^|\/)index\.sqlite[^/]*$/,
  /^state\/pending\//,
  /^state\/[^/]+\/(session-[^/]*\.json|agent[^/]*)$/,
  /^data\/sandbox\/data\//,
];

const isLeftOut = (name: string): boolean => LEFT_OUT.some((pattern) => pattern.test(name));

/** Walks the three folders. */
export async function findFiles(roots: Roots): Promise<Found> {
  const names: string[] = [];
  const skipped: string[] = [];
  const mirrors: string[] = [];
  const others = Object.values(roots);

  const walk = async (root: RootName, folder: string): Promise<void> => {
    for (const entry of await entriesOf(folder)) {
      const path = join(folder, entry.name);
      const name = entryName(root, roots[root], path);
      if (entry.isDirectory()) {
        // On Windows one of the three may lie in another.
        if (!others.includes(path) && !isLeftOut(`${name}/`)) {
          if (entry.name === 'messages') {
            mirrors.push(folder);
          }
          await walk(root, path);
        }
      } else if (!isLeftOut(name)) {
        (entry.isFile() && isEntryName(name) ? names : skipped).push(name);
      }
    }
  };
  for (const root of ROOT_NAMES) {
    await walk(root, roots[root]);
  }
  return { names, skipped, mirrors };
}

const entryName = (root: RootName, folder: string, path: string): string =>
  [root, ...relative(folder, path).split(sep)].join('/');

/** Where an entry lies below the roots. */
export const pathOfEntry = (roots: Roots, name: string): string => {
  const [root, ...parts] = name.split('/');
  return join(roots[rootOf(root)], ...parts);
};

const rootOf = (text: string | undefined): RootName =>
  ROOT_NAMES.find((root) => root === text) ?? 'data';

async function entriesOf(folder: string) {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return [];
    }
    throw unreadable(folder, error);
  }
}

/**
 * Opens each file without following a link and gives it with the size of now; what was added behind that while
 * it is read is left. A file that went away meanwhile is left out.
 *
 * @throws TopazError `E_READ_ONLY` for one that cannot be read: a backup with holes is none.
 */
export async function* openFiles(
  roots: Roots,
  names: readonly string[],
  signal: AbortSignal | undefined,
): AsyncGenerator<SourceFile> {
  for (const name of names) {
    signal?.throwIfAborted();
    const path = pathOfEntry(roots, name);
    let file;
    try {
      file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') {
        continue;
      }
      throw unreadable(path, error);
    }
    try {
      const { size } = await file.stat();
      yield { name, size, content: () => readPart(file, size) };
    } finally {
      await file.close();
    }
  }
}

const PIECE = 64 * 1024;

async function* readPart(file: FileHandle, size: number): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < size;) {
    const bytes = Buffer.alloc(Math.min(PIECE, size - done));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, done);
    if (bytesRead === 0) {
      return;
    }
    done += bytesRead;
    yield bytes.subarray(0, bytesRead);
  }
}

const unreadable = (path: string, cause: unknown): unknown =>
  systemCode(cause) === undefined
    ? cause
    : new TopazError('E_READ_ONLY', `${path} cannot be read`, {
        facts: [systemCode(cause) ?? ''],
        hint: 'check the permissions of the file and its folder',
        cause,
      });
