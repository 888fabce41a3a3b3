/**
 * What a run finds when it begins: the states of all messages, made right where the last thing that an
 * earlier run did was a commit, or where somebody deleted an answer.
 *
 * @module
 */

import { markStored } from './fetch-missing.js';
import type { MailboxMirror } from './mirror.js';
import type { MessageMeta, Side } from './records.js';

/** States of a side by id. Only under the lock. */
export async function recover(
  mirror: MailboxMirror,
  side: Side,
  now: () => Date,
): Promise<Map<string, MessageMeta>> {
  const known = new Map<string, MessageMeta>();
  for (const key of await mirror.keys(side)) {
    let meta = await mirror.readMeta(key);
    if (meta === undefined) {
      continue;
    }
    const there = await mirror.hasRaw(key);
    if (there !== (meta.storedAt !== undefined)) {
      if (there) {
        await markStored(mirror, key, now());
        mirror.journal.add({ event: 'stored', ...key });
      } else {
        await mirror.updateMeta(key, (state) => ({ ...state, storedAt: undefined }));
      }
      meta = (await mirror.readMeta(key)) ?? meta;
    }
    known.set(key.id, meta);
  }
  return known;
}
