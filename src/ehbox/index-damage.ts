/**
 * What SQLite says when its file is not as it should be, and the way out: the index is derived, and made again.
 *
 * @module
 */

import { rm } from 'node:fs/promises';

/** Deletes the index; the next list makes it again. */
export async function removeIndex(path: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm', '-journal']) {
    await rm(`${path}${suffix}`, { force: true });
  }
}

/** The code of an error of SQLite, `SQLITE_BUSY` …; '' for any other. It may come from another realm. */
export const sqliteCode = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? (/^SQLITE_\w+$/.exec(error.code)?.[0] ?? '')
    : '';

/** Damaged, or no database at all. */
export const isDamage = (error: unknown): boolean =>
  /^SQLITE_(?:CORRUPT|NOTADB|FORMAT|ERROR|SCHEMA)/.test(sqliteCode(error));
