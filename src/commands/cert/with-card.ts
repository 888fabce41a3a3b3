/**
 * A card for a part of a command: opened when it is needed, closed at the end whatever happens.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import type { EidCard } from '../../eid/card.js';
import { openCard } from '../eid/open-card.js';
import type { CardFlags } from '../eid/open-card.js';

/** @throws TopazError as `openCard` and the work. */
export async function withCard<T>(
  run: Run,
  flags: CardFlags,
  work: (card: EidCard) => Promise<T>,
): Promise<T> {
  const card = await openCard(run, flags);
  try {
    return await work(card);
  } finally {
    await card.close();
  }
}
