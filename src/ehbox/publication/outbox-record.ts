/**
 * What the outbox keeps of a message: where it stands, and, until that is settled, the bytes that travel. Of a
 * sealed message those are sealed; its plaintext is never here.
 *
 * @module
 */

import { createHash } from 'node:crypto';

import type { BoxAddress } from '../address.js';
import type { PackedAnnex, PackedPart, Publication } from './pack.js';
import type { Absence } from './reply.js';

/**
 * `waiting`: never given to the service. `unsure`: given to it, no answer known. `absent`: not delivered,
 * somebody is out of office. `sent` and `refused` are final.
 */
export type OutboxState = 'waiting' | 'unsure' | 'absent' | 'sent' | 'refused';

export interface OutboxRecord {
  readonly schema: 'topaz.ehbox.outbox-message/1';
  readonly publicationId: string;
  readonly environment: string;
  /** The sender's. */
  readonly from: BoxAddress;
  readonly state: OutboxState;
  /** ISO 8601, as `settledAt`. */
  readonly createdAt: string;
  readonly recipients: readonly BoxAddress[];
  readonly subject: string;
  readonly sealed: boolean;
  readonly sizeBytes: number;
  readonly attempts: number;
  readonly settledAt?: string | undefined;
  readonly messageId?: string | undefined;
  readonly absences?: readonly Absence[] | undefined;
  /** Of the service, when it refused. */
  readonly code?: string | undefined;
  readonly texts?: readonly string[] | undefined;
  /** Absent once the message is settled. */
  readonly content?: StoredContent | undefined;
}

export interface StoredContent {
  /** Of the JSON text below, hex. */
  readonly sha256: string;
  readonly json: string;
}

/** Bytes as base64 in an object of their own, so that no text is taken for them. */
interface StoredBytes {
  readonly $base64: string;
}

export function storeContent(publication: Publication): StoredContent {
  const json = JSON.stringify(
    publication,
    function (this: Record<string, unknown>, key, value: unknown) {
      // A Buffer turns itself into something else before `value` is seen.
      const own = this[key];
      return ArrayBuffer.isView(own) ? { $base64: base64Of(own) } : value;
    },
  );
  return { sha256: sha256(json), json };
}

/** @returns `undefined` for one that was damaged. */
export function restoreContent({ sha256: expected, json }: StoredContent): Publication | undefined {
  if (sha256(json) !== expected) {
    return undefined;
  }
  const value: unknown = JSON.parse(json, (_key, inner: unknown) =>
    isBytes(inner) ? Uint8Array.from(Buffer.from(inner.$base64, 'base64')) : inner,
  );
  // What the digest vouches for was written by this program.
  return isPublication(value) ? value : undefined;
}

const base64Of = ({ buffer, byteOffset, byteLength }: ArrayBufferView): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const isBytes = (value: unknown): value is StoredBytes =>
  typeof value === 'object' &&
  value !== null &&
  '$base64' in value &&
  typeof value.$base64 === 'string';

const isPublication = (value: unknown): value is Publication =>
  typeof value === 'object' &&
  value !== null &&
  'publicationId' in value &&
  'document' in value &&
  'annexes' in value;

/** Bytes of all values as they travel. */
export function sizeOf({ document, annexes, freeInformation: free, patient }: Publication): number {
  const parts: readonly PackedPart[] = [document, ...annexes];
  const values = [
    ...parts.map(({ bytes }) => bytes),
    ...annexes.map(({ title }: PackedAnnex) => title),
    ...(free === undefined ? [] : free.kind === 'text' ? [free.bytes] : free.rows.flat()),
    ...(patient === undefined ? [] : [patient]),
  ];
  return values.reduce((sum, { length }) => sum + length, 0);
}

/** Where a record that was read has all that the outbox relies on. */
export const isOutboxRecord = (value: unknown): value is OutboxRecord =>
  typeof value === 'object' &&
  value !== null &&
  'schema' in value &&
  value.schema === 'topaz.ehbox.outbox-message/1' &&
  'publicationId' in value &&
  typeof value.publicationId === 'string' &&
  'state' in value &&
  typeof value.state === 'string' &&
  ['waiting', 'unsure', 'absent', 'sent', 'refused'].includes(value.state) &&
  'recipients' in value &&
  Array.isArray(value.recipients) &&
  'from' in value &&
  'subject' in value;
