/**
 * Gives a profile another name: its file, its folders and the paths in its records. A marker is written first, so that
 * what was cut off is finished by the same command.
 *
 * @module
 */

import { readdir, readFile, rename, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { diskError, syncFolder, writeFileAtomic } from '../disk/atomic.js';
import { systemCode, TopazError } from '../errors.js';
import { isProfileName, profileFile, readConfiguration, readProfileValues, useProfile, writeProfileValues } from './files.js'; // prettier-ignore
import type { ProfileValue } from './keys.js';
import { movePath, movePathsInJson } from './move-paths.js';
import type { Move } from './move-paths.js';
import type { Paths } from './paths.js';

/** Where a profile has folders of its own. */
export const profileMoves = (paths: Paths, from: string, to: string): readonly Move[] =>
  [paths.data, paths.state, join(paths.config, 'profiles')].map((root) => ({
    from: join(root, from),
    to: join(root, to),
  }));

/**
 * Renames a profile. The caller holds every lock of the home.
 *
 * @throws TopazError `E_PROFILE_UNKNOWN`, `E_FILE_EXISTS` when something has the new name already, `E_USAGE` for a
 *   name that cannot be one, `E_READ_ONLY`, `E_DISK_FULL`.
 */
export async function renameProfile(paths: Paths, from: string, to: string): Promise<void> {
  const moves = profileMoves(paths, from, to);
  const marker = join(paths.config, 'profiles', `.rename-${from}`);
  const values = await readProfileValues(paths, from);
  const target = profileFile(paths, to);
  if ((await readFile(marker, 'utf8').catch(() => '')) !== to) {
    await refuseTaken([target, ...moves.map((move) => move.to)], to);
    await writeFileAtomic(marker, to);
  }
  try {
    for (const move of moves) {
      await moveFolder(move);
    }
    await moveRecords(join(paths.state, to, 'requests'), moves);
    const moved = [...values].map(([key, value]) => [key, movedValue(value, moves)] as const);
    await writeProfileValues(paths, to, new Map(moved));
    if ((await readConfiguration(paths)).get('profile') === from) {
      await useProfile(paths, to);
    }
    await unlink(profileFile(paths, from));
    await unlink(marker);
  } catch (error) {
    throw diskError(error, target);
  }
}

function movedValue(value: ProfileValue, moves: readonly Move[]): ProfileValue {
  if (typeof value === 'string') {
    return movePath(value, moves);
  }
  return typeof value === 'object' ? value.map((each) => movePath(each, moves)) : value;
}

/** An empty folder is nothing; a folder that was left by a profile of that name is something. */
async function refuseTaken(places: readonly string[], name: string): Promise<void> {
  for (const place of places) {
    if (await isTaken(place)) {
      throw new TopazError('E_FILE_EXISTS', `there is a profile "${name}" already, or its files`, {
        facts: [place],
        hint: isProfileName(`${name}-2`) ? `choose another name, for example ${name}-2` : 'choose another name', // prettier-ignore
      });
    }
  }
}

async function isTaken(place: string): Promise<boolean> {
  try {
    return (await readdir(place)).length > 0;
  } catch (error) {
    return systemCode(error) !== 'ENOENT';
  }
}

async function moveFolder({ from, to }: Move): Promise<void> {
  try {
    // One that was empty, and is in the way on some systems.
    await rmdir(to).catch(() => undefined);
    await rename(from, to);
    await syncFolder(dirname(to));
  } catch (error) {
    // There is none, or it moved before the command was cut off.
    if (systemCode(error) !== 'ENOENT') {
      throw error;
    }
  }
}

async function moveRecords(folder: string, moves: readonly Move[]): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((each) => each.endsWith('.json'))) {
    const path = join(folder, name);
    const text = await readFile(path, 'utf8');
    const moved = movePathsInJson(text, moves);
    if (moved !== text) {
      await writeFileAtomic(path, moved);
    }
  }
}
