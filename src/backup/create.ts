/**
 * Makes a backup in several places at once, and reads each back before it counts.
 *
 * @module
 */

import { createHash } from 'node:crypto';

import { AtomicFile } from '../disk/atomic-file.js';
import type { LockOptions } from '../disk/lock.js';
import { lockHome } from '../profile/home-locks.js';
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
  // The log needs no lock: its head is read before it.
  const locks = await lockHome(roots, (await findFiles(roots)).mirrors, lock);
  try {
    return await write(options);
  } finally {
    await locks.release();
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
    const sha256 = digest.digest('hex');
    // All are read back before one takes its name: a copy that it replaces may be the only good one.
    for (const [index, copy] of copies.entries()) {
      const read = await checkBackup(await copy.settle(), keys);
      if (read.sha256 !== sha256 || read.totals.files !== totals.files) {
        throw backupInvalid(`${places[index] ?? ''} does not read back as it was written`);
      }
    }
    for (const copy of copies) {
      await copy.commit();
    }
    return { ...totals, sizeBytes, sha256, skipped: found.skipped };
  } catch (error) {
    // One that has its name already is good, and stays.
    for (const copy of copies) {
      await copy.abandon();
    }
    throw error;
  }
}
