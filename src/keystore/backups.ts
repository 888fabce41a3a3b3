/**
 * The dated copies of keystores: `<alias> <yyyyMMdd-HHmmss>.p12` in the folder `backups` beside them, made
 * before a keystore is replaced or removed (cli-ux §10).
 *
 * @module
 */

import { readFile, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { diskError, syncFolder } from '../disk/atomic.js';
import { TopazError } from '../errors.js';
import { keepCopy, replaceFile } from './replace-file.js';
import type { Backup } from './replace-file.js';
import { aliasOf, listKeystores, pathOfAlias } from './store.js';

export interface DatedCopy {
  /** The keystore that it is a copy of. */
  readonly alias: string;
  /** Local time of the copy as in its name, for example `20260301-091244`. */
  readonly date: string;
  readonly path: string;
  readonly sizeBytes: number;
}

/** Where the copies of a folder of keystores are. */
export const backupsOf = (folder: string): string => join(folder, 'backups');

const NAME = /^(.+) ([0-9]{8}-[0-9]{6}(?:-[0-9]+)?)$/;

/** The keystore that a dated copy is one of; `undefined` for a file that is none. */
export function originalOf(path: string): string | undefined {
  const folder = dirname(path);
  const [, alias] = basename(folder) === 'backups' ? (NAME.exec(aliasOf(path)) ?? []) : [];
  return alias === undefined ? undefined : pathOfAlias(dirname(folder), alias);
}

/** All copies, by alias, newest first; none where there is no folder. Other files are passed over. */
export async function listCopies(folder: string): Promise<readonly DatedCopy[]> {
  const stored = await listKeystores(folder);
  return stored
    .flatMap(({ alias: name, path, sizeBytes }): readonly DatedCopy[] => {
      const [, alias, date] = NAME.exec(name) ?? [];
      return alias === undefined || date === undefined ? [] : [{ alias, date, path, sizeBytes }];
    })
    .toSorted(
      (a, b) =>
        a.alias.localeCompare(b.alias, 'en') ||
        b.date.localeCompare(a.date, 'en', { numeric: true }),
    );
}

/**
 * The one copy that a date means.
 *
 * @param date As listed, its beginning when only one fits, or with dashes: `20260301-091244`, `2026-03-01`.
 * @throws TopazError `E_KEYSTORE_UNKNOWN` when none fits, `E_USAGE` when several do.
 */
export function chooseCopy(copies: readonly DatedCopy[], date: string): DatedCopy {
  const digits = (text: string): string => text.replace(/[^0-9]/g, '');
  const wanted = digits(date);
  const exact = copies.find((copy) => copy.date === date);
  const fitting =
    exact !== undefined
      ? [exact]
      : copies.filter((copy) => wanted.length >= 4 && digits(copy.date).startsWith(wanted));
  const [copy, ...others] = fitting;
  if (copy === undefined) {
    throw new TopazError('E_KEYSTORE_UNKNOWN', `no copy of ${date}`, {
      facts: copies.slice(0, 5).map((entry) => entry.date),
      hint: 'topaz keystore backups shows the dates',
    });
  }
  if (others.length > 0) {
    throw new TopazError('E_USAGE', `several copies fit ${date}`, {
      facts: fitting.slice(0, 5).map((entry) => entry.date),
      hint: 'give the whole date',
    });
  }
  return copy;
}

/**
 * Puts a copy in the place of a keystore, byte for byte, mode 0600; the keystore that is there is kept as a
 * copy first, and the copy stays too.
 *
 * @throws TopazError as `replaceFile`; `E_KEYSTORE_FORMAT` when the disk gives back something else.
 */
export async function restoreCopy(copy: DatedCopy, path: string, backup: Backup): Promise<void> {
  const bytes = await readFile(copy.path);
  await replaceFile(path, bytes, {
    overwrite: true,
    backup,
    check: (written) =>
      Buffer.compare(written, bytes) === 0
        ? Promise.resolve()
        : Promise.reject(differs('the keystore was not replaced; check the disk and try again')),
  });
}

/**
 * Takes a keystore away: it is kept as a dated copy, which is read back before the file goes.
 *
 * @returns The copy; `undefined` when the file was gone already.
 * @throws TopazError `E_DISK_FULL`, `E_READ_ONLY`, `E_KEYSTORE_FORMAT`; the keystore is then still there.
 */
export async function moveToBackups(path: string, backup: Backup): Promise<string | undefined> {
  try {
    const copy = await keepCopy(path, backup);
    if (copy === undefined) {
      return undefined;
    }
    if (Buffer.compare(await readFile(copy), await readFile(path)) !== 0) {
      throw differs('the keystore is still there; check the disk and try again');
    }
    await unlink(path);
    await syncFolder(dirname(path));
    return copy;
  } catch (error) {
    throw diskError(error, path);
  }
}

const differs = (hint: string): TopazError =>
  new TopazError('E_KEYSTORE_FORMAT', 'the copy differs from the file', { hint });
