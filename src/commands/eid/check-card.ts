/**
 * Checks a card against the roots that the profile trusts, and outside the sandbox the pinned Belgian ones.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import type { EidCard } from '../../eid/card.js';
import type { CardVerdict } from '../../eid/verify-card.js';
import type { Certificate } from '../../x509/certificate.js';
import { profileOrNone } from './open-card.js';

/** @throws TopazError as `trustRoots`, and as the card. */
export async function checkCard(
  run: Run,
  card: EidCard,
  { photo }: { readonly photo: boolean },
): Promise<CardVerdict> {
  const { verifyCard } = await import('../../eid/verify-card.js');
  return verifyCard(card, await cardRoots(run, card), run.now(), { photo });
}

/**
 * The roots that count for a card.
 *
 * @throws TopazError as `trustRoots`, and as the card.
 */
export async function cardRoots(run: Run, card: EidCard): Promise<readonly Certificate[]> {
  const [{ isBelgianRoot }, { trustRoots }] = await Promise.all([
    import('../../eid/belgian-roots.js'),
    import('../../profile/trust.js'),
  ]);
  const profile = await profileOrNone(run);
  const carried = await card.certificates();
  const configured = profile === undefined ? [] : await trustRoots(profile, 'eidRoots');
  const pinned =
    profile?.environment === 'sandbox'
      ? []
      : carried.map(({ certificate }) => certificate).filter(isBelgianRoot);
  return [...configured, ...pinned];
}
