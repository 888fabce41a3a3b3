/**
 * Keeping the index of a mirror in step with its files. Each row carries the stamps of the files that it was
 * made from; what may have changed is named in `index.log` before it changes. So a list only looks at those,
 * and a whole pass over the files follows each synchronisation (design decision 9).
 *
 * @module
 */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { formatIdentifier } from '../ids/identifier.js';
import { TopazError } from '../errors.js';
import { isClosed, summarise } from './catalog.js';
import { removeIndex } from './index-damage.js';
import { IndexDatabase } from './index-database.js';
import type { loadSqlite } from './index-database.js';
import type { IndexRow } from './index-query.js';
import { fold, searchTexts } from './message-texts.js';
import type { MailboxMirror, MessageKey } from './mirror.js';

export interface IndexOptions {
  /** Loads better-sqlite3; tests may have none. */
  readonly load?: typeof loadSqlite;
  readonly signal?: AbortSignal | undefined;
}

/** Rows per transaction: short ones, so that nobody waits long. */
const BATCH = 200;

export const indexPath = (mirror: MailboxMirror): string => join(mirror.folder, 'index.sqlite');

/**
 * Opens the index for a list and brings in what changed; makes it when there is none.
 *
 * @throws TopazError `E_NATIVE_MISSING`, `E_DISK_FULL`, `E_READ_ONLY`.
 */
export async function openIndex(
  mirror: MailboxMirror,
  options: IndexOptions = {},
): Promise<IndexDatabase> {
  const { index, fresh } = await IndexDatabase.open(indexPath(mirror), options);
  try {
    await (fresh ? refreshAll(mirror, index, options) : refresh(mirror, index, await mirror.changedKeys())); // prettier-ignore
    return index;
  } catch (error) {
    index.close();
    throw error;
  }
}

/**
 * After changes, under the lock of the mirror: checks the index, compares it with every file, and forgets the
 * names of what changed. Without better-sqlite3 there is no index, and none that could be stale.
 *
 * @param options.rebuild Makes it anew whatever it is.
 * @param options.vacuum After messages were removed.
 * @returns How many messages it holds; `undefined` without better-sqlite3.
 * @throws TopazError of the disk.
 */
export async function settleIndex(
  mirror: MailboxMirror,
  options: IndexOptions & { readonly rebuild?: boolean; readonly vacuum?: boolean } = {},
): Promise<number | undefined> {
  const path = indexPath(mirror);
  if (options.rebuild === true) {
    await removeIndex(path);
  }
  let opened: Awaited<ReturnType<typeof IndexDatabase.open>>;
  try {
    opened = await IndexDatabase.open(path, { ...options, check: true });
  } catch (error) {
    if (!(error instanceof TopazError) || error.code !== 'E_NATIVE_MISSING') {
      throw error;
    }
    await mirror.forgetChanges(async () => {
      await removeIndex(path);
      return true;
    });
    return undefined;
  }
  const { index } = opened;
  try {
    await refreshAll(mirror, index, options);
    await mirror.forgetChanges(async () => {
      await refresh(mirror, index, await mirror.changedKeys());
      return (await index.isCurrent()) && options.signal?.aborted !== true;
    });
    if (options.vacuum === true) {
      index.vacuum();
    }
    return index.size;
  } finally {
    index.close();
  }
}

/** Compares every message with its row. */
async function refreshAll(
  mirror: MailboxMirror,
  index: IndexDatabase,
  { signal }: IndexOptions,
): Promise<void> {
  const known = index.stamps();
  const rows: IndexRow[] = [];
  // Interruptions get through between batches.
  let looked = 0;
  for (const side of ['received', 'sent'] as const) {
    for (const key of await mirror.keys(side)) {
      const name = `${side}/${key.id}`;
      looked += 1;
      await (looked % BATCH === 0 ? setImmediate() : undefined);
      const stamp = stampOf(mirror, key);
      if (stamp === undefined) {
        continue;
      }
      if (known.get(name) !== stamp) {
        const row = await rowOf(mirror, key, stamp);
        if (row === undefined) {
          continue;
        }
        rows.push(row);
      }
      known.delete(name);
      if (rows.length >= BATCH) {
        index.write(rows.splice(0));
      }
      if (signal?.aborted === true) {
        index.write(rows);
        return;
      }
    }
  }
  const gone = [...known.keys()].map((name) => {
    const [side = '', id = ''] = name.split('/');
    return { side, id };
  });
  if (rows.length + gone.length > 0) {
    index.write(rows, gone);
  }
}

/** Compares some messages with their rows. */
async function refresh(
  mirror: MailboxMirror,
  index: IndexDatabase,
  keys: readonly MessageKey[],
): Promise<void> {
  const rows: IndexRow[] = [];
  const gone: MessageKey[] = [];
  for (const key of keys) {
    const stamp = stampOf(mirror, key);
    if (stamp !== undefined && stamp === index.stamp(key.side, key.id)) {
      continue;
    }
    const row = stamp === undefined ? undefined : await rowOf(mirror, key, stamp);
    if (row === undefined) {
      gone.push(key);
    } else {
      rows.push(row);
    }
  }
  if (rows.length + gone.length > 0) {
    index.write(rows, gone);
  }
}

/** Of `meta.json` and `parts.json`: both are replaced whole, so that each change gives another file. */
function stampOf(mirror: MailboxMirror, key: MessageKey): string | undefined {
  const [meta, parts] = ['meta.json', 'parts.json'].map((name) => {
    try {
      const { ino, mtimeNs, size } = statSync(mirror.path(key, name), { bigint: true });
      return `${ino}.${mtimeNs}.${size}`;
    } catch {
      return '-';
    }
  });
  return meta === '-' ? undefined : `${meta ?? ''} ${parts ?? ''}`;
}

async function rowOf(
  mirror: MailboxMirror,
  key: MessageKey,
  stamp: string,
): Promise<IndexRow | undefined> {
  const meta = await mirror.readMeta(key);
  if (meta === undefined) {
    return undefined;
  }
  const message = { key, meta, parts: await mirror.readParts(key) };
  const summary = summarise(message);
  return {
    side: key.side,
    id: key.id,
    stamp,
    folder: meta.folder,
    unread: meta.unread,
    closed: isClosed(summary.sealStatus),
    date: meta.publicationDate ?? '',
    sender: formatIdentifier(summary.sender),
    summary: JSON.stringify(summary),
    text: fold((await searchTexts(mirror, message)).join('\n')),
  };
}
