/**
 * The files behind profiles: `profiles/<name>.json`, and `config.json` with what holds for every profile.
 *
 * @module
 */

import { readdir, readFile, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { diskError, makePrivateFolder, writeFileAtomic } from '../disk/atomic.js';
import { withLock } from '../disk/lock.js';
import { systemCode, TopazError } from '../errors.js';
import { formatDocument, parseDocument } from './document.js';
import type { Values } from './document.js';
import { CONFIGURATION_KEYS } from './keys.js';
import { nearest } from './nearest.js';
import type { Paths } from './paths.js';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Whether this can be the name of a profile: it becomes the name of a file and of folders. */
export const isProfileName = (name: string): boolean => NAME.test(name) && !name.includes('..');

/**
 * Path of a profile's file.
 *
 * @throws TopazError `E_USAGE` for a name that cannot be one.
 */
export function profileFile(paths: Paths, name: string): string {
  if (!isProfileName(name)) {
    throw new TopazError('E_USAGE', 'this cannot be the name of a profile', {
      facts: ['letters, digits, dots, dashes and underscores, at most 64'],
      hint: 'topaz profile list',
    });
  }
  return join(paths.config, 'profiles', `${name}.json`);
}

/** Names of all profiles, sorted. */
export async function listProfiles(paths: Paths): Promise<readonly string[]> {
  try {
    const files = await readdir(join(paths.config, 'profiles'));
    return files
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -'.json'.length))
      .filter(isProfileName)
      .sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return [];
    }
    throw unreadable(error, join(paths.config, 'profiles'));
  }
}

/**
 * The values in a profile's file.
 *
 * @throws TopazError `E_PROFILE_UNKNOWN` with the nearest names, `E_PROFILE_INVALID`.
 */
export async function readProfileValues(paths: Paths, name: string): Promise<Values> {
  const document = await readJson(profileFile(paths, name), `profile "${name}"`);
  if (document === undefined) {
    const near = nearest(name, await listProfiles(paths));
    throw new TopazError('E_PROFILE_UNKNOWN', `there is no profile "${name}"`, {
      hint:
        near.length > 0
          ? `did you mean ${near.map((known) => `"${known}"`).join(' or ')}? (topaz profile list)`
          : `topaz profile create ${name}, or to try things out: topaz sandbox start`,
    });
  }
  return parseDocument(document, { name: `profile "${name}"` });
}

/**
 * The values in `config.json`; none where there is no such file.
 *
 * @throws TopazError `E_PROFILE_INVALID`.
 */
export async function readConfiguration(paths: Paths): Promise<Values> {
  const document = await readJson(join(paths.config, 'config.json'), 'config.json');
  return document === undefined
    ? new Map()
    : parseDocument(document, {
        name: 'config.json',
        rule: (key) => CONFIGURATION_KEYS.get(key),
        keys: [...CONFIGURATION_KEYS.keys()],
      });
}

/** Writes `config.json` anew with this profile as the one in use. */
export async function useProfile(paths: Paths, name: string): Promise<void> {
  await readProfileValues(paths, name);
  const values = new Map(await readConfiguration(paths));
  values.set('profile', name);
  await writeJson(paths.config, join(paths.config, 'config.json'), formatDocument(values));
}

/** Forgets which profile is in use, where it is this one. */
export async function forgetUse(paths: Paths, name: string): Promise<void> {
  const values = new Map(await readConfiguration(paths));
  if (values.get('profile') === name) {
    values.delete('profile');
    await writeJson(paths.config, join(paths.config, 'config.json'), formatDocument(values));
  }
}

/** Writes a profile whole. */
export async function writeProfileValues(
  paths: Paths,
  name: string,
  values: Values,
): Promise<string> {
  const file = profileFile(paths, name);
  await writeJson(join(paths.config, 'profiles'), file, formatDocument(values));
  return file;
}

/** Runs `work` while no other command changes this profile. */
export async function withProfileLock<T>(
  paths: Paths,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  const file = profileFile(paths, name);
  await makePrivateFolder(join(paths.config, 'profiles'));
  return withLock(`${file}.lock`, {}, work);
}

/**
 * Removes a profile's file. Keystores and mirrors stay.
 *
 * @throws TopazError `E_PROFILE_UNKNOWN`.
 */
export async function removeProfileFile(paths: Paths, name: string): Promise<void> {
  try {
    await unlink(profileFile(paths, name));
    await removeCertificates(paths, name);
  } catch (error) {
    throw systemCode(error) === 'ENOENT'
      ? new TopazError('E_PROFILE_UNKNOWN', `there is no profile "${name}"`, {
          hint: 'topaz profile list',
        })
      : diskError(error, profileFile(paths, name));
  }
}

/** Where the certificates of an imported profile are. */
export const certificatesFolder = (paths: Paths, name: string): string =>
  join(dirname(profileFile(paths, name)), name);

/** What a person put there stays. */
async function removeCertificates(paths: Paths, name: string): Promise<void> {
  const folder = certificatesFolder(paths, name);
  const names = await readdir(folder).catch(() => []);
  for (const file of names.filter((each) => /^trust-[A-Za-z]+\.pem$/.test(each))) {
    await unlink(join(folder, file));
  }
  await rmdir(folder).catch(() => undefined);
}

async function readJson(path: string, name: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return undefined;
    }
    throw unreadable(error, path);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new TopazError('E_PROFILE_INVALID', `${name} is not JSON`, {
      facts: [path],
      hint: 'correct the file, or remove it and make it anew with topaz profile create',
      cause: error,
    });
  }
}

async function writeJson(
  folder: string,
  file: string,
  document: Readonly<Record<string, unknown>>,
): Promise<void> {
  await makePrivateFolder(folder);
  await writeFileAtomic(file, `${JSON.stringify(document, undefined, 2)}\n`);
}

const unreadable = (error: unknown, path: string): unknown =>
  systemCode(error) === undefined
    ? error
    : new TopazError('E_PROFILE_INVALID', `${path} cannot be read`, {
        facts: [systemCode(error) ?? ''],
        hint: 'check the permissions of the file and its folder',
        cause: error,
      });
