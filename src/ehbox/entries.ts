/**
 * The lists of a box and their entries: each new entry is stored at once, also when its content is odd, so
 * that nothing that was ever listed is forgotten (sync design, “Run” 2).
 *
 * @module
 */

import { canonicalize } from '../xml/c14n.js';
import { maybe } from './fields.js';
import { listFolder } from './listing.js';
import type { FolderListing } from './listing.js';
import type { MailboxMirror } from './mirror.js';
import type { Folder, MessageMeta, Side } from './records.js';
import type { Listed, ListEntry } from './reply.js';
import type { WireFolder } from './request.js';
import { withRetries } from './retry.js';
import type { RetryOptions } from './retry.js';

/** Folders of each side. The box first: a message that goes to the bin in between is then seen in both. */
export const FOLDERS: Readonly<Record<Side, readonly (readonly [Folder, WireFolder])[]>> = {
  received: [
    ['inbox', 'INBOX'],
    ['bin', 'BININBOX'],
  ],
  sent: [
    ['sent', 'SENTBOX'],
    ['sent-bin', 'BINSENTBOX'],
  ],
};

export type Listings = readonly (readonly [Folder, FolderListing])[];

export interface ListOptions extends RetryOptions {
  readonly side: Side;
  readonly listPage: (folder: WireFolder, start: number, end: number) => Promise<readonly Listed[]>;
  readonly now: () => Date;
  /** Ids that were removed here on purpose: they are not stored again. */
  readonly pruned?: ReadonlySet<string> | undefined;
  /** Stops a folder at the first page that is known; nothing is concluded from absence then. */
  readonly quick?: boolean | undefined;
}

/** Whether every folder of the side was seen in one go. */
export const isComplete = (listings: Listings): boolean =>
  isWhole(listings) && listings.every(([, { complete }]) => complete);

/** Whether every folder of the side was listed; both sides have as many. */
export const isWhole = (listings: Listings): boolean => listings.length === FOLDERS.received.length;

/**
 * Lists every folder of the side, storing what is new with each page.
 *
 * @param known States by id; new ones are added.
 * @param fresh Ids of new ones are appended.
 * @throws TopazError of the calls and of the disk.
 */
export async function listAll(
  mirror: MailboxMirror,
  known: Map<string, MessageMeta>,
  fresh: string[],
  options: ListOptions,
): Promise<Listings> {
  const listings: (readonly [Folder, FolderListing])[] = [];
  for (const [folder, source] of FOLDERS[options.side]) {
    const listing = await listFolder(
      (start, end) => withRetries(() => options.listPage(source, start, end), options),
      {
        onPage: (page) => storeEntries(mirror, page, folder, known, fresh, options),
        stopAtKnown: options.quick === true ? knownBefore(known, options.pruned) : undefined,
      },
    );
    listings.push([folder, listing]);
  }
  return listings;
}

/** Known from before this folder was listed. */
function knownBefore(
  known: ReadonlyMap<string, MessageMeta>,
  pruned: ReadonlySet<string> | undefined,
): (id: string) => boolean {
  const before = new Set(known.keys());
  return (id) => before.has(id) || pruned?.has(id) === true;
}

/** Stores new list entries at once, whatever their content. */
async function storeEntries(
  mirror: MailboxMirror,
  page: readonly Listed[],
  folder: Folder,
  known: Map<string, MessageMeta>,
  fresh: string[],
  { side, now: clock, pruned }: ListOptions,
): Promise<void> {
  const now = clock();
  const before = fresh.length;
  const isNew = ({ entry }: Listed): boolean =>
    entry !== undefined && !known.has(entry.id) && pruned?.has(entry.id) !== true;
  const added = page.filter(isNew);
  mirror.noteEntries(added.flatMap(({ entry }) => (entry === undefined ? [] : { side, id: entry.id }))); // prettier-ignore
  for (const { element, entry } of added) {
    // Twice on one page: the first one counts.
    if (element === undefined || entry === undefined || known.has(entry.id)) {
      continue;
    }
    const key = { side, id: entry.id };
    const stored = await mirror.hasRaw(key);
    const meta = newMeta(entry, side, folder, now, stored);
    await mirror.addEntry(meta, canonicalize(element));
    mirror.journal.add({ event: 'seen', ...key, folder });
    known.set(entry.id, meta);
    fresh.push(entry.id);
  }
  if (fresh.length > before) {
    await mirror.syncEntries(side);
  }
}

/** The state of a message that was not known, as its entry in a list tells it. */
export function newMeta(
  entry: ListEntry,
  side: Side,
  folder: Folder,
  now: Date,
  stored: boolean,
): MessageMeta {
  const { id, sender, title, publicationDate, expirationDate, sizeBytes, contentType } = entry;
  return {
    schema: 'topaz.ehbox.message/1',
    id,
    side,
    folder,
    sender,
    ...maybe('subject', title),
    ...maybe('publicationDate', publicationDate),
    ...maybe('expirationDate', expirationDate),
    ...maybe('sizeBytes', sizeBytes),
    contentType,
    important: entry.important,
    encrypted: entry.encrypted,
    ...maybe('hasAnnex', entry.hasAnnex),
    firstSeen: now.toISOString(),
    ...maybe('storedAt', stored ? now.toISOString() : undefined),
    // What is first met in the bin was dealt with elsewhere, what was sent is known; receipts are counted apart.
    unread: folder === 'inbox' && contentType !== 'ACKNOWLEDGMENT',
  };
}
