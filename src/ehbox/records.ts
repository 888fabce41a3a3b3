/**
 * The small JSON files of a mirror (sync design, “Layout”): the box, the state of a message, the list of its
 * parts. Each is read with a check of its form: a damaged one counts as missing and is made again.
 *
 * @module
 */

import { readFileSync } from 'node:fs';

import type { BoxAddress } from './address.js';
import type { DecodedFreeInformation } from './decode.js';
import type { LocalDate, Sender } from './fields.js';
import type { PartStatus } from './seal-status.js';
import type { SignerMatch } from './signer-match.js';

/** `received` holds inbox and bin, `sent` the other two. */
export type Side = 'received' | 'sent';
export type Folder = 'inbox' | 'bin' | 'sent' | 'sent-bin';

/** Side and number: the same number may stand on both sides. */
export interface MessageKey {
  readonly side: Side;
  readonly id: string;
}

/** `meta.json`: what the list said, and what became of the message. */
export interface MessageMeta {
  readonly schema: 'topaz.ehbox.message/1';
  readonly id: string;
  readonly side: Side;
  readonly folder: Folder;
  readonly sender: Sender;
  /** Absent when the list had no `ContentInfo`. */
  readonly subject?: string | undefined;
  readonly publicationDate?: LocalDate | undefined;
  readonly expirationDate?: LocalDate | undefined;
  readonly sizeBytes?: number | undefined;
  readonly contentType: string;
  readonly important: boolean;
  readonly encrypted: boolean;
  readonly hasAnnex?: boolean | undefined;
  readonly firstSeen: string;
  /** When `raw/` was complete. */
  readonly storedAt?: string | undefined;
  readonly unread: boolean;
  /** Absent from one complete listing: not yet a conclusion. */
  readonly missingSince?: string | undefined;
  readonly goneSince?: string | undefined;
  readonly gone?: 'expired' | 'removed' | undefined;
  /** The service does not have it any more, and its content was never fetched. */
  readonly lostBeforeFetch?: string | undefined;
  /** Runs in which it could not be fetched: those go last. */
  readonly failures?: number | undefined;
}

export interface PartRecord {
  readonly position: number;
  readonly role: 'body' | 'annex';
  /** Name in `parts/`; absent when it did not open or was not unpacked. */
  readonly file?: string | undefined;
  readonly quarantined?: boolean | undefined;
  /** As the sender named it. */
  readonly name: string;
  readonly title?: string | undefined;
  readonly mimeType: string;
  readonly sniffedMimeType?: string | undefined;
  readonly sizeBytes?: number | undefined;
  readonly sha256?: string | undefined;
  readonly status: PartStatus;
  readonly errors?: readonly string[] | undefined;
  readonly warnings?: readonly string[] | undefined;
}

/** `parts.json`: what the message holds, opened. Without it the message counts as not decoded. */
export interface PartsRecord {
  readonly schema: 'topaz.ehbox.parts/1';
  readonly status: PartStatus;
  /** Whether the annexes are in `parts/` too. */
  readonly unpacked: boolean;
  readonly subject?: string | undefined;
  readonly parts: readonly PartRecord[];
  readonly freeInformation?: DecodedFreeInformation | undefined;
  readonly patient?: string | undefined;
  readonly signer?:
    | { readonly type: string; readonly id: string; readonly name?: string | undefined; readonly match: SignerMatch }
    | undefined;
  readonly signingTime?: string | undefined;
  readonly triedKeys?: readonly string[] | undefined;
} // prettier-ignore

/** What stays of a message that was removed here: it is not fetched again. */
export interface PrunedRecord {
  readonly schema: 'topaz.ehbox.pruned/1';
  readonly id: string;
  readonly side: Side;
  /** Of the answer. */
  readonly sha256?: string | undefined;
  readonly publicationDate?: LocalDate | undefined;
  readonly storedAt?: string | undefined;
  readonly prunedAt: string;
}

export interface FolderRecord {
  /** Of the last complete listing. */
  readonly listedAt: string;
  /** Message ids, newest first. */
  readonly ids: readonly string[];
}

/** `box.json`. */
export interface BoxRecord {
  readonly schema: 'topaz.ehbox.box/1';
  readonly environment: string;
  readonly box: BoxAddress;
  readonly standBy: number;
  readonly usedBytes: number;
  readonly maxBytes: number;
  /** Of the answer with these figures. */
  readonly infoAt: string;
  /** End of the last run that went through. */
  readonly lastSync?: string | undefined;
  readonly folders: Partial<Readonly<Record<Folder, FolderRecord>>>;
}

/**
 * Reads one of them; `undefined` when it is missing, damaged or of another kind. Read at once: they are small, many,
 * and handing each to another thread costs more than reading it.
 */
export function readRecord<T extends { readonly schema: string }>(
  path: string,
  schema: T['schema'],
): Promise<T | undefined> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return Promise.resolve(undefined);
  }
  return Promise.resolve(isRecord<T>(value, schema) ? value : undefined);
}

const isRecord = <T extends { readonly schema: string }>(
  value: unknown,
  schema: T['schema'],
): value is T =>
  typeof value === 'object' && value !== null && 'schema' in value && value.schema === schema;

export const formatRecord = (
  record: BoxRecord | MessageMeta | PartsRecord | PrunedRecord,
): string => `${JSON.stringify(record, undefined, 1)}\n`;
