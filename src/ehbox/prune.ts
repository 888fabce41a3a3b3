/**
 * Removing local copies (sync design, “Retention”): what is old, was read and opened, and only then. A tombstone
 * stays, so that the next synchronisation neither lists nor fetches the message again. At eHealth nothing
 * changes.
 *
 * @module
 */

import { createHash } from 'node:crypto';

import { maybe } from './fields.js';
import type { LocalDate } from './fields.js';
import type { MailboxMirror, MessageKey } from './mirror.js';
import type { MessageMeta, PartsRecord } from './records.js';
import { isReadable } from './seal-status.js';

/** Why a message stays, though it is old. */
export type KeepReason = 'unread' | 'pending' | 'undecoded';

export interface PruneCandidate {
  readonly key: MessageKey;
  readonly meta: MessageMeta;
  readonly keep: KeepReason | undefined;
}

/** Messages published before a day, with what speaks against removing them. One without a date is never old. */
export async function pruneCandidates(
  mirror: MailboxMirror,
  before: LocalDate,
): Promise<readonly PruneCandidate[]> {
  const found: PruneCandidate[] = [];
  for (const side of ['received', 'sent'] as const) {
    for (const key of await mirror.keys(side)) {
      const meta = await mirror.readMeta(key);
      if (meta?.publicationDate !== undefined && meta.publicationDate < before) {
        found.push({ key, meta, keep: reasonToKeep(meta, await mirror.readParts(key)) });
      }
    }
  }
  return found;
}

function reasonToKeep(meta: MessageMeta, parts: PartsRecord | undefined): KeepReason | undefined {
  if (meta.storedAt === undefined) {
    return 'pending';
  }
  if (parts === undefined || !isReadable(parts.status)) {
    return 'undecoded';
  }
  return meta.unread ? 'unread' : undefined;
}

/** Removes one message; the tombstone comes first. Only under the lock. */
export async function pruneMessage(
  mirror: MailboxMirror,
  { key, meta }: PruneCandidate,
  now: Date,
): Promise<void> {
  const raw = await mirror.readRaw(key);
  await mirror.removeMessage({
    schema: 'topaz.ehbox.pruned/1',
    ...key,
    ...maybe('sha256', raw && createHash('sha256').update(raw.body).digest('hex')),
    ...maybe('publicationDate', meta.publicationDate),
    ...maybe('storedAt', meta.storedAt),
    prunedAt: now.toISOString(),
  });
  mirror.journal.add({ event: 'pruned', ...key });
}
