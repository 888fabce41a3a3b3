/**
 * A message in full, as JSON and as lines for people.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { cleanLines, cleanText, facts, formatDay, formatSize } from '../../cli/text.js';
import { formatAddress, identifierOf } from '../../ehbox/address.js';
import { summarise } from '../../ehbox/catalog.js';
import type { MessageSummary } from '../../ehbox/catalog.js';
import type { Recipient } from '../../ehbox/fields.js';
import type { FullMessage } from '../../ehbox/message.js';
import type { PartRecord, PartsRecord } from '../../ehbox/records.js';
import { isReadable } from '../../ehbox/seal-status.js';
import { formatIdentifier } from '../../ids/identifier.js';
import type { Shown } from './show.js';

/** What the document of a message is made from. */
export interface ShownContent {
  readonly summary: MessageSummary;
  readonly message: FullMessage;
  readonly parts: PartsRecord;
  /** Of the body, when it opened and is text. */
  readonly text: string | undefined;
}

/** An entry of `messages[]` in `topaz.ehbox.show/1`. */
export function shownJson({
  summary,
  message,
  parts,
  text,
}: ShownContent): Readonly<Record<string, unknown>> {
  const { freeInformation, patient, signer, signingTime } = parts;
  return {
    ...summary,
    ...given('publicationId', message.publicationId),
    recipients: message.recipients.map(recipientJson),
    ...given('text', text),
    ...given('freeInformation', freeInformation),
    ...given('patient', patient === undefined ? undefined : { ssin: patient }),
    parts: parts.parts.map((part) => ({ ...part, file: undefined })),
    ...given('signer', signer),
    ...given('signingTime', signingTime),
    ...given('acknowledgment', message.acknowledgment && {
      messageId: message.acknowledgment.messageId,
      type: message.acknowledgment.type,
      dateTime: message.acknowledgment.dateTime,
      ...given('recipient', message.acknowledgment.recipient && recipientJson(message.acknowledgment.recipient)),
    }),
    ...given('error', message.error && {
      ...message.error,
      destinations: message.error.destinations.map(recipientJson),
    }),
    ...(message.customMetas.length === 0 ? {} : { customMetas: message.customMetas }),
    ...(message.metas.length === 0 ? {} : { metas: message.metas }),
    ...(message.copyMailTo.length === 0 ? {} : { copyMailTo: message.copyMailTo }),
  };
} // prettier-ignore

const given = (name: string, value: unknown): Readonly<Record<string, unknown>> =>
  value === undefined ? {} : { [name]: value };

const recipientName = ({ user }: Recipient): string | undefined => {
  const name = [user?.firstName, user?.lastName].filter((part) => part !== undefined).join(' ');
  return name === '' ? undefined : name;
};

const recipientJson = (recipient: Recipient) => ({
  ...identifierOf(recipient),
  quality: recipient.quality,
  ...given('name', recipientName(recipient)),
});

/** Headers, text, free text or table, attachments. */
export function shownLines(run: Run, shown: Shown, text: string): readonly string[] {
  const { stored, message, parts } = shown;
  const summary = summarise(stored);
  const { sender } = summary;
  const label = (name: string): string => run.t(`ehbox.show.${name}`);
  const optional = (name: string, value: string | undefined): [string, string][] =>
    value === undefined || value === '' ? [] : [[label(name), value]];
  const headers = facts([
    ...optional('subject', summary.subject),
    [label('from'), `${sender.name ?? ''} (${formatIdentifier(sender)}, ${sender.quality})`.trim()],
    ...message.recipients.map((recipient): [string, string] => [
      label('to'),
      `${recipientName(recipient) ?? ''} (${formatAddress(recipient)}, ${recipient.quality})`.trim(),
    ]),
    ...optional('date', summary.date === undefined ? undefined : formatDay(run, summary.date)),
    ...optional('expires', summary.expiresOn === undefined ? undefined : formatDay(run, summary.expiresOn)),
    ['ID', summary.id],
    ...optional('kind', summary.contentType === 'DOCUMENT' ? undefined : summary.contentType),
    ...optional('important', summary.important ? run.t('ehbox.yes') : undefined),
    ...optional('patient', parts.patient),
    [label('seal'), sealText(run, parts)],
    ...optional('acknowledgment', message.acknowledgment && `${message.acknowledgment.type} ${message.acknowledgment.messageId} ${message.acknowledgment.dateTime}`),
    ...optional('error', message.error && [message.error.code, ...message.error.messages].join(' ')),
    ...optional('gone', summary.goneSince === undefined ? undefined : formatDay(run, summary.goneSince)),
  ]); // prettier-ignore
  const attachments = parts.parts.filter(({ role }) => role === 'annex');
  return [
    ...headers,
    ...(text === '' ? [] : ['', ...cleanLines(text)]),
    ...freeLines(parts),
    ...(attachments.length === 0
      ? []
      : ['', label('attachments'), ...attachments.map((part) => `  ${partLine(run, part)}`)]),
  ];
}

function sealText(run: Run, { status, signer }: PartsRecord): string {
  const text = run.t(`ehbox.seal.${status}`);
  const name = signer?.name ?? signer?.id;
  return name === undefined || !isReadable(status)
    ? text
    : `${text}: ${run.t('ehbox.show.sealedBy', { name })}`;
}

/** The body as people read it: HTML and XML reduced to text; '' where there is none. */
export async function readableBody({ parts, text = '' }: Shown): Promise<string> {
  const mimeType = parts.parts.find(({ role }) => role === 'body')?.mimeType ?? '';
  if (mimeType.startsWith('text/html')) {
    const { htmlToText } = await import('../../ehbox/html-text.js');
    return htmlToText(text);
  }
  const { documentText, looksLikeXml } = await import('../../ehbox/document-text.js');
  return looksLikeXml(mimeType, text) ? (documentText(text) ?? text) : text;
}

function freeLines({ freeInformation: free }: PartsRecord): readonly string[] {
  if (free === undefined) {
    return [];
  }
  if (free.kind === 'table') {
    const rows = facts(
      free.rows.map(([left, right]): [string, string] => [cleanText(left), right]),
    );
    return ['', ...(free.title === undefined ? [] : [cleanText(free.title)]), ...rows];
  }
  return free.text === undefined ? [] : ['', ...cleanLines(free.text)];
}

function partLine(run: Run, part: PartRecord): string {
  const number = String(part.position).padStart(2, '0');
  const name = cleanText(part.name === '' ? (part.title ?? '') : part.name);
  const size = part.sizeBytes === undefined ? '' : `, ${formatSize(run, part.sizeBytes)}`;
  const problem = isReadable(part.status) ? '' : `, ${run.t(`ehbox.seal.${part.status}`)}`;
  return `${number}  ${name} (${cleanText(part.mimeType)}${size}${problem})`;
}
