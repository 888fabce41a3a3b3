/**
 * One synchronisation of a side (sync design): list, store entries, fetch, commit, decode, reconcile. It only adds:
 * nothing is deleted here, nothing is moved or deleted at eHealth.
 *
 * The caller holds the lock and has asked which box this is.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { decodeOne, decodeRest } from './decode-stored.js';
import type { DecodeOptions, UnopenedMessage } from './decode-stored.js';
import { isComplete, isWhole, listAll } from './entries.js';
import type { Listings, ListOptions } from './entries.js';
import { fetchMissing, fetchOrder, noteFailures } from './fetch-missing.js';
import type { FailedMessage, FetchOptions } from './fetch-missing.js';
import { maybe } from './fields.js';
import { reportLost } from './lost.js';
import type { MailboxMirror } from './mirror.js';
import { reconcile } from './reconcile.js';
import type { Folder, FolderRecord, MessageMeta, Side } from './records.js';
import { recover } from './recover.js';
import type { BoxInfo } from './reply.js';
import { isLocalTrouble, isRefusal } from './retry.js';
import type { PartStatus } from './seal-status.js';

export interface SyncOptions
  extends Omit<FetchOptions, 'onStored'>, Omit<ListOptions, 'side' | 'pruned'>, DecodeOptions {
  /** @default received */
  readonly side?: Side | undefined;
  readonly environment: string;
  readonly info: BoxInfo;
  /** Fetches nothing, so that no sender is told that his message was read. */
  readonly listOnly?: boolean | undefined;
  /** Fetches at most so many. */
  readonly limit?: number | undefined;
}

export interface SyncResult {
  /** Messages in the lists. */
  readonly listed: number;
  /** Ids of those that were not known. */
  readonly fresh: readonly string[];
  /** Contents that were fetched now. */
  readonly stored: number;
  /** Listed, and left for the next run. */
  readonly pending: number;
  readonly failed: readonly FailedMessage[];
  /** List entries without a usable id. */
  readonly unreadable: number;
  /** Stored messages that do not open, by status. */
  readonly unopened: readonly UnopenedMessage[];
  readonly moved: number;
  readonly gone: number;
  readonly back: number;
  /** Messages in the mirror. */
  readonly total: number;
  /** Whether every folder was seen in one go. */
  readonly complete: boolean;
  /** What ended the run early. */
  readonly stopped: TopazError | undefined;
  readonly interrupted: boolean;
  readonly lastSync: string | undefined;
}

/**
 * Runs.
 *
 * @returns Also when it had to stop: `stopped` says why, and what was stored counts.
 * @throws TopazError of the disk before anything was asked.
 */
export async function runSync(mirror: MailboxMirror, options: SyncOptions): Promise<SyncResult> {
  await mirror.begin();
  try {
    return await synchronise(mirror, options);
  } finally {
    await mirror.end();
  }
}

