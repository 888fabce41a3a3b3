/**
 * Messages for people and for other programs: the columns of lists, in one place.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { formatDay, table } from '../../cli/text.js';
import { identifierOf } from '../../ehbox/address.js';
import type { BoxAddress } from '../../ehbox/address.js';
import type { MessageSummary } from '../../ehbox/catalog.js';
import { isReadable } from '../../ehbox/seal-status.js';
import { formatIdentifier } from '../../ids/identifier.js';

/** `box` of JSON documents. */
export const boxJson = (box: BoxAddress): Readonly<Record<string, string>> => ({
  ...identifierOf(box),
  quality: box.quality,
});

/** One record per message: id, date, sender, name, subject, number of attachments, unread or read. */
export const messageRecord = (message: MessageSummary): readonly string[] => [
  message.id,
  message.date ?? '',
  formatIdentifier(message.sender),
  message.sender.name ?? '',
  message.subject ?? '',
  message.attachments === undefined ? '' : String(message.attachments.length),
  message.unread ? 'unread' : 'read',
];

/** A table with the mark of unread messages in front. */
export function messageTable(run: Run, messages: readonly MessageSummary[]): readonly string[] {
  if (messages.length === 0) {
    return [];
  }
  const rows = messages.map((message) => [
    message.unread ? run.signs.unread : '',
    message.id,
    message.date === undefined ? '' : formatDay(run, message.date),
    senderText(message),
    message.subject ?? run.t('ehbox.noSubject'),
    remarks(run, message),
  ]);
  const headings = ['', 'ID', ...['date', 'from', 'subject', 'remarks'].map((name) => run.t(`ehbox.column.${name}`))]; // prettier-ignore
  return table(run, rows, headings, { free: 4 });
}

const senderText = ({ sender }: MessageSummary): string =>
  sender.name === undefined ? formatIdentifier(sender) : `${sender.name} (${sender.type})`;

function remarks(run: Run, message: MessageSummary): string {
  const count = message.attachments?.length ?? 0;
  const { sealStatus } = message;
  return [
    count > 0 ? run.t('ehbox.attachments', { count }) : '',
    message.important ? run.t('ehbox.important') : '',
    sealStatus === undefined || isReadable(sealStatus) ? '' : run.t(`ehbox.mark.${sealStatus}`),
    message.stored ? '' : run.t('ehbox.notFetched'),
    message.goneSince === undefined ? '' : run.t('ehbox.gone'),
  ]
    .filter((text) => text !== '')
    .join(', ');
}
