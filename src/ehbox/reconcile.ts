/**
 * What the lists say about messages that are known: which folder they lie in now, and which are not there
 * any more. Absence is a fact about the service and never a reason to delete here (sync design, “Moves,
 * deletes, another client”).
 *
 * @module
 */

import { maybe } from './fields.js';
import type { LocalDate } from './fields.js';
import type { FolderListing } from './listing.js';
import type { MailboxMirror } from './mirror.js';
import type { Folder, MessageMeta } from './records.js';

export interface SideListing {
  /** In the order in which they were listed: the later one knows better. */
  readonly folders: readonly (readonly [Folder, FolderListing])[];
}

export interface Reconciled {
  readonly moved: number;
  readonly gone: number;
  readonly back: number;
}

/**
 * Brings the states of all messages of a side in line with its lists.
 *
 * @param metas As they are; only who holds the lock changes what counts here.
 */
export async function reconcile(
  mirror: MailboxMirror,
  metas: Iterable<MessageMeta>,
  { folders }: SideListing,
  now: Date,
): Promise<Reconciled> {
  const placed = new Map<string, Folder>();
  for (const [folder, { ids }] of folders) {
    for (const id of ids) {
      placed.set(id, folder);
    }
  }
  const conclusive = folders.every(([, { complete }]) => complete);
  const count = { moved: 0, gone: 0, back: 0 };
  for (const meta of metas) {
    const key = { side: meta.side, id: meta.id };
    const folder = placed.get(key.id);
    const change =
      folder === undefined ? (conclusive ? absent(meta, now) : undefined) : present(meta, folder);
    if (change === undefined) {
      continue;
    }
    await mirror.updateMeta(key, change.apply);
    if (change.event !== undefined) {
      count[change.event] += 1;
      mirror.journal.add({ event: change.event, ...key, ...maybe('folder', folder) });
    }
  }
  return count;
}

interface Change {
  readonly event: keyof Reconciled | undefined;
  readonly apply: (meta: MessageMeta) => MessageMeta;
}

function present(meta: MessageMeta, folder: Folder): Change | undefined {
  const event =
    meta.goneSince !== undefined ? 'back' : meta.folder !== folder ? 'moved' : undefined;
  if (
    event === undefined &&
    meta.missingSince === undefined &&
    meta.lostBeforeFetch === undefined
  ) {
    return undefined;
  }
  return {
    event,
    apply: (state) => ({
      ...state,
      folder,
      missingSince: undefined,
      goneSince: undefined,
      gone: undefined,
      lostBeforeFetch: undefined,
    }),
  };
}

/** The first absence may be a move between two lists; the second one in a row counts. */
function absent(meta: MessageMeta, now: Date): Change | undefined {
  const at = now.toISOString();
  if (meta.goneSince !== undefined) {
    return undefined;
  }
  if (meta.missingSince === undefined) {
    return { event: undefined, apply: (state) => ({ ...state, missingSince: at }) };
  }
  const gone = isExpired(meta, now) ? 'expired' : 'removed';
  return {
    event: 'gone',
    apply: (state) => ({ ...state, missingSince: undefined, goneSince: at, gone }),
  };
}

/** The service removes what has expired, and everything a year after its publication. */
export function isExpired({ publicationDate, expirationDate }: MessageMeta, now: Date): boolean {
  const today = now.toISOString().slice(0, 10);
  return (
    (expirationDate !== undefined && expirationDate <= today) ||
    (publicationDate !== undefined && aYearLater(publicationDate) <= today)
  );
}

/** The day on which a message leaves the box in any case. */
export const aYearLater = (day: LocalDate): LocalDate =>
  `${String(Number(day.slice(0, 4)) + 1).padStart(4, '0')}${day.slice(4)}`;
