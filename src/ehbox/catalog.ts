/**
 * What the mirror holds, read from its files: the list of messages with filters, in the order of display
 * (sync design, “Order of display”), and single messages by id.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { formatIdentifier } from '../ids/identifier.js';
import { identifierOf } from './address.js';
import { maybe } from './fields.js';
import type { LocalDate, Sender } from './fields.js';
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
  /** In subject, sender, attachment names and opened texts; case and accents do not matter. */
  readonly search?: string | undefined;
  readonly limit?: number | undefined;
}

export interface StoredMessage {
  readonly key: MessageKey;
  readonly meta: MessageMeta;
  readonly parts: PartsRecord | undefined;
}

/** Full name of a sender: first name first. */
export const senderName = ({ name, firstName }: Sender): string | undefined =>
  name === undefined ? firstName : firstName === undefined ? name : `${firstName} ${name}`;

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
  return found.sort(displayOrder(box)).slice(0, filter.limit);
}

/** Publication date, then the place in the last complete list, then the id. */
function displayOrder(box: BoxRecord | undefined) {
  const places = new Map(
    Object.values(box?.folders ?? {}).flatMap(({ ids }) =>
      ids.map((id, index): [string, number] => [id, index]),
    ),
  );
  const place = ({ meta }: StoredMessage): number => places.get(meta.id) ?? places.size;
  const date = ({ meta }: StoredMessage): string => meta.publicationDate ?? '';
  return (a: StoredMessage, b: StoredMessage): number =>
    date(b).localeCompare(date(a)) ||
    place(a) - place(b) ||
    (a.meta.id < b.meta.id ? -1 : a.meta.id > b.meta.id ? 1 : 0);
}

function matchesMeta(meta: MessageMeta, filter: MessageFilter): boolean {
  const { publicationDate: date = '' } = meta;
  return (
    (filter.folder === undefined || meta.folder === filter.folder) &&
    (filter.unread !== true || meta.unread) &&
    (filter.since === undefined || date >= filter.since) &&
    (filter.until === undefined || date <= filter.until) &&
    (filter.from === undefined || formatIdentifier(identifierOf(meta.sender)) === filter.from)
  );
}

function matchesContent(message: StoredMessage, { sealed }: MessageFilter): boolean {
  const status = summarise(message).sealStatus;
  return sealed !== true || (status !== undefined && !isReadable(status));
}

async function matchesText(
  mirror: MailboxMirror,
  { key, meta, parts }: StoredMessage,
  { search }: MessageFilter,
): Promise<boolean> {
  if (search === undefined) {
    return true;
  }
  const free = parts?.freeInformation;
  const texts = [
    meta.subject ?? parts?.subject,
    senderName(meta.sender),
    ...(parts?.parts ?? []).flatMap(({ name, title }) => [name, title]),
    ...(free === undefined ? [] : free.kind === 'table' ? free.rows.flat() : [free.text]),
  ];
  const needle = fold(search);
  if (texts.some((text) => text !== undefined && fold(text).includes(needle))) {
    return true;
  }
  const body = parts?.parts.find(
    ({ role, quarantined }) => role === 'body' && quarantined !== true,
  );
  if (body?.file === undefined || !body.mimeType.startsWith('text/')) {
    return false;
  }
  const bytes = await mirror.readPart(key, body.file);
  return fold(Buffer.from(bytes).toString('utf8')).includes(needle);
}

const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

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
