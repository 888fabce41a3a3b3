/**
 * Who is at the card, for commands that sign a contract with it.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import type { EidCard } from '../../eid/card.js';
import type { Identity } from '../../eid/identity.js';
import type { CardPin } from './card-pin.js';

/**
 * Reads the card. Where it cannot sign, or nobody can answer its PIN window, that is said before any PIN is
 * asked (sandbox sheet §4).
 *
 * @throws TopazError `E_CERTIFICATE_ABSENT`, `E_INPUT_REQUIRED`, and as the card.
 */
export async function readCard(run: Run, card: EidCard, pin: CardPin): Promise<Identity> {
  const identity = await run.step(run.t('cert.request.reading'), async () => {
    await card.certificate('Authentication');
    await card.certificate('Signature');
    if (card.kind !== 'softhsm' && card.kind !== 'other') {
      // These ask no PIN to give their signer; the two others do, and sign after it.
      await card.signatureSigner(pin.for(card), pin.options);
    }
    return card.identity();
  });
  const { formatSsin } = await import('../../ids/ssin.js');
  run.done(
    run.t('cert.request.holder', {
      name: `${identity.firstNames} ${identity.lastName}`.trim(),
      ssin: formatSsin(identity.ssin),
    }),
  );
  return identity;
}
