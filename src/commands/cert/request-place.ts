/**
 * Where the new keystore goes: the folder of the profile under the official name, or the file of `--out`.
 *
 * @module
 */

import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';

export interface Place {
  readonly absolute: string;
  /** As it was given on the command line. */
  readonly shown: string;
}

/**
 * Looked at before anybody signs: nothing is there yet, and the folder is.
 *
 * @throws TopazError `E_FILE_EXISTS`, `E_FILE_NOT_FOUND`.
 */
export async function placeOf(run: Run, ssin: string, out: string | undefined): Promise<Place> {
  const place = out === undefined ? await usualPlace(run, ssin) : { absolute: resolve(run.ctx.cwd, out), shown: out }; // prettier-ignore
  if (await isThere(place.absolute)) {
    throw new TopazError('E_FILE_EXISTS', `${place.shown} exists already`, {
      facts: ['a keystore is never replaced by a new one'],
      hint: 'choose another name: --out FILE',
    });
  }
  if (!(await isThere(dirname(place.absolute)))) {
    throw new TopazError('E_FILE_NOT_FOUND', `the folder of ${place.shown} does not exist`, {
      hint: 'make the folder, or choose another --out',
    });
  }
  return place;
}

async function usualPlace(run: Run, ssin: string): Promise<Place> {
  const [{ keystoreFileName }, { profileFolders }, { makePrivateFolder }] = await Promise.all([
    import('../../keystore/keystore.js'),
    import('../../profile/paths.js'),
    import('../../disk/atomic.js'),
  ]);
  const { name, environment } = await run.profile();
  const folder = profileFolders(run.paths, name).keystores;
  await makePrivateFolder(folder);
  const path = join(
    folder,
    keystoreFileName({ type: 'SSIN', id: ssin }, undefined, environment, run.now()),
  );
  return { absolute: path, shown: path };
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
