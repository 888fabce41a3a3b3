/**
 * A folder that appears whole: filled under a name of its own, forced to the disk, then renamed.
 *
 * @module
 */

import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { diskError, syncFolder } from '../../disk/atomic.js';
import { systemCode } from '../../errors.js';

/** Content of a file, or a file of the same disk that is moved in. */
export type StagedFile = Uint8Array | string | { readonly moveFrom: string };

/**
 * Fills a folder with files, 0600, all of it on the disk when this returns.
 *
 * @throws TopazError `E_DISK_FULL`, `E_READ_ONLY`.
 */
export async function stageFolder(
  folder: string,
  files: Readonly<Record<string, StagedFile>>,
): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, name);
      const isMoved = typeof content === 'object' && 'moveFrom' in content;
      if (isMoved) {
        await rename(content.moveFrom, path);
      }
      const file = await open(path, isMoved ? 'r+' : 'wx', 0o600);
      try {
        if (!isMoved) {
          await file.writeFile(content);
        }
        await file.sync();
      } finally {
        await file.close();
      }
    }
    await syncFolder(folder);
  } catch (error) {
    throw diskError(error, folder);
  }
}

/** How a folder is called while another one takes its place: after its goal, so that it finds its way back. */
const asideOf = (staged: string, goal: string): string =>
  join(dirname(staged), `old-${basename(dirname(goal))}-${basename(goal)}`);
const ASIDE = /^old-([a-z]+)-([0-9A-Za-z]+)$/;

/**
 * Gives a staged folder its name, in place of what stands there. No system swaps two folders at once: between the
 * two renames the former one is aside, and {@link clearStaged} puts it back if it came to no more. The folder above
 * is the caller's to sync.
 *
 * @param between Told when the former folder is aside.
 */
export async function placeFolder(
  staged: string,
  goal: string,
  between?: () => Promise<void>,
): Promise<void> {
  try {
    await rename(staged, goal);
  } catch (error) {
    if (!['EEXIST', 'ENOTEMPTY', 'EPERM'].includes(systemCode(error) ?? '')) {
      throw diskError(error, goal);
    }
    const aside = asideOf(staged, goal);
    await rm(aside, { recursive: true, force: true });
    await rename(goal, aside);
    await between?.();
    await rename(staged, goal);
  }
}

/**
 * Empties the folder of what is half-made. A folder whose place was never taken goes back there.
 *
 * @param folder Where folders are staged.
 * @param root Above it, and above the folders of the goals.
 */
export async function clearStaged(folder: string, root: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    const [, kind, id] = ASIDE.exec(name) ?? [];
    if (kind !== undefined && id !== undefined && !(await isThere(join(root, kind, id)))) {
      await rename(path, join(root, kind, id));
      await syncFolder(join(root, kind));
    } else {
      await rm(path, { recursive: true, force: true });
    }
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (error: unknown) => {
      if (systemCode(error) === 'ENOENT') {
        return false;
      }
      throw error;
    },
  );

/** Names in a folder, in a fixed order; none when it does not exist. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return [];
    }
    throw error;
  }
}

/** Names that `writeFileAtomic` gives until it renames. */
const TEMPORARY = /^\..+\.[0-9a-f]{12}\.tmp$/;

/** Removes what an interrupted `writeFileAtomic` left in a folder. */
export async function removeTemporary(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (TEMPORARY.test(name)) {
      await rm(join(folder, name), { force: true });
    }
  }
}
