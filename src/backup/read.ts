/**
 * Reads a backup: opens its header, checks every chunk, and hands the files of the archive on.
 *
 * @module
 */

import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

import { systemCode, TopazError } from '../errors.js';
import { readArchive } from './archive.js';
import type { ArchiveTotals, ArchiveVisitor, Manifest } from './archive.js';
import { decryptBackup, HEADER_LENGTH, openBackupKeys } from './envelope.js';
import type { BackupKeys } from './envelope.js';
import { backupInvalid } from './invalid.js';

export interface ReadBackup {
  readonly manifest: Manifest;
  readonly totals: ArchiveTotals;
  readonly sizeBytes: number;
  /** SHA-256 of the file, hex. */
  readonly sha256: string;
}

/**
 * The keys of a backup file.
 *
 * @throws TopazError `E_FILE_NOT_FOUND`, `E_BACKUP_INVALID`, `E_PASSPHRASE`.
 */
export async function keysOfBackup(path: string, passphrase: Uint8Array): Promise<BackupKeys> {
  const file = await openBackup(path);
  try {
    return await openBackupKeys(await readHeader(file), passphrase);
  } finally {
    await file.close();
  }
}

/**
 * Reads a backup from its first byte to its last.
 *
 * @throws TopazError `E_BACKUP_INVALID`, `E_FILE_NOT_FOUND`, and what the visitor throws.
 */
export async function readBackup(
  path: string,
  keys: BackupKeys,
  visitor: ArchiveVisitor,
  signal?: AbortSignal,
): Promise<ReadBackup> {
  const file = await openBackup(path);
  try {
    const header = await readHeader(file);
    if (!header.equals(keys.header)) {
      throw backupInvalid('its header is not the one that was opened');
    }
    const digest = createHash('sha256').update(header);
    let sizeBytes = header.length;
    async function* rest(): AsyncGenerator<Uint8Array> {
      for await (const piece of file.createReadStream({ start: HEADER_LENGTH, autoClose: false })) {
        signal?.throwIfAborted();
        const bytes = piece as Buffer;
        digest.update(bytes);
        sizeBytes += bytes.length;
        yield bytes;
      }
    }
    const { manifest, totals } = await readArchive(decryptBackup(keys, rest()), visitor);
    return { manifest, totals, sizeBytes, sha256: digest.digest('hex') };
  } finally {
    await file.close();
  }
}

/** Reads all of it, and keeps nothing. */
export const checkBackup = (
  path: string,
  keys: BackupKeys,
  visit?: (name: string, size: number) => void,
): Promise<ReadBackup> =>
  readBackup(path, keys, {
    file: async ({ name, size }, content) => {
      let read = 0;
      for await (const piece of content) {
        read += piece.length;
      }
      if (read === size) {
        visit?.(name, size);
      }
    },
  });

async function readHeader(file: FileHandle): Promise<Buffer> {
  const header = Buffer.alloc(HEADER_LENGTH);
  const { bytesRead } = await file.read(header, 0, HEADER_LENGTH, 0);
  return header.subarray(0, bytesRead);
}

async function openBackup(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY);
  } catch (error) {
    throw systemCode(error) === undefined
      ? error
      : new TopazError('E_FILE_NOT_FOUND', `${path} cannot be read`, {
          facts: [systemCode(error) ?? ''],
          hint: 'check the name of the backup',
          cause: error,
        });
  }
}
