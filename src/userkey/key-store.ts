/**
 * The keys of a profile on disk: `<id>-icc-priv.2048.key` in the platform's form, and beside each a note of the
 * copies that were made.
 *
 * @module
 */

import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { diskError, makePrivateFolder, writeFileAtomic } from '../disk/atomic.js';
import { systemCode, TopazError } from '../errors.js';
import { readKey } from './key-text.js';
import { idOfFileName, keyInvalid, pkcs8Of, privateFileName, toUserKey } from './user-key.js';
import type { PartyId, UserKey } from './user-key.js';

/** One copy that was made and read back. */
export interface Copy {
  /** Absolute path. */
  readonly place: string;
  /** ISO 8601. */
  readonly at: string;
  readonly kind: 'file' | 'paper' | 'shares';
  /** Whether it is under a passphrase. */
  readonly passphrase: boolean;
}

/** The text of a key file: one line of lower-case hexadecimal digits. */
export function keyFileText(key: UserKey): string {
  const pkcs8 = pkcs8Of(key);
  const text = `${pkcs8.toString('hex')}\n`;
  pkcs8.fill(0);
  return text;
}

/** The ids of which there is a key, in their order. */
export async function listKeys(folder: string): Promise<readonly PartyId[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') {
      return [];
    }
    throw diskError(error, folder);
  });
  return names
    .filter((name) => name.endsWith('-icc-priv.2048.key'))
    .flatMap((name) => idOfFileName(name) ?? [])
    .toSorted();
}

/**
 * Reads a key of the profile.
 *
 * @throws TopazError `E_KEY_UNKNOWN`, `E_KEY_INVALID`.
 */
export async function loadKey(folder: string, id: PartyId): Promise<UserKey> {
  const path = join(folder, privateFileName(id));
  let bytes: Uint8Array;
  try {
    if ((await lstat(path)).isSymbolicLink()) {
      throw keyInvalid('its file is a link, which is not followed');
    }
    bytes = await readFile(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      throw new TopazError('E_KEY_UNKNOWN', `there is no Topaz user key of ${id}`, {
        hint: 'topaz key list, or: topaz key import FILE',
      });
    }
    throw error;
  }
  const { privateKey } = readKey(bytes, 'key');
  if (privateKey === undefined) {
    throw keyInvalid('the kept file is under a passphrase');
  }
  return toUserKey(id, privateKey);
}

/**
 * Keeps a key. The same key again is nothing new; another one of the same id is refused, or replaces it after a
 * dated copy.
 *
 * @param stamp For the name of that copy, for example `20260301T120000Z`.
 * @returns Whether something was written.
 * @throws TopazError `E_FILE_EXISTS`, `E_DISK_FULL`, `E_READ_ONLY`.
 */
export async function keepKey(
  folder: string,
  key: UserKey,
  { replace, stamp }: { readonly replace: boolean; readonly stamp: string },
): Promise<boolean> {
  await makePrivateFolder(folder);
  const path = join(folder, privateFileName(key.id));
  const existing = (await listKeys(folder)).includes(key.id)
    ? await loadKey(folder, key.id).catch(() => null)
    : undefined;
  if (existing != null && Buffer.compare(existing.spki, key.spki) === 0) {
    return false;
  }
  if (existing !== undefined) {
    if (!replace) {
      throw new TopazError('E_FILE_EXISTS', `there is another key of ${key.id} already`, {
        hint: 'compare the fingerprints (topaz key show); --force replaces it and keeps a dated copy',
      });
    }
    try {
      // Durable before the key is replaced: a copy that a power cut takes away is none.
      await writeFileAtomic(`${path}.${stamp}`, await readFile(path), { overwrite: false });
    } catch (error) {
      throw diskError(error, `${path}.${stamp}`);
    }
  }
  await writeFileAtomic(path, keyFileText(key), { overwrite: replace });
  return true;
}

const copiesPath = (folder: string, id: PartyId): string => join(folder, `${id}.copies.json`);

/** The copies that were made of a key, oldest first. A note that cannot be read counts as none. */
export async function listCopies(folder: string, id: PartyId): Promise<readonly Copy[]> {
  try {
    const value: unknown = JSON.parse(await readFile(copiesPath(folder, id), 'utf8'));
    return Array.isArray(value) ? value.filter(isCopy) : [];
  } catch {
    return [];
  }
}

/** Notes copies; a place that is written again counts once. */
export async function noteCopies(
  folder: string,
  id: PartyId,
  copies: readonly Copy[],
): Promise<void> {
  const places = new Set(copies.map(({ place }) => place));
  const kept = (await listCopies(folder, id)).filter(({ place }) => !places.has(place));
  await writeFileAtomic(
    copiesPath(folder, id),
    `${JSON.stringify([...kept, ...copies], undefined, 2)}\n`,
  );
}

const isCopy = (value: unknown): value is Copy =>
  typeof value === 'object' &&
  value !== null &&
  'place' in value &&
  typeof value.place === 'string' &&
  'at' in value &&
  typeof value.at === 'string' &&
  'kind' in value &&
  'passphrase' in value &&
  typeof value.passphrase === 'boolean';
