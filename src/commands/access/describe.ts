/**
 * What the commands of `access` say alike: the keystore that is meant, purposes in words.
 *
 * @module
 */

import type { Purpose } from '../../access/purpose.js';
import type { Run } from '../../cli/run.js';
import { keystorePath } from '../keystore/open-keystore.js';
import { guardedKeystore } from './place.js';
import type { GuardedKeystore } from './place.js';

/**
 * The keystore of `--keystore`; a person is asked for it.
 *
 * @throws TopazError `E_INPUT_REQUIRED`, `E_KEYSTORE_UNKNOWN`, `E_ACCESS_DENIED` for grants that cannot be read.
 */
export async function requireKeystore(
  run: Run,
  named: string | undefined,
): Promise<GuardedKeystore> {
  const alias = await run.require('--keystore ALIAS', named, async () =>
    (await run.ctx.prompter()).input(run.t('access.ask.keystore')),
  );
  const { aliasOf } = await import('../../keystore/store.js');
  const path = await keystorePath(run, alias);
  return guardedKeystore(run, { path, alias: aliasOf(path) });
}

/** `read, send`. Values of a flag are not translated. */
export const purposeText = (run: Run, purposes: readonly Purpose[]): string =>
  purposes.length === 0 ? run.t('access.may.nothing') : purposes.join(', ');
