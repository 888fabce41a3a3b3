/**
 * Receipts of messages that were sent, and earlier versions of news (ehealthbox §3): by what the boxes hold.
 *
 * @module
 */

import { destinationMarkup, requestedBox, sameBox } from './ehbox-addresses.js';
import { response, SUCCESS } from './ehbox-answers.js';
import { readMessageFile } from './ehbox-content.js';
import type { MessageContent } from './ehbox-content.js';
import { delivered } from './ehbox-delivery.js';
import { refused, sourceOf, UNKNOWN_MESSAGE } from './ehbox-request.js';
import type { BoxRequest } from './ehbox-request.js';
import type { Answer, Sandbox } from './exchange.js';
import type { BoxMessage } from './state.js';
import { textOf } from './xml-read.js';
import { el } from './xml-text.js';

const PAGE = 100;

function contentOf(sandbox: Sandbox, { id }: BoxMessage): MessageContent | undefined {
  const file = readMessageFile(sandbox, id);
  return file.state === 'ready' ? file.content : undefined;
}

/** Who got a message of the caller, and when. */
export function getMessageAcknowledgmentsStatus(request: BoxRequest): Answer {
  const { exchange, sandbox, security, payload } = request;
  const box = requestedBox(payload, security, sandbox);
  const id = textOf(payload, '', 'MessageId');
  const sent = sandbox.state.messages.filter((message) => {
    const from = message.id === id ? contentOf(sandbox, message)?.from : undefined;
    return from?.type === box.type && from.id === box.id && !message.folder.endsWith('SENTBOX');
  });
  if (sent.length === 0) {
    return refused(request, UNKNOWN_MESSAGE);
  }
  const start = Number(textOf(payload, '', 'StartIndex') || 1);
  const end = Number(textOf(payload, '', 'EndIndex') || PAGE);
  const rows = sent
    .slice(start - 1, Math.min(end, start + PAGE - 1))
    .map((message) =>
      el(
        'Row',
        {},
        destinationMarkup(sandbox, 'Recipient', message.to),
        ...moments(message).map(([name, time]) => el(name, {}, time)),
      ),
    );
  exchange.checks.ok('business');
  return {
    payload: response(
      exchange.operation,
      sandbox,
      SUCCESS,
      rows.length === 0 ? undefined : el('AcknowledgmentsStatus', {}, rows),
    ),
  };
}

/** In the order of the schema. The boxes know the day of a publication only. */
function moments({
  publishedOn,
  order,
  readAt,
}: BoxMessage): readonly (readonly [string, string])[] {
  const at = publishedOn === undefined ? undefined : `${publishedOn}T12:00:00.000Z`;
  return [
    ...(at === undefined ? [] : [['Published', at] as const]),
    ...(at === undefined || order === undefined ? [] : [['Received', at] as const]),
    ...(readAt === undefined ? [] : [['Read', readAt] as const]),
  ];
}

/** News of the same sender and title replace each other: the earlier ones. */
export function getHistory(request: BoxRequest): Answer {
  const { exchange, sandbox, security, payload } = request;
  const box = requestedBox(payload, security, sandbox);
  const id = textOf(payload, '', 'MessageId');
  const source = sourceOf(payload);
  const inBox = delivered(sandbox, box);
  const message = inBox.find(
    (entry) => entry.id === id && (source === 'HISTORY' || entry.folder.endsWith(source)),
  );
  const content = message && contentOf(sandbox, message);
  if (message === undefined || content === undefined) {
    return refused(request, UNKNOWN_MESSAGE);
  }
  const earlier = inBox.filter((entry) => {
    const other = contentOf(sandbox, entry);
    return (
      content.contentType === 'NEWS' &&
      other?.contentType === 'NEWS' &&
      other.title === content.title &&
      other.from.type === content.from.type &&
      other.from.id === content.from.id &&
      sameBox(entry.to, message.to) &&
      (entry.order ?? 0) < (message.order ?? 0)
    );
  });
  exchange.checks.ok('business');
  return {
    payload: response(
      exchange.operation,
      sandbox,
      SUCCESS,
      earlier.map((entry) => el('MessageId', {}, entry.id)),
    ),
  };
}
