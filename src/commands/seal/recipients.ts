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
 * The recipients of lists (`--to-file`): one `TYPE=ID` a line; empty lines and lines that begin with `#` are
 * passed over.
 *
 * @throws TopazError `E_FILE_NOT_FOUND`, `E_USAGE` for a list that names nobody.
 */
export async function readRecipientFiles(
  run: Run,
  files: readonly string[],
): Promise<readonly string[]> {
  const named: string[] = [];
  for (const file of files) {
    const text = new TextDecoder().decode(await readSmallFile(run, file));
    const lines = text.split(/\r?\n/).map((line) => line.trim());
    const recipients = lines.filter((line) => line !== '' && !line.startsWith('#'));
    if (recipients.length === 0) {
      throw new TopazError('E_USAGE', `${file} names no recipient`, {
        hint: 'write one TYPE=ID a line, for example SSIN=79021599732',
      });
    }
    named.push(...recipients);
  }
  return named;
}

/**
 * @throws TopazError as `obtainEtk`, and `E_FILE_NOT_FOUND`, `E_ETK_INVALID` for a file; each says which
 *   recipient it is about.
 */
export async function collectRecipients(
  run: Run,
  identifiers: readonly Identifier[],
  files: readonly string[],
): Promise<readonly Etk[]> {
  const [{ obtainEtk, refuseRevoked }, { readEtk }, { verifyEtk }] = await Promise.all([
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
      await about(file, async () => {
        const etk = readEtk(bytes);
        verifyEtk(etk, source);
        await refuseRevoked(source, etk);
        return etk;
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
