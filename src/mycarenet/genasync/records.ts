/**
 * The small JSON files of a mailbox on this machine, and how its things are named.
 *
 * @module
 */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import type { References } from '../common-input.js';
import type { Problem } from './open-content.js';

/** `messages/<id>/meta.json`. */
export interface MessageRecord {
  readonly schema: 'topaz.mycarenet.message/1';
  readonly id: string;
  /** Of the broker; by it the message is confirmed. */
  readonly reference?: string;
  readonly hashValue?: string;
  readonly messageName: string;
  readonly issuer?: string;
  readonly contentType?: string;
  readonly encoding?: string;
  readonly encryption?: string;
  readonly references: References;
  readonly receivedAt: string;
  /** Of the business document; of what was carried while that cannot be read. */
  readonly sizeBytes: number;
  /** Why it cannot be read; absent = it can. */
  readonly problem?: Problem | undefined;
  readonly sealedBy?: string;
  /** When the mailbox was told to forget it. */
  readonly confirmedAt?: string;
}

/** `tacks/<id>.json`. */
export interface AcknowledgementRecord {
  readonly schema: 'topaz.mycarenet.tack/1';
  readonly id: string;
  readonly reference?: string;
  /** Base64. */
  readonly value: string;
  readonly issuer: string;
  /** Reference of the post. */
  readonly appliesTo: string;
  readonly result: 'success' | 'failure';
  readonly minor?: string;
  readonly message?: string;
  readonly receivedAt: string;
  readonly confirmedAt?: string;
}

/** `sent/<reference>/meta.json`; beside it `content`, as it was posted. */
export interface SentRecord {
  readonly schema: 'topaz.mycarenet.sent/1';
  readonly reference: string;
  readonly messageName: string;
  readonly mutuality?: string;
  readonly sentAt: string;
  /** SHA-256 of the document, base64: the same document is recognised. */
  readonly hash: string;
  /** What the broker said; absent while no answer is known. */
  readonly tack?: Pick<AcknowledgementRecord, 'result' | 'minor' | 'message' | 'value' | 'issuer'>;
}

/** `mailbox.json`. */
export interface MailboxRecord {
  readonly schema: 'topaz.mycarenet.mailbox/1';
  readonly environment: string;
  /** Whose messages these are. */
  readonly nihii: string;
  /** End of the last run that went through. */
  readonly lastSync?: string;
}

const ID_LENGTH = 16;

/** The name of something here: always the same for the same thing, fit for a file, without a number of anybody. */
export const idOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, ID_LENGTH);

/** Reads a record; `undefined` when it is missing, damaged or of another kind. */
export async function readRecord<T extends { readonly schema: string }>(
  path: string,
  schema: T['schema'],
): Promise<T | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isOfSchema<T>(value, schema) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isOfSchema = <T extends { readonly schema: string }>(
  value: unknown,
  schema: T['schema'],
): value is T =>
  typeof value === 'object' && value !== null && 'schema' in value && value.schema === schema;

export const formatRecord = (
  record: MessageRecord | AcknowledgementRecord | SentRecord | MailboxRecord,
): string => `${JSON.stringify(record, undefined, 1)}\n`;
