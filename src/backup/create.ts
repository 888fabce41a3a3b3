/**
 * Makes a backup in several places at once, and reads each back before it counts.
 *
 * @module
 */

import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { AtomicFile } from '../disk/atomic-file.js';
import { acquireLock } from '../disk/lock.js';
import type { Lock, LockOptions } from '../disk/lock.js';
import { writeArchive } from './archive.js';
import type { ArchiveTotals } from './archive.js';
import { findFiles, openFiles } from './collect.js';
import type { Roots } from './collect.js';
import { encryptBackup } from './envelope.js';
import type { BackupKeys } from './envelope.js';
import { backupInvalid } from './invalid.js';
import { checkBackup } from './read.js';

export interface CreateBackup {
  readonly roots: Roots;
  /** Absolute paths of the copies. */
  readonly places: readonly string[];
  readonly overwrite: boolean;
  readonly keys: BackupKeys;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly lock: LockOptions;
}

export interface CreatedBackup extends ArchiveTotals {
  readonly sizeBytes: number;
  /** SHA-256 of the file, hex. */
  readonly sha256: string;
  /** Entry names that were not taken. */
  readonly skipped: readonly string[];
}

/**
 * Makes the backup.
 *
 * @throws TopazError `E_LOCKED` while another command changes what is read, `E_FILE_EXISTS`, `E_DISK_FULL`,
 *   `E_READ_ONLY`, `E_FILE_NOT_FOUND`; `E_BACKUP_INVALID` for a copy that does not read back.
 */
export async function createBackup(options: CreateBackup): Promise<CreatedBackup> {
  const { roots, lock } = options;
  const locks = await takeLocks(roots, lock);
  try {
    return await write(options);
  } finally {
    for (const held of locks) {
      await held.release();
    }
  }
}

async function write(options: CreateBackup): Promise<CreatedBackup> {
  const { roots, places, overwrite, keys, createdAt, lock } = options;
  const found = await findFiles(roots);
  let totals: ArchiveTotals = { files: 0, bytes: 0 };
  const archive = writeArchive(
    { schema: 'topaz.backup/1', createdAt, roots },
    openFiles(roots, found.names, lock.signal),
    (counted) => {
      totals = counted;
    },
  );
  const copies: AtomicFile[] = [];
  const digest = createHash('sha256');
  let sizeBytes = 0;
  try {
    for (const place of places) {
      copies.push(await AtomicFile.begin(place, { overwrite }));
    }
    for await (const bytes of encryptBackup(keys, archive)) {
      digest.update(bytes);
      sizeBytes += bytes.length;
      for (const copy of copies) {
        await copy.write(bytes);
      }
    }
  } catch (error) {
    for (const copy of copies) {
      await copy.abandon();
    }
    throw error;
  }
  for (const copy of copies) {
    await copy.commit();
  }
  const sha256 = digest.digest('hex');
  for (const place of places) {
    const read = await checkBackup(place, keys);
    if (read.sha256 !== sha256 || read.totals.files !== totals.files) {
      throw backupInvalid(`${place} does not read back as it was written`);
    }
  }
  return { ...totals, sizeBytes, sha256, skipped: found.skipped };
}

/**
 * Every lock under which files of a home change: profiles, requests and keystores, sessions, mirrors, lists of
 * patients. The log needs none: its head is read before it.
 */
async function takeLocks(roots: Roots, options: LockOptions): Promise<readonly Lock[]> {
  const { mirrors } = await findFiles(roots);
  const profiles = await namesIn(join(roots.config, 'profiles'));
  const states = await namesIn(roots.state);
  const places = [
    ...profiles.filter((name) => name.endsWith('.json')).map((name) => join(roots.config, 'profiles', `${name}.lock`)),
    ...states.map((name) => join(roots.state, name, 'session.lock')),
    ...states.map((name) => join(roots.state, name, 'requests', 'lock')),
    ...states.map((name) => join(roots.state, name, 'insurability', '.lock')),
    ...mirrors.map((folder) => join(folder, 'lock')),
  ]; // prettier-ignore
  const held: Lock[] = [];
  try {
    for (const place of places.toSorted()) {
      if (await isFolder(dirname(place))) {
        held.push(await acquireLock(place, options));
      }
    }
    return held;
  } catch (error) {
    for (const lock of held) {
      await lock.release();
    }
    throw error;
  }
}

const namesIn = (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => []);

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then((found) => found.isDirectory()).catch(() => false); // prettier-ignore
