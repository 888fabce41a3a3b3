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

export const SIDE: Side = 'received';

/** Inbox first: a message that goes to the bin in between is then seen in both. */
export const FOLDERS: readonly (readonly [Folder, WireFolder])[] = [
  ['inbox', 'INBOX'],
  ['bin', 'BININBOX'],
];

export type Listings = readonly (readonly [Folder, FolderListing])[];

export interface ListOptions extends RetryOptions {
  readonly listPage: (folder: WireFolder, start: number, end: number) => Promise<readonly Listed[]>;
  readonly now: () => Date;
  /** Stops a folder at the first page that is known; nothing is concluded from absence then. */
  readonly quick?: boolean | undefined;
}

/** Whether every folder was seen in one go. */
export const isComplete = (listings: Listings): boolean =>
  listings.length === FOLDERS.length && listings.every(([, { complete }]) => complete);

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
  for (const [folder, source] of FOLDERS) {
    const listing = await listFolder(
      (start, end) => withRetries(() => options.listPage(source, start, end), options),
      {
        onPage: (page) => storeEntries(mirror, page, folder, known, fresh, options.now()),
        stopAtKnown: options.quick === true ? knownBefore(known, fresh) : undefined,
      },
    );
    listings.push([folder, listing]);
  }
  return listings;
}

/** Known from an earlier run, not from this page. */
const knownBefore =
  (known: ReadonlyMap<string, MessageMeta>, fresh: readonly string[]) =>
  (id: string): boolean =>
    known.has(id) && !fresh.includes(id);

/** Stores new list entries at once, whatever their content. */
async function storeEntries(
  mirror: MailboxMirror,
  page: readonly Listed[],
  folder: Folder,
  known: Map<string, MessageMeta>,
  fresh: string[],
  now: Date,
): Promise<void> {
  const before = fresh.length;
  for (const { element, entry } of page) {
    if (element === undefined || entry === undefined || known.has(entry.id)) {
      continue;
    }
    const key = { side: SIDE, id: entry.id };
    const stored = await mirror.hasRaw(key);
    const meta = newMeta(entry, folder, now, stored);
    await mirror.addEntry(meta, canonicalize(element));
    mirror.journal.add({ event: 'seen', ...key, folder });
    known.set(entry.id, meta);
    fresh.push(entry.id);
  }
  if (fresh.length > before) {
    await mirror.syncEntries(SIDE);
  }
}

function newMeta(entry: ListEntry, folder: Folder, now: Date, stored: boolean): MessageMeta {
  const { id, sender, title, publicationDate, expirationDate, sizeBytes, contentType } = entry;
  return {
    schema: 'topaz.ehbox.message/1',
    id,
    side: SIDE,
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
    // What is first met in the bin was dealt with elsewhere; receipts are counted apart.
    unread: folder === 'inbox' && contentType !== 'ACKNOWLEDGMENT',
  };
}
