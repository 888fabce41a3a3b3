/**
 * When the last backup of this home was made: one small file, for `topaz today`.
 *
 * @module
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Paths } from '../../profile/paths.js';

const SCHEMA = 'topaz.backup.last/1';

const fileOf = ({ state }: Paths): string => join(state, 'last-backup.json');

/** Writes the moment down. The backup itself is made by then: that this fails is no failure of it. */
export async function rememberBackup(paths: Paths, createdAt: string): Promise<void> {
  const { makePrivateFolder, writeFileAtomic } = await import('../../disk/atomic.js');
  try {
    await makePrivateFolder(paths.state);
    await writeFileAtomic(fileOf(paths), `${JSON.stringify({ schema: SCHEMA, createdAt })}\n`);
  } catch {
    // `topaz today` goes on naming the one before.
  }
}

/** The moment of the last backup; `undefined` where none was made here. */
export async function lastBackup(paths: Paths): Promise<Date | undefined> {
  try {
    const document: unknown = JSON.parse(await readFile(fileOf(paths), 'utf8'));
    const value: unknown =
      typeof document === 'object' && document !== null
        ? Reflect.get(document, 'createdAt')
        : undefined;
    const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
    return Number.isNaN(time) ? undefined : new Date(time);
  } catch {
    return undefined;
  }
}
