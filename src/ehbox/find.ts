/**
 * Lists and searches: through the index, or through the files where better-sqlite3 is missing. Both give the same
 * messages in the same order.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { displayOrder, findMessages, summarise } from './catalog.js';
import type { MessageFilter, MessageSummary } from './catalog.js';
import { isDamage, removeIndex, sqliteCode } from './index-database.js';
import { indexPath, openIndex } from './mirror-index.js';
import type { IndexOptions } from './mirror-index.js';
import { searchWords } from './message-texts.js';
import type { MailboxMirror } from './mirror.js';

export interface Found {
  readonly messages: readonly MessageSummary[];
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
      return { messages: await throughIndex(mirror, filter, options), slow: false };
    } catch (error) {
      if (!isDamage(error)) {
        throw error;
      }
      await removeIndex(indexPath(mirror));
      return { messages: await throughIndex(mirror, filter, options), slow: false };
    }
  } catch (error) {
    const noIndex =
      error instanceof TopazError &&
      ['E_NATIVE_MISSING', 'E_DISK_FULL', 'E_READ_ONLY'].includes(error.code);
    if (!noIndex && !isBusy(error)) {
      throw error;
    }
    return { messages: (await findMessages(mirror, filter)).map(summarise), slow: true };
  }
}

/** Somebody else writes all the time, or the disk does not let us. */
const isBusy = (error: unknown): boolean =>
  /^SQLITE_(?:BUSY|LOCKED|READONLY|FULL|CANTOPEN|IOERR|CORRUPT|NOTADB)/.test(sqliteCode(error));

async function throughIndex(
  mirror: MailboxMirror,
  filter: MessageFilter,
  options: IndexOptions,
): Promise<readonly MessageSummary[]> {
  const index = await openIndex(mirror, options);
  try {
    const { folder, unread, sealed, from, since, until, search, limit } = filter;
    const words = search === undefined ? [] : searchWords(search);
    const hits = index.find({ folder, unread, closed: sealed, from, since, until, words, limit });
    const sorted = hits.toSorted(displayOrder(await mirror.readBox(), hits)).slice(0, limit);
    return index
      .summaries(sorted.map(({ rowid }) => rowid))
      .map((summary) => JSON.parse(summary) as MessageSummary);
  } finally {
    index.close();
  }
}
