/**
 * The recipients of a command line, as verified ETKs: from the depot, from files.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import type { Etk } from '../../etee/etk.js';
import { parseIdentifier, type Identifier } from '../../ids/identifier.js';
import { maskedIdentifier } from '../etk/describe.js';
import { etkSource } from '../etk/etk-source.js';
import { readSmallFile } from './payload.js';

export interface RecipientOptions {
  /** `--to TYPE=ID`. */
  readonly to: readonly string[];
  /** `--etk FILE`. */
  readonly etk: readonly string[];
}

/** Who is meant, before anything is fetched. @throws TopazError `E_IDENTIFIER_INVALID`, `E_SSIN_INVALID`. */
export const parseRecipients = (to: readonly string[]): readonly Identifier[] =>
  to.map((text) => parseIdentifier(text));

/**
 * @throws TopazError as `obtainEtk`, and `E_FILE_NOT_FOUND`, `E_ETK_INVALID` for a file; each says which
 *   recipient it is about.
 */
export async function collectRecipients(
  run: Run,
  identifiers: readonly Identifier[],
  files: readonly string[],
): Promise<readonly Etk[]> {
  const [{ obtainEtk }, { readEtk }, { verifyEtk }] = await Promise.all([
    import('../../etk/obtain.js'),
    import('../../etee/etk.js'),
    import('../../etee/verify-etk.js'),
  ]);
  const source = await etkSource(run);
  const etks: Etk[] = [];
  for (const identifier of identifiers) {
    const who = maskedIdentifier(identifier);
    const { etk } = await about(who, () =>
      run.step(run.t('seal.step.etk', { who }), () =>
        obtainEtk(source, identifier, { signal: run.ctx.signal }),
      ),
    );
    etks.push(etk);
  }
  for (const file of files) {
    const bytes = await readSmallFile(run, file);
    etks.push(
      await about(file, () => {
        const etk = readEtk(bytes);
        verifyEtk(etk, source);
        return Promise.resolve(etk);
      }),
    );
  }
  return etks;
}

/** Adds which recipient an error is about: there may be several. */
async function about<T>(who: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TopazError && /_(?:ETK|CERT)_/.test(error.code)) {
      throw new TopazError(error.code, error.message, {
        hint: error.hint,
        facts: [`recipient: ${who}`, ...error.facts],
        details: error.details,
        cause: error,
      });
    }
    throw error;
  }
}
