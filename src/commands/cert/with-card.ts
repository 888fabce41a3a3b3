/**
 * A card for a part of a command: opened when it is needed, closed at the end whatever happens.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import type { EidCard } from '../../eid/card.js';
import { openCard } from '../eid/open-card.js';

/** @throws TopazError as `openCard` and the work. */
export async function withCard<T>(
  run: Run,
  { reader }: { readonly reader?: string | undefined },
  work: (card: EidCard) => Promise<T>,
): Promise<T> {
  const card = await openCard(run, reader === undefined ? {} : { reader });
  try {
    return await work(card);
  } finally {
    await card.close();
  }
}