async function synchronise(mirror: MailboxMirror, given: SyncOptions): Promise<SyncResult> {
  const { side = 'received' } = given;
  const options = { ...given, side, pruned: await mirror.prunedIds(side) };
  const { now } = options;
  const fresh: string[] = [];
  let stopped: TopazError | undefined;
  /** A step; its failure ends the run, and after trouble with the disk no further one is begun. */
  const step = async <T>(otherwise: T, work: () => Promise<T>): Promise<T> => {
    try {
      return isLocalTrouble(stopped) ? otherwise : await work();
    } catch (error) {
      stopped ??= asStop(error, options);
      return otherwise;
    }
  };
  const known = await recover(mirror, side, now);
  const first = await step<Listings>([], () => listAll(mirror, known, fresh, options));
  await step(undefined, () => mirror.journal.flush());
  const wanted = stopped === undefined ? missing(known, first, now()) : [];
  const chosen = options.listOnly === true ? [] : wanted.slice(0, options.limit);
  const decoded = new Map<string, PartStatus>();
  const outcome = await fetchMissing(mirror, chosen, {
    ...options,
    onStored: async (key, message) => {
      const status = await decodeOne(mirror, key, options, message);
      if (status !== undefined) {
        decoded.set(key.id, status);
      }
    },
  });
  stopped ??= outcome.stopped;
  await step(undefined, () => noteFailures(mirror, side, [...outcome.failed, ...outcome.pending]));

  const interrupted = outcome.interrupted || options.signal?.aborted === true;
  let listings = first;
  let failed = outcome.failed;
  if (failed.some(({ error }) => isRefusal(error)) && !interrupted && stopped === undefined) {
    // What is refused may have been removed meanwhile: the lists tell.
    listings = await step(first, () => listAll(mirror, known, fresh, options));
    failed = await step(failed, () => reportLost(mirror, side, failed, listings, now()));
  }
  const keys = await mirror.keys(side);
  const unopened = await step([], () => decodeRest(mirror, keys, options, decoded));
  const unmoved = { moved: 0, gone: 0, back: 0 };
  const moves =
    stopped === undefined && isWhole(listings)
      ? await step(unmoved, () => reconcile(mirror, known.values(), { folders: listings }, now()))
      : unmoved;
  const through = stopped === undefined && !interrupted;
  const lastSync = await step(undefined, () => writeBox(mirror, listings, through, options));
  await step(undefined, () => mirror.journal.flush());
  return {
    listed: new Set(first.flatMap(([, { ids }]) => ids)).size,
    fresh,
    stored: outcome.stored.length,
    pending: wanted.length - outcome.stored.length - outcome.failed.length,
    failed,
    unreadable: listings.reduce((sum, [, { unreadable }]) => sum + unreadable, 0),
    unopened,
    ...moves,
    total: keys.length,
    complete: isComplete(listings) || options.quick === true,
    stopped,
    interrupted,
    lastSync,
  };
}

/** Failures that end the run; everything else is a bug and passes through. */
function asStop(error: unknown, { signal }: SyncOptions): TopazError | undefined {
  if (error instanceof TopazError) {
    return error;
  }
  if (signal?.aborted === true) {
    return undefined;
  }
  throw error;
}

/** What is there and not stored, in the order of fetching. */
function missing(
  known: ReadonlyMap<string, MessageMeta>,
  listings: Listings,
  now: Date,
): readonly MessageMeta[] {
  const listed = new Set(listings.flatMap(([, { ids }]) => ids));
  // A list that was not read to its end hides messages that an earlier run saw.
  const others = isComplete(listings) ? [] : [...known.keys()].filter((id) => !listed.has(id));
  const metas = [...listed, ...others].flatMap((id) => known.get(id) ?? []);
  const wanted = metas.filter(
    ({ id, storedAt, goneSince, lostBeforeFetch }) =>
      storedAt === undefined &&
      (listed.has(id) || (goneSince === undefined && lostBeforeFetch === undefined)),
  );
  return fetchOrder(wanted, now);
}

/** Writes what is known about the box; the time of the run only when it went through. */
async function writeBox(
  mirror: MailboxMirror,
  listings: Listings,
  through: boolean,
  { environment, info, now }: SyncOptions,
): Promise<string | undefined> {
  const before = await mirror.readBox();
  const at = now().toISOString();
  const folders = Object.fromEntries(
    listings.flatMap(([folder, { ids, complete }]): [Folder, FolderRecord][] =>
      complete ? [[folder, { listedAt: at, ids }]] : [],
    ),
  );
  const lastSync = through ? at : before?.lastSync;
  await mirror.writeBox({
    schema: 'topaz.ehbox.box/1',
    environment,
    box: info.box,
    standBy: info.standBy,
    usedBytes: info.usedBytes,
    maxBytes: info.maxBytes,
    infoAt: at,
    ...maybe('lastSync', lastSync),
    folders: { ...before?.folders, ...folders },
  });
  return lastSync;
}
