/**
 * The copies of one environment, looked at together: which are still used, which can go. Nothing but copies
 * is ever removed: keys live in keystores, and a token can be fetched again.
 *
 * @module
 */

import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';

import { diskError } from '../disk/atomic.js';
import { systemCode } from '../errors.js';
import { isFresh, readCopy } from './cache.js';
import type { StoredCopy } from './cache.js';

/**
 * `current`: used at the next sealing. `stale`: older than an hour, so fetched again. `expired`: its
 * certificate has ended. `superseded`: there is a copy of a newer token of that holder and application, or the
 * profile asks another depot by now. `damaged`: not readable, so not used; the next fetch replaces it.
 */
export type CopyState = 'current' | 'stale' | 'expired' | 'superseded' | 'damaged';

export interface EtkCopy {
  /** Name of the file: `SSIN=79021599732.json`. */
  readonly file: string;
  readonly path: string;
  readonly state: CopyState;
  /** Absent for a damaged one. */
  readonly copy?: StoredCopy;
}

export interface CopyOptions {
  readonly now: Date;
  /** Of the depot that the profile asks; without it, copies of any are current. */
  readonly url?: string | undefined;
}

const NAME = /^[A-Z][A-Z0-9_-]*=[0-9]+(?: [0-9A-Za-z_-]*)?\.json$/;

/**
 * The copies in a folder, by file name.
 *
 * @throws TopazError `E_READ_ONLY` and the like when the folder cannot be read; a folder that is not there
 *   holds none.
 */
export async function listCopies(
  folder: string,
  options: CopyOptions,
): Promise<readonly EtkCopy[]> {
  const files = (await filesIn(folder)).filter((name) => NAME.test(name)).toSorted();
  const read = await Promise.all(
    files.map(async (file) => {
      const path = join(folder, file);
      return { file, path, copy: await readCopy(path) };
    }),
  );
  const copies = read.flatMap(({ copy }) => (copy === undefined ? [] : [copy]));
  return read.map(({ file, path, copy }) =>
    copy === undefined
      ? { file, path, state: 'damaged' }
      : { file, path, state: stateOf(copy, copies, options), copy },
  );
}

/** Whether a copy is of no use any more and may be removed. */
export const isPrunable = ({ state }: EtkCopy): boolean =>
  state === 'stale' || state === 'expired' || state === 'superseded';

/** Removes copies; one that is gone already is no failure. @throws TopazError `E_READ_ONLY`. */
export async function removeCopies(copies: readonly EtkCopy[]): Promise<void> {
  for (const { path } of copies) {
    await unlink(path).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') {
        throw diskError(error, path);
      }
    });
  }
}

async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return [];
    }
    throw diskError(error, folder);
  }
}

function stateOf(
  copy: StoredCopy,
  all: readonly StoredCopy[],
  { now, url }: CopyOptions,
): CopyState {
  if (now > copy.etk.certificate.notAfter || now > copy.etk.authentication.notAfter) {
    return 'expired';
  }
  if ((url !== undefined && copy.url !== url) || all.some((other) => supersedes(other, copy))) {
    return 'superseded';
  }
  return isFresh(copy, now) ? 'current' : 'stale';
}

/** A newer token of the same holder and application from the same depot. */
function supersedes(newer: StoredCopy, older: StoredCopy): boolean {
  const [one, other] = [newer.etk.holder, older.etk.holder];
  return (
    newer.url === older.url &&
    one.identifier.type === other.identifier.type &&
    one.identifier.id === other.identifier.id &&
    one.applicationId === other.applicationId &&
    newer.etk.certificate.serial !== older.etk.certificate.serial &&
    newer.etk.certificate.notBefore > older.etk.certificate.notBefore
  );
}
