/**
 * Older keystores of the profile: a message sealed before a renewal opens only with the key of that time.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import type { Decrypter } from '../../keys/keys.js';
import { openDecrypters } from '../keystore/open-keystore.js';
import type { KeystoreFlags } from '../keystore/open-keystore.js';

/** Keys of the profile's alternates; those that stay closed are named and skipped. */
export async function alternateDecrypters(
  run: Run,
  flags: KeystoreFlags,
): Promise<readonly Decrypter[]> {
  const decrypters: Decrypter[] = [];
  for (const alias of (await run.profile()).alternates) {
    try {
      decrypters.push(...(await openDecrypters(run, alias, flags)).decrypters);
    } catch (error) {
      if (!(error instanceof TopazError) || error.code === 'E_INTERRUPTED') {
        throw error;
      }
      run.warn(run.t('ehbox.sync.alternate', { alias, reason: error.message }));
    }
  }
  return decrypters;
}
