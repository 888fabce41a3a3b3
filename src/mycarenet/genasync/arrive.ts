/**
 * A page of a mailbox goes to the disk: what is new is stored, what is known is recognised, what did not open
 * before is tried again (mycarenet §3.6).
 *
 * @module
 */

import { readFile } from 'node:fs/promises';

import type { Acknowledgement, Carried, MailboxMessage, Page } from './reply.js';
import { carriedHash } from './reply.js';
import { openContent } from './open-content.js';
import type { ContentKeys, OpenedContent } from './open-content.js';
import { idOf } from './records.js';
import type { AcknowledgementRecord, MessageRecord } from './records.js';
import type { StagedFile } from './staged-folder.js';
import type { MailboxStore } from './store.js';

export interface Arrivals {
  /** Everything of the page, stored. */
  readonly messages: readonly MessageRecord[];
  readonly tacks: readonly AcknowledgementRecord[];
  /** Ids of what was not here before, or could not be read until now. */
  readonly fresh: readonly string[];
}

/** Stores a page. When this returns, all of it is on the disk for good. */
export async function storePage(
  store: MailboxStore,
  page: Page,
  { keys, now }: { readonly keys: ContentKeys | undefined; readonly now: () => Date },
): Promise<Arrivals> {
  const messages: MessageRecord[] = [];
  const tacks: AcknowledgementRecord[] = [];
  const fresh: string[] = [];
  for (const message of page.messages) {
    const id = messageId(message);
    const known = await store.readMessage(id);
    if (known !== undefined && known.problem === undefined) {
      messages.push(known);
      continue;
    }
    const { record, content } = await openMessage(id, message, keys, now());
    // A copy that is no better than the one at hand changes nothing.
    if (known !== undefined && record.problem !== undefined) {
      messages.push(known);
      continue;
    }
    await store.putMessage(record, {
      detail: stagedFile(message.content),
      ...(content === undefined ? {} : { content }),
      ...(message.xades === undefined ? {} : { xades: stagedFile(message.xades) }),
    });
    messages.push(record);
    fresh.push(id);
  }
  for (const acknowledgement of page.acknowledgements) {
    const record = tackRecord(acknowledgement, now());
    const known = await store.readTack(record.id);
    if (known === undefined) {
      await store.putTack(record);
      fresh.push(record.id);
    }
    tacks.push(known ?? record);
  }
  await store.syncArrivals();
  return { messages, tacks, fresh };
}

/** By the broker's reference; where there is none by the hash, given or computed. */
const messageId = ({ reference, hashValue, messageName, content }: MailboxMessage): string =>
  reference !== undefined
    ? idOf('reference', reference)
    : idOf('hash', messageName, hashValue ?? carriedHash(content));

async function openMessage(
  id: string,
  message: MailboxMessage,
  keys: ContentKeys | undefined,
  now: Date,
): Promise<{ readonly record: MessageRecord; readonly content: Uint8Array | undefined }> {
  const { content: carried } = message;
  const opened =
    carried.kind === 'file' && isPlain(message)
      ? hashOfFile(carried.part.sha256, message.hashValue)
      : await openContent(await bytesOf(carried), message, keys, now);
  const sizeBytes = opened.content?.length ?? sizeOf(carried);
  const { problem, sealedBy } = opened;
  const record: MessageRecord = {
    schema: 'topaz.mycarenet.message/1',
    id,
    ...maybe('reference', message.reference),
    ...maybe('hashValue', message.hashValue),
    messageName: message.messageName,
    ...maybe('issuer', message.issuer),
    ...maybe('contentType', message.contentType),
    ...maybe('encoding', message.encoding),
    ...maybe('encryption', message.encryption),
    references: message.references,
    receivedAt: now.toISOString(),
    sizeBytes,
    ...maybe('problem', problem),
    ...maybe('sealedBy', sealedBy),
  };
  return { record, content: opened.content };
}

const isPlain = ({ encoding, encryption }: MailboxMessage): boolean =>
  encoding === 'none' && encryption === undefined;

/** The hash of a file was computed while it arrived: it need not be read again. */
const hashOfFile = (sha256: string, hashValue: string | undefined): OpenedContent =>
  hashValue === undefined || Buffer.from(sha256, 'hex').toString('base64') === hashValue
    ? {}
    : { problem: 'wrong-hash' };

async function bytesOf(carried: Carried): Promise<Uint8Array | undefined> {
  switch (carried.kind) {
    case 'bytes':
      return carried.bytes;
    case 'file':
      return readFile(carried.part.path);
    case 'damaged':
      return undefined;
  }
}

const sizeOf = (carried: Carried): number =>
  carried.kind === 'file' ? carried.part.sizeBytes : carried.bytes.length;

const stagedFile = (carried: Carried): StagedFile =>
  carried.kind === 'file' ? { moveFrom: carried.part.path } : carried.bytes;

function tackRecord(tack: Acknowledgement, now: Date): AcknowledgementRecord {
  const { reference, value, issuer, appliesTo, result, minor, message } = tack;
  return {
    schema: 'topaz.mycarenet.tack/1',
    id:
      reference === undefined
        ? idOf('tack', issuer, appliesTo, value)
        : idOf('tack-reference', reference),
    ...maybe('reference', reference),
    value,
    issuer,
    appliesTo,
    result,
    ...maybe('minor', minor),
    ...maybe('message', message),
    receivedAt: now.toISOString(),
  };
}

function maybe<K extends string, V>(key: K, value: V | undefined): Partial<Readonly<Record<K, V>>> {
  const result: Partial<Record<K, V>> = {};
  if (value !== undefined) {
    result[key] = value;
  }
  return result;
}
