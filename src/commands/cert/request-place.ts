/**
 * Where the new keystore goes: the folder of the profile under the official name, or the file of `--out`.
 *
 * @module
 */

import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import type { Identifier } from '../../ids/identifier.js';

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
export async function placeOf(run: Run, owner: Owner, out: string | undefined): Promise<Place> {
  const place =
    out === undefined
      ? await usualPlace(run, owner)
      : { absolute: resolve(run.ctx.cwd, out), shown: out };
  await checkPlace(place, 'a keystore is never replaced by a new one');
  return place;
}

/** Whose keystore it will be. */
export interface Owner {
  readonly holder: Identifier;
  readonly applicationId?: string | undefined;
}

/**
 * A place for a new file.
 *
 * @param why Nothing there is replaced.
 * @throws TopazError `E_FILE_EXISTS`, `E_FILE_NOT_FOUND`.
 */
export async function checkPlace({ absolute, shown }: Place, why: string): Promise<void> {
  if (await isThere(absolute)) {
    throw new TopazError('E_FILE_EXISTS', `${shown} exists already`, {
      facts: [why],
      hint: 'choose another name',
    });
  }
  if (!(await isThere(dirname(absolute)))) {
    throw new TopazError('E_FILE_NOT_FOUND', `the folder of ${shown} does not exist`, {
      hint: 'make the folder, or choose another name',
    });
  }
}

async function usualPlace(run: Run, { holder, applicationId }: Owner): Promise<Place> {
  const [{ keystoreFileName }, { profileFolders }, { makePrivateFolder }] = await Promise.all([
    import('../../keystore/keystore.js'),
    import('../../profile/paths.js'),
    import('../../disk/atomic.js'),
  ]);
  const { name, environment } = await run.profile();
  const folder = profileFolders(run.paths, name).keystores;
  await makePrivateFolder(folder);
  // The name holds the second; where that one is taken, the next free one.
  for (let second = 0; ; second += 1) {
    const moment = new Date(run.now().getTime() + second * 1000);
    const path = join(folder, keystoreFileName(holder, applicationId, environment, moment));
    if (!(await isThere(path))) {
      return { absolute: path, shown: path };
    }
  }
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
