/**
 * Messages that vanished between list and fetch: refused by the service, and absent when the lists are read
 * again (sync design, “Moves, deletes, another client”).
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { isComplete } from './entries.js';
import type { Listings } from './entries.js';
import type { FailedMessage } from './fetch-missing.js';
import type { MailboxMirror } from './mirror.js';
import type { Side } from './records.js';
import { isRefusal } from './retry.js';

/**
 * Notes which of the refused messages are lost.
 *
 * @param listings Read after the refusals.
 * @returns All failures, those of lost messages as `E_MESSAGE_LOST`.
 */
export async function reportLost(
  mirror: MailboxMirror,
  side: Side,
  failed: readonly FailedMessage[],
  listings: Listings,
  now: Date,
): Promise<readonly FailedMessage[]> {
  const listed = new Set(listings.flatMap(([, { ids }]) => ids));
  const reported: FailedMessage[] = [];
  for (const failure of failed) {
    const { id, error } = failure;
    if (!isComplete(listings) || listed.has(id) || !isRefusal(error)) {
      reported.push(failure);
      continue;
    }
    const key = { side, id };
    await mirror.updateMeta(key, (meta) => ({ ...meta, lostBeforeFetch: now.toISOString() }));
    mirror.journal.add({ event: 'lost', ...key });
    reported.push({
      id,
      error: new TopazError('E_MESSAGE_LOST', `message ${id} was removed at eHealth before it was fetched`, {
        facts: error.facts,
        hint: 'its list entry is kept; another program may have moved or deleted it',
        cause: error,
      }),
    }); // prettier-ignore
  }
  return reported;
}
