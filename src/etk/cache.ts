/**
 * Copies of fetched ETKs in the cache folder, for an hour. A copy only saves a call: it is read like a token
 * from anywhere and verified again before each use. Anything wrong with one counts as "no copy".
 *
 * @module
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { makePrivateFolder, writeFileAtomic } from '../disk/atomic.js';
import { readEtk, type Etk } from '../etee/etk.js';
import { formatIdentifier, type Identifier } from '../ids/identifier.js';

/** What a copy is kept under. */
export interface EtkKey {
  readonly identifier: Identifier;
  readonly applicationId?: string | undefined;
  /** Of the depot: copies of one environment are of no use in another. */
  readonly url: string;
}

/** A holder may renew or revoke at any time, so not for long. */
export const MAX_AGE_MS = 60 * 60 * 1000;
const MAX_BYTES = 1_000_000;

interface CacheFile {
  readonly fetchedAt: string;
  readonly url: string;
  readonly etkBase64: string;
}

/** What a file of the cache holds, not verified. */
export interface StoredCopy {
  readonly fetchedAt: Date;
  readonly url: string;
  readonly etk: Etk;
}

/**
 * @param folder The `etk` folder of the cache.
 * @returns The copy, not verified; `undefined` when there is none, or none that can be used.
 */
export async function readCachedEtk(
  folder: string,
  key: EtkKey,
  now: Date,
): Promise<Etk | undefined> {
  const copy = await readCopy(cachePath(folder, key));
  return copy?.url === key.url && isFresh(copy, now) ? copy.etk : undefined;
}

/** A file of the cache; `undefined` for one that is not there, or is none of ours. */
export async function readCopy(path: string): Promise<StoredCopy | undefined> {
  try {
    const bytes = await readFile(path);
    const file: unknown = bytes.length > MAX_BYTES ? undefined : JSON.parse(bytes.toString('utf8'));
    if (!isCacheFile(file)) {
      return undefined;
    }
    const etk = readEtk(Uint8Array.from(Buffer.from(file.etkBase64, 'base64')));
    return { fetchedAt: new Date(file.fetchedAt), url: file.url, etk };
  } catch {
    return undefined;
  }
}

/** Whether a copy is still used; one from the future is not. */
export function isFresh({ fetchedAt }: Pick<StoredCopy, 'fetchedAt'>, now: Date): boolean {
  const ageMs = now.getTime() - fetchedAt.getTime();
  return ageMs >= 0 && ageMs < MAX_AGE_MS;
}

/** Stores a copy (0600, whole or not at all). A cache that cannot be written is no failure. */
export async function writeCachedEtk(
  folder: string,
  key: EtkKey,
  { token }: Etk,
  now: Date,
): Promise<void> {
  const file: CacheFile = {
    fetchedAt: now.toISOString(),
    url: key.url,
    etkBase64: Buffer.from(token).toString('base64'),
  };
  try {
    await makePrivateFolder(folder);
    await writeFileAtomic(cachePath(folder, key), `${JSON.stringify(file)}\n`);
  } catch {
    // Full disk, read-only home: the next command fetches again.
  }
}

/** `SSIN=79021599732.json`, `CBE=0820563481 APPLICATION.json`; left out and empty are two files. */
function cachePath(folder: string, { identifier, applicationId }: EtkKey): string {
  const application =
    applicationId === undefined ? '' : ` ${applicationId.replace(/[^0-9A-Za-z_-]/g, '_')}`;
  return join(folder, `${formatIdentifier(identifier)}${application}.json`);
}

const isCacheFile = (value: unknown): value is CacheFile =>
  typeof value === 'object' &&
  value !== null &&
  'fetchedAt' in value &&
  typeof value.fetchedAt === 'string' &&
  !Number.isNaN(Date.parse(value.fetchedAt)) &&
  'url' in value &&
  typeof value.url === 'string' &&
  'etkBase64' in value &&
  typeof value.etkBase64 === 'string';
