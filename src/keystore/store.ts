/**
 * The folder of a profile's keystores. A keystore is called by its alias, the file name without `.p12`, or by
 * a path.
 *
 * @module
 */

import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';

import { systemCode, TopazError } from '../errors.js';

export interface StoredKeystore {
  readonly alias: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
}

const EXTENSION = '.p12';
const MAX_SUGGESTIONS = 3;

/** The alias of a file. */
export const aliasOf = (path: string): string => basename(path).replace(/\.p12$/i, '');

/** The path that a new keystore of that alias gets. */
export const pathOfAlias = (folder: string, alias: string): string =>
  join(folder, `${alias}${EXTENSION}`);

/** All keystores of a folder by name; none where the folder does not exist. */
export async function listKeystores(folder: string): Promise<readonly StoredKeystore[]> {
  let names;
  try {
    names = await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') {
      return [];
    }
    throw error;
  }
  const found = names
    .filter((name) => name.toLowerCase().endsWith(EXTENSION) && !name.startsWith('.'))
    .sort((a, b) => a.localeCompare(b, 'en'));
  const stored = await Promise.all(found.map((name) => describe(join(folder, name))));
  return stored.filter((entry) => entry !== undefined);
}

async function describe(path: string): Promise<StoredKeystore | undefined> {
  try {
    const { size, mtime, isFile } = await statFile(path);
    return isFile ? { alias: aliasOf(path), path, sizeBytes: size, modifiedAt: mtime } : undefined;
  } catch (error) {
    // Gone between listing and looking, or a link to nowhere.
    if (systemCode(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

async function statFile(path: string): Promise<{ size: number; mtime: Date; isFile: boolean }> {
  const stats = await stat(path);
  return { size: stats.size, mtime: stats.mtime, isFile: stats.isFile() };
}

/**
 * The path of a keystore: an alias of the folder, without regard to case, before a file of that name.
 *
 * @param options.cwd Where a relative path starts.
 * @throws TopazError `E_KEYSTORE_UNKNOWN` that names the nearest aliases.
 */
export async function findKeystore(
  folder: string,
  aliasOrPath: string,
  { cwd = '.' }: { cwd?: string } = {},
): Promise<string> {
  const stored = await listKeystores(folder);
  const wanted = aliasOf(aliasOrPath).toLowerCase();
  const isAlias = !/[/\\]/.test(aliasOrPath);
  const known =
    stored.find(({ alias }) => isAlias && alias === aliasOrPath) ??
    stored.find(({ alias }) => isAlias && alias.toLowerCase() === wanted);
  if (known !== undefined) {
    return known.path;
  }
  const file = await describe(resolve(cwd, aliasOrPath)).catch(() => undefined);
  if (file !== undefined) {
    return file.path;
  }
  const near = nearestAliases(wanted, stored.map(({ alias }) => alias)); // prettier-ignore
  throw new TopazError('E_KEYSTORE_UNKNOWN', `no keystore "${aliasOrPath}"`, {
    facts: near.length === 0 ? [] : [`did you mean ${near.map((name) => `"${name}"`).join(', ')}?`],
    hint: 'topaz keystore list shows what there is',
    details: { nearest: near },
  });
}

/** Aliases are long and end in a date: a shared beginning says more than a count of edits. */
function nearestAliases(wanted: string, aliases: readonly string[]): readonly string[] {
  const score = (alias: string): number => {
    const name = alias.toLowerCase();
    if (name.includes(wanted) || wanted.includes(name)) {
      return wanted.length + 1;
    }
    let shared = 0;
    while (shared < wanted.length && name[shared] === wanted[shared]) {
      shared += 1;
    }
    return shared;
  };
  return aliases
    .map((alias) => ({ alias, score: score(alias) }))
    .filter((entry) => entry.score >= Math.max(2, Math.ceil(wanted.length / 2)))
    .sort((a, b) => b.score - a.score)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ alias }) => alias);
}
