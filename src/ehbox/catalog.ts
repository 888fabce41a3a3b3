/**
 * What the mirror holds, read from its files: the list of messages with filters, in the order of display
 * (sync design, “Order of display”), and single messages by id.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { formatIdentifier } from '../ids/identifier.js';
import { identifierOf } from './address.js';
import { maybe, senderName } from './fields.js';
import type { LocalDate } from './fields.js';
import { fold, searchTexts, searchWords } from './message-texts.js';
import type { MailboxMirror, MessageKey } from './mirror.js';
import type { BoxRecord, Folder, MessageMeta, PartsRecord, Side } from './records.js';
import { isReadable } from './seal-status.js';
import type { SealStatus } from './seal-status.js';

/** A message as lists show it. */
export interface MessageSummary {
  readonly id: string;
  readonly side: Side;
  readonly folder: Folder;
  /** Type in the names of the ETK depot. */
  readonly sender: {
    readonly type: string;
    readonly id: string;
    readonly quality: string;
    readonly name?: string | undefined;
  };
  readonly subject?: string | undefined;
  readonly date?: LocalDate | undefined;
  readonly expiresOn?: LocalDate | undefined;
  readonly sizeBytes?: number | undefined;
  readonly contentType: string;
  readonly unread: boolean;
  readonly sealed: boolean;
  /** Absent while the content was not fetched. */
  readonly sealStatus?: SealStatus | undefined;
  readonly important: boolean;
  /** Absent while the content was not opened. */
  readonly attachments?: readonly AttachmentSummary[] | undefined;
  /** Whether there are any, as the list says. */
  readonly hasAttachments?: boolean | undefined;
  /** Whether the content is here. */
  readonly stored: boolean;
  readonly goneSince?: string | undefined;
}

export interface AttachmentSummary {
  readonly name: string;
  readonly mimeType: string;
  readonly sizeBytes?: number | undefined;
}

export interface MessageFilter {
  readonly folder?: Folder | undefined;
  readonly unread?: boolean | undefined;
  /** Only what does not open. */
  readonly sealed?: boolean | undefined;
  /** `TYPE=ID` of the sender. */
  readonly from?: string | undefined;
  readonly since?: LocalDate | undefined;
  readonly until?: LocalDate | undefined;
  /** Words in subject, sender, attachment names and opened texts; case and accents do not matter. */
  readonly search?: string | undefined;
  readonly limit?: number | undefined;
}

export interface StoredMessage {
  readonly key: MessageKey;
  readonly meta: MessageMeta;
  readonly parts: PartsRecord | undefined;
}

export function summarise({ meta, parts }: StoredMessage): MessageSummary {
  const { sender } = meta;
  const sealStatus: SealStatus | undefined =
    parts?.status ??
    (meta.storedAt === undefined ? undefined : meta.encrypted ? 'unopened' : 'clear');
  const attachments = parts?.parts
    .filter(({ role }) => role === 'annex')
    .map(({ name, mimeType, sizeBytes }) => ({ name, mimeType, ...maybe('sizeBytes', sizeBytes) }));
  return {
    id: meta.id,
    side: meta.side,
    folder: meta.folder,
    sender: {
      ...identifierOf(sender),
      quality: sender.quality,
      ...maybe('name', senderName(sender)),
    },
    ...maybe('subject', meta.subject ?? parts?.subject),
    ...maybe('date', meta.publicationDate),
    ...maybe('expiresOn', meta.expirationDate),
    ...maybe('sizeBytes', meta.sizeBytes),
    contentType: meta.contentType,
    unread: meta.unread,
    sealed: meta.encrypted,
    ...maybe('sealStatus', sealStatus),
    important: meta.important,
    ...maybe('attachments', attachments),
    ...maybe('hasAttachments', attachments === undefined ? meta.hasAnnex : undefined),
    stored: meta.storedAt !== undefined,
    ...maybe('goneSince', meta.goneSince?.replace(/\.\d{3}Z$/, 'Z')),
  };
}

