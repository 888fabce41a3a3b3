/**
 * `topaz seal --dry-run`: for whom it would be sealed. Tokens are fetched and the keystore is opened; no key is
 * made at the KGSS, nothing is read to seal and nothing is written.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { formatDay } from '../../cli/text.js';
import type { Identifier } from '../../ids/identifier.js';
import { describeEtk, holderFields, holderText } from '../etk/describe.js';
import { openActiveKeystore } from '../keystore/open-keystore.js';
import type { KeystoreFlags } from '../keystore/open-keystore.js';
import { checkKgss, readersText, type ReaderLists } from './kgss.js';
import { collectRecipients } from './recipients.js';

export interface DryRun {
  readonly identifiers: readonly Identifier[];
  /** Files with tokens. */
  readonly files: readonly string[];
  readonly lists: ReaderLists | undefined;
}

/** @throws TopazError what would stop the sealing itself, as far as it can be known beforehand. */
export async function showDryRun(
  run: Run,
  { identifiers, files, lists }: DryRun,
  flags: KeystoreFlags,
): Promise<void> {
  const now = run.now();
  const etks = await collectRecipients(run, identifiers, files);
  const recipients = etks.map((etk) => describeEtk(etk, now));
  const keystore = await openActiveKeystore(run, flags);
  if (lists !== undefined) {
    await checkKgss(run, keystore);
  }
  const { holder } = keystore;
  run.result(
    {
      schema: 'topaz.seal/1',
      sender: holderFields({ ...holder.identifier, ...holder }),
      recipients: recipients.map(({ holder: recipient, serial, notAfter }) => ({
        ...recipient,
        serial,
        notAfter,
      })),
      ...(lists === undefined
        ? {}
        : { unaddressed: { readers: lists.readers, excluded: lists.excluded } }),
      dryRun: true,
    },
    () => [
      ...(lists === undefined ? [] : [readersText(run, lists, 'seal.dry.readers')]),
      ...recipients.map(({ holder: recipient, notAfter }) =>
        run.t('seal.dry.recipient', {
          who: holderText(recipient),
          date: formatDay(run, notAfter),
        }),
      ),
    ],
  );
}
