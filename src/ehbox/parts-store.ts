/**
 * The unpacked parts of a message, `parts/`, and what `parts.json` says about them: made from the answer, and to be
 * made again at any time.
 *
 * @module
 */

import { existsSync, readFileSync, renameSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';

import { diskError, syncFolder } from '../disk/atomic.js';
import { systemCode } from '../errors.js';
import type { MirrorFiles } from './mirror-files.js';
import { formatRecord, readRecord } from './records.js';
import type { MessageKey, PartsRecord } from './records.js';
import { namesIn, renameIfThere, replaceFile } from './staging.js';

/** The parts that are being replaced. */
const FORMER_PARTS = 'parts.former';

export const readParts = (files: MirrorFiles, key: MessageKey): Promise<PartsRecord | undefined> =>
  readRecord<PartsRecord>(files.path(key, 'parts.json'), 'topaz.ehbox.parts/1');

/** Reads an unpacked part, also between the two renames of {@link writeParts}. */
export async function readPart(
  files: MirrorFiles,
  key: MessageKey,
  file: string,
): Promise<Uint8Array> {
  try {
    return readFileSync(files.path(key, 'parts', file));
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') {
      throw error;
    }
    return readFile(files.path(key, FORMER_PARTS, file));
  }
}

/**
 * Replaces the unpacked parts. The former ones stand aside until the new record is written: whoever is cut
 * off in between has lost neither.
 */
export async function writeParts(
  files: MirrorFiles,
  key: MessageKey,
  record: PartsRecord,
  contents: Readonly<Record<string, Uint8Array>>,
): Promise<void> {
  const staged = await files.stage(contents);
  await files.reached('parts.staged');
  files.note([key]);
  const parts = files.path(key, 'parts');
  const isFirst = !existsSync(parts) && !existsSync(files.path(key, FORMER_PARTS));
  try {
    if (!isFirst) {
      await settleParts(files, key);
      await renameIfThere(parts, files.path(key, FORMER_PARTS));
    }
    await files.reached('parts.removed');
    renameSync(staged, parts);
  } catch (error) {
    throw diskError(error, parts);
  }
  await files.reached('parts.renamed');
  // Names that a power cut takes away are made again from the answer: only contents are forced to the disk.
  await replaceFile(files.path(key, 'parts.json'), formatRecord(record));
  await files.reached('parts.written');
  if (!isFirst) {
    await rm(files.path(key, FORMER_PARTS), { recursive: true, force: true });
  }
}

/** Ends what a cut in {@link writeParts} left: the parts that the record names are the ones that stay. */
export async function settleParts(files: MirrorFiles, key: MessageKey): Promise<void> {
  const former = await namesIn(files.path(key, FORMER_PARTS));
  if (former.length > 0) {
    const there = new Set(await namesIn(files.path(key, 'parts')));
    const record = await readParts(files, key);
    const named = record?.parts.flatMap(({ file }) => file ?? []) ?? [];
    if (!named.every((file) => there.has(file))) {
      await rm(files.path(key, 'parts'), { recursive: true, force: true });
      await rename(files.path(key, FORMER_PARTS), files.path(key, 'parts'));
      return;
    }
  }
  await rm(files.path(key, FORMER_PARTS), { recursive: true, force: true });
}

/** Removes the unpacked parts and their record; the answer stays. @returns Whether there were any. */
export async function removeParts(files: MirrorFiles, key: MessageKey): Promise<boolean> {
  const names = ['parts.json', 'parts', FORMER_PARTS].map((name) => files.path(key, name));
  if (!names.some((name) => existsSync(name))) {
    return false;
  }
  files.note([key]);
  try {
    for (const name of names) {
      await rm(name, { recursive: true, force: true });
    }
  } catch (error) {
    throw diskError(error, files.path(key));
  }
  await syncFolder(files.path(key));
  return true;
}
