/**
 * Every lock under which files of a home change: profiles, requests and keystores, sessions, mirrors, lists of
 * patients. Who holds them all is alone.
 *
 * @module
 */

import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { acquireLock } from '../disk/lock.js';
import type { Lock, LockOptions } from '../disk/lock.js';

export interface HomeLocks {
  /** Files of the locks. */
  readonly paths: readonly string[];
  release(): Promise<void>;
}

/**
 * Takes all of them, or none.
 *
 * @param roots Folders of configuration and state.
 * @param mirrors Folders with a mirror in them.
 * @throws TopazError `E_LOCKED` while another command changes something.
 */
export async function lockHome(
  roots: { readonly config: string; readonly state: string },
  mirrors: readonly string[],
  options: LockOptions,
): Promise<HomeLocks> {
  const profiles = await namesIn(join(roots.config, 'profiles'));
  const states = await namesIn(roots.state);
  const places = [
    ...profiles.filter((name) => name.endsWith('.json')).map((name) => join(roots.config, 'profiles', `${name}.lock`)),
    ...states.map((name) => join(roots.state, name, 'session.lock')),
    ...states.map((name) => join(roots.state, name, 'requests', 'lock')),
    ...states.map((name) => join(roots.state, name, 'insurability', '.lock')),
    ...mirrors.map((folder) => join(folder, 'lock')),
  ]; // prettier-ignore
  const held: Lock[] = [];
  const paths: string[] = [];
  const release = async (): Promise<void> => {
    for (const lock of held) {
      await lock.release();
    }
  };
  try {
    for (const place of places.toSorted()) {
      if (await isFolder(dirname(place))) {
        held.push(await acquireLock(place, options));
        paths.push(place);
      }
    }
    return { paths, release };
  } catch (error) {
    await release();
    throw error;
  }
}

const namesIn = (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => []);

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then((found) => found.isDirectory()).catch(() => false); // prettier-ignore
