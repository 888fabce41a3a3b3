/**
 * A message as a mail (RFC 5322, MIME). The same message gives the same bytes. The text is plain: HTML and XML are
 * reduced to text, their originals are attachments that no mail program renders.
 *
 * @module
 */

import { createHash } from 'node:crypto';

import type { BoxAddress } from '../address.js';
import { identifierOf } from '../address.js';
import { documentText, looksLikeXml } from '../document-text.js';
import { senderName } from '../fields.js';
import type { Recipient } from '../fields.js';
import { partFileName } from '../file-names.js';
import { htmlToText } from '../html-text.js';
import { isReadable } from '../seal-status.js';
import type { ExportedMessage, ExportedPart } from './exported.js';
import { base64Lines, cleanHeader, encodeText, fileNameParameter, header, mailbox } from './mail-header.js'; // prettier-ignore

const MEDIA_TYPE = /^[a-z0-9][\w.+-]*\/[a-z0-9][\w.+-]*$/i;
/** Kinds that a mail program would open or run inside the mail. */
const ACTIVE = /html|svg|script|^multipart\/|^message\/|^text\/(?:calendar|x-vcard)/i;
const NO_DATE = 'Thu, 01 Jan 1970 00:00:00 +0000';

/** Lines end with CRLF. */
export function toEml(exported: ExportedMessage): string {
  const { body, original, attachments } = arrange(exported.parts);
  const text = [body, ...extraLines(exported)].filter((piece) => piece !== '').join('\n\n');
  const textPart = [
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    base64Lines(Buffer.from(cleanBody(text))),
  ].join('\r\n');
  const files = [...(original === undefined ? [] : [original]), ...attachments].map(filePart);
  const head = headers(exported).join('\r\n');
  if (files.length === 0) {
    return `${head}\r\n${textPart}\r\n`;
  }
  // A line of base64 holds no "=_": the boundary cannot occur in a part.
  const digest = createHash('sha256').update(head).update(textPart).update(files.join()).digest('hex'); // prettier-ignore
  const boundary = `=_topaz_${digest.slice(0, 32)}`;
  return [
    head,
    `Content-Type: multipart/mixed;\r\n boundary="${boundary}"`,
    '',
    ...[textPart, ...files].flatMap((part) => [`--${boundary}`, part]),
    `--${boundary}--`,
    '',
  ].join('\r\n');
}

function headers({ summary, message, record, parts }: ExportedMessage): readonly string[] {
  const { id, side, date } = summary;
  const missing = parts.filter(({ bytes }) => bytes === undefined);
  const optional = (name: string, value: string | undefined): readonly string[] =>
    value === undefined || cleanHeader(value) === '' ? [] : [header(name, value)];
  return [
    `Message-ID: <${id}.${side}@ehbox.invalid>`,
    `Date: ${date === undefined ? NO_DATE : new Date(`${date}T12:00:00Z`).toUTCString().replace('GMT', '+0000')}`, // prettier-ignore
    `From: ${mailbox(senderName(message.sender), mailAddress(message.sender))}`,
    ...(message.recipients.length === 0
      ? []
      : [`To: ${message.recipients.map((to) => mailbox(recipientName(to), mailAddress(to))).join(',\r\n ')}`]),
    `Subject: ${encodeText(summary.subject ?? '')}`,
    'MIME-Version: 1.0',
    ...(summary.important ? ['Importance: high'] : []),
    ...optional('X-EhBox-Id', id),
    ...optional('X-EhBox-Folder', summary.folder),
    ...optional('X-EhBox-Content-Type', summary.contentType),
    ...optional('X-EhBox-Sender', `${summary.sender.type}=${summary.sender.id}:${summary.sender.quality}`),
    ...optional('X-EhBox-Publication-Id', message.publicationId),
    ...optional('X-EhBox-Expires', summary.expiresOn),
    ...optional('X-EhBox-Patient', record.patient),
    ...optional('X-EhBox-Seal', record.status),
    ...optional('X-EhBox-Signer', record.signer && `${record.signer.type}=${record.signer.id} (${record.signer.match})`),
    ...missing.map(({ record: { position, status } }) => header('X-EhBox-Missing-Part', `${String(position).padStart(2, '0')} ${status}`)),
    ...message.customMetas.map(({ key, value }) => header('X-EhBox-Meta', `${key}=${value}`)),
  ];
} // prettier-ignore

/** An address of a domain that never exists: an answer goes nowhere by accident. */
function mailAddress(address: BoxAddress): string {
  const { type, id } = identifierOf(address);
  const label = (text: string): string =>
    text.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 40) || 'unknown'; // prettier-ignore
  return `${label(id)}@${label(address.quality)}.${label(type)}.ehbox.invalid`;
}

const recipientName = ({ user }: Recipient): string =>
  [user?.firstName, user?.lastName].filter((word) => word !== undefined).join(' ');

/** The body as text; its original where that was not plain text. */
function arrange(parts: readonly ExportedPart[]): {
  readonly body: string;
  readonly original: ExportedPart | undefined;
  readonly attachments: readonly ExportedPart[];
} {
  const attachments = parts.filter(({ record }) => record.role === 'annex');
  const part = parts.find(({ record }) => record.role === 'body');
  if (part?.bytes === undefined || part.bytes.length === 0) {
    return { body: '', original: undefined, attachments };
  }
  const { mimeType, status } = part.record;
  const text = isReadable(status) ? textOf(part.bytes) : undefined;
  if (text === undefined) {
    return { body: '', original: part, attachments };
  }
  if (/html/i.test(mimeType) || /^\s*<(?:!doctype html|html)\b/i.test(text)) {
    return { body: htmlToText(text), original: part, attachments };
  }
  if (looksLikeXml(mimeType, text)) {
    return { body: documentText(text) ?? text, original: part, attachments };
  }
  return mimeType.startsWith('text/')
    ? { body: text, original: undefined, attachments }
    : { body: '', original: part, attachments };
}

function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) {
    return undefined;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

/** Free information, receipt and error, which a mail has no place for. */
function extraLines({ message, record }: ExportedMessage): readonly string[] {
  const { freeInformation: free } = record;
  const { acknowledgment, error } = message;
  return [
    free === undefined
      ? ''
      : free.kind === 'table'
        ? [free.title ?? '', ...free.rows.map((cells) => cells.join(': '))].join('\n').trim()
        : (free.text ?? ''),
    acknowledgment === undefined
      ? ''
      : `${acknowledgment.type} ${acknowledgment.messageId} ${acknowledgment.dateTime}`,
    error === undefined ? '' : [error.code, ...error.messages].join(' '),
  ];
}

/** No character that steers a terminal or turns the direction of writing; lines end with CRLF. */
const cleanBody = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{C}\n\t]/gu, '')
    .replace(/\n/g, '\r\n');

function filePart({ record, bytes }: ExportedPart): string {
  if (bytes === undefined) {
    return [
      'Content-Type: text/plain; charset=us-ascii',
      '',
      `part ${String(record.position).padStart(2, '0')} was not written: ${record.status}`,
    ].join('\r\n');
  }
  const { mimeType } = record;
  const type = MEDIA_TYPE.test(mimeType) && !ACTIVE.test(mimeType) ? mimeType : 'application/octet-stream'; // prettier-ignore
  return [
    `Content-Type: ${type}`,
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: attachment;\r\n ${fileNameParameter(partFileName(record.position, record.name))}`,
    '',
    base64Lines(bytes),
  ].join('\r\n');
}
