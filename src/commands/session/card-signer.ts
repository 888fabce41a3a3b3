/**
 * The card as the one who authenticates: whose card it is, and the PIN once.
 *
 * @module
 */

import type { Run, SecretFlags } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import type { Signer } from '../../keys/keys.js';
import { readHolder } from '../../x509/holder.js';
import { CardPin } from '../cert/card-pin.js';
import { openCard } from '../eid/open-card.js';
import type { CardFlags } from '../eid/open-card.js';
import type { OpenedKeystore } from '../keystore/open-keystore.js';

/**
 * Opens the card, logs in, and hands its Authentication key to `work`; logs out and closes in any case.
 *
 * @throws TopazError `E_CARD_MISMATCH` where the keystore is a person's and the card another's, errors of
 *   card and PIN, and what `work` throws.
 */
export async function withCardSigner<T>(
  run: Run,
  flags: SecretFlags & CardFlags,
  { holder }: OpenedKeystore,
  work: (signer: Signer) => Promise<T>,
): Promise<T> {
  const pin = new CardPin(run, flags);
  try {
    if (!run.settings.canAskSecret) {
      await pin.read(run.t('cert.pin'));
    }
    const card = await openCard(run, flags);
    try {
      // The certificate, not the identity file: the STS will see nothing else of the card.
      const user = readHolder((await card.certificate('Authentication')).subject)?.identifier;
      if (holder.identifier.type === 'SSIN' && holder.identifier.id !== user?.id) {
        throw new TopazError('E_CARD_MISMATCH', 'this is the card of another person', {
          facts: ['the keystore belongs to somebody else'],
          hint: 'insert the card of the holder of the keystore, or choose another --keystore',
        });
      }
      return await work(await card.authenticationSigner(pin.for(card), pin.options));
    } finally {
      await card.close();
    }
  } finally {
    pin.wipe();
  }
}
