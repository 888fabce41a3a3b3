/**
 * Lists and searches: through the index, or through the files where better-sqlite3 is missing. Both give the same
 * messages in the same order.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { displayOrder, findMessages, summarise } from './catalog.js';
import type { MessageFilter, MessageSummary } from './catalog.js';
import { isDamage, removeIndex, sqliteCode } from './index-damage.js';
import { indexPath, openIndex } from './mirror-index.js';
import type { IndexOptions } from './mirror-index.js';
import { searchWords } from './message-texts.js';
import type { MailboxMirror } from './mirror.js';

export interface Found {
  readonly messages: readonly MessageSummary[];
  /** Whether a limit left some out. */
  readonly more: boolean;
  /** Whether the files had to be read one by one. */
  readonly slow: boolean;
}

/** @throws TopazError of the disk, but for an index that cannot be written: then the files are read. */
export async function listMessages(
  mirror: MailboxMirror,
  filter: MessageFilter,
  options: IndexOptions = {},
): Promise<Found> {
  try {
    try {
      return { ...(await throughIndex(mirror, filter, options)), slow: false };
    } catch (error) {
      if (!isDamage(error)) {
        throw error;
      }
      await removeIndex(indexPath(mirror));
      return { ...(await throughIndex(mirror, filter, options)), slow: false };
    }
  } catch (error) {
    const noIndex =
      error instanceof TopazError &&
      ['E_NATIVE_MISSING', 'E_DISK_FULL', 'E_READ_ONLY'].includes(error.code);
    if (!noIndex && !isBusy(error)) {
      throw error;
    }
    const { limit = Infinity } = filter;
    const found = await findMessages(mirror, { ...filter, limit: limit + 1 });
    const messages = found.slice(0, limit).map(summarise);
    return { messages, more: found.length > messages.length, slow: true };
  }
}

/** Somebody else writes all the time, or the disk does not let us. */
const isBusy = (error: unknown): boolean =>
  /^SQLITE_(?:BUSY|LOCKED|READONLY|FULL|CANTOPEN|IOERR|CORRUPT|NOTADB)/.test(sqliteCode(error));

async function throughIndex(
  mirror: MailboxMirror,
  filter: MessageFilter,
  options: IndexOptions,
): Promise<Omit<Found, 'slow'>> {
  const index = await openIndex(mirror, options);
  try {
    const { folder, unread, sealed, from, since, until, search, limit = Infinity } = filter;
    const words = search === undefined ? [] : searchWords(search);
    // One more than wanted tells whether there are more.
    const hits = index.find({ folder, unread, closed: sealed, from, since, until, words, limit: limit + 1 }); // prettier-ignore
    const sorted = hits.toSorted(displayOrder(await mirror.readBox(), hits)).slice(0, limit);
    const messages = index
      .summaries(sorted.map(({ rowid }) => rowid))
      .map((summary) => JSON.parse(summary) as MessageSummary);
    return { messages, more: hits.length > sorted.length };
  } finally {
    index.close();
  }
}
