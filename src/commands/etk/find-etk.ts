/**
 * The token that a command line means: a file, or a holder as `TYPE=ID`.
 *
 * @module
 */

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';

import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { readEtk, type Etk } from '../../etee/etk.js';
import type { EtkSource } from '../../etk/obtain.js';
import { parseIdentifier } from '../../ids/identifier.js';
import { readSmallFile } from '../seal/payload.js';

export interface FindEtkOptions {
  application?: string;
  refresh?: boolean;
}

/**
 * The token of a file or of a holder; nothing about it is verified but that it can be read.
 *
 * @throws TopazError `E_FILE_NOT_FOUND`, `E_ETK_INVALID`; for a holder as `lookUpEtk`.
 */
export async function findEtk(
  run: Run,
  what: string,
  source: EtkSource,
  { application, refresh }: FindEtkOptions,
): Promise<Etk> {
  if (await isFile(run, what)) {
    return readEtk(await readSmallFile(run, what));
  }
  if (!what.includes('=')) {
    throw new TopazError('E_FILE_NOT_FOUND', `there is no file ${what}`, {
      hint: 'name a file, or a holder as TYPE=ID',
    });
  }
  const { lookUpEtk } = await import('../../etk/obtain.js');
  const identifier = parseIdentifier(what);
  const { etk } = await lookUpEtk(source, identifier, {
    applicationId: application,
    refresh,
    signal: run.ctx.signal,
  });
  return etk;
}

const isFile = (run: Run, what: string): Promise<boolean> =>
  stat(resolve(run.ctx.cwd, what)).then(
    (found) => found.isFile(),
    () => false,
  );