/** Reads the messages of a mirror that a filter lets through, newest first. */
export async function findMessages(
  mirror: MailboxMirror,
  filter: MessageFilter = {},
): Promise<readonly StoredMessage[]> {
  const box = await mirror.readBox();
  const found: StoredMessage[] = [];
  for (const side of ['received', 'sent'] as const) {
    for (const key of await mirror.keys(side)) {
      const meta = await mirror.readMeta(key);
      if (meta !== undefined && matchesMeta(meta, filter)) {
        const message = { key, meta, parts: await mirror.readParts(key) };
        if (matchesContent(message, filter) && (await matchesText(mirror, message, filter))) {
          found.push(message);
        }
      }
    }
  }
  const place = ({ meta }: StoredMessage) => ({ id: meta.id, date: meta.publicationDate ?? '' });
  const compare = displayOrder(box, found.map(place));
  return found.sort((a, b) => compare(place(a), place(b))).slice(0, filter.limit);
}

interface Placed {
  readonly id: string;
  /** Of the publication; empty when unknown. */
  readonly date: LocalDate;
}

/**
 * Publication date, then the place in the last complete list, then the id.
 *
 * @param wanted The messages that will be compared.
 */
export function displayOrder(
  box: BoxRecord | undefined,
  wanted: readonly Placed[],
): (a: Placed, b: Placed) => number {
  const places = new Map(wanted.map(({ id }) => [id, Infinity]));
  for (const { ids } of Object.values(box?.folders ?? {})) {
    ids.forEach((id, index) => {
      if (places.has(id)) {
        places.set(id, index);
      }
    });
  }
  const place = ({ id }: Placed): number => places.get(id) ?? Infinity;
  return (a, b) =>
    a.date === b.date
      ? inOrder(place(a), place(b)) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
      : a.date < b.date
        ? 1
        : -1;
}

const inOrder = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

/** Whether a filter lets a message through, by what the list says about it. */
export function matchesMeta(meta: MessageMeta, filter: MessageFilter): boolean {
  const { publicationDate: date = '' } = meta;
  return (
    (filter.folder === undefined || meta.folder === filter.folder) &&
    (filter.unread !== true || meta.unread) &&
    (filter.since === undefined || date >= filter.since) &&
    (filter.until === undefined || date <= filter.until) &&
    (filter.from === undefined || formatIdentifier(identifierOf(meta.sender)) === filter.from)
  );
}

/** Whether the content is here and does not open, or not wholly. */
export const isClosed = (status: SealStatus | undefined): boolean =>
  status !== undefined && !isReadable(status);

function matchesContent(message: StoredMessage, { sealed }: MessageFilter): boolean {
  const status = summarise(message).sealStatus;
  return sealed !== true || isClosed(status);
}

async function matchesText(
  mirror: MailboxMirror,
  message: StoredMessage,
  { search }: MessageFilter,
): Promise<boolean> {
  if (search === undefined) {
    return true;
  }
  const text = fold((await searchTexts(mirror, message)).join('\n'));
  return searchWords(search).every((word) => text.includes(word));
}

/**
 * One message by id, on whichever side it is.
 *
 * @throws TopazError `E_MESSAGE_UNKNOWN`.
 */
export async function findMessage(mirror: MailboxMirror, id: string): Promise<StoredMessage> {
  if (/^[A-Za-z0-9]{1,40}$/.test(id)) {
    for (const side of ['received', 'sent'] as const) {
      const key = { side, id };
      const meta = await mirror.readMeta(key);
      if (meta !== undefined) {
        return { key, meta, parts: await mirror.readParts(key) };
      }
    }
  }
  throw new TopazError('E_MESSAGE_UNKNOWN', 'the mirror has no message with that id', {
    facts: /^[A-Za-z0-9]{1,40}$/.test(id) ? [`id ${id}`] : [],
    hint: 'topaz ehbox list shows the ids; topaz ehbox sync fetches new messages',
  });
}
