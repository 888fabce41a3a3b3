/**
 * What the eHealthBox knows about a message beyond its content (ehealthbox §3): who received and read one that
 * was sent, and the earlier versions of a news item.
 *
 * @module
 */

import type { Call } from '../soap/call.js';
import type { XmlElement } from '../xml/tree.js';
import type { BoxAddress } from './address.js';
import { send } from './client.js';
import type { ConsultationOptions } from './client.js';
import { field, fields, fieldText, fieldTexts, maybe, readRecipient } from './fields.js';
import type { Recipient } from './fields.js';
import { requireSuccess } from './reply.js';
import { boxId, con, PAGE, plain } from './request.js';

/** One recipient, and what happened there; times as the service writes them. */
export interface Receipt {
  readonly recipient: Recipient;
  readonly published?: string | undefined;
  readonly received?: string | undefined;
  readonly read?: string | undefined;
}

export const acknowledgmentsRequest = (
  box: BoxAddress | undefined,
  id: string,
  window: { readonly start: number; readonly end: number },
): XmlElement =>
  con(
    'GetMessageAcknowledgmentsStatusRequest',
    {},
    boxId(box),
    plain('MessageId', {}, id),
    plain('StartIndex', {}, String(window.start)),
    plain('EndIndex', {}, String(window.end)),
  );

export const historyRequest = (
  box: BoxAddress | undefined,
  source: 'INBOX' | 'SENTBOX',
  id: string,
): XmlElement =>
  con('GetHistoryRequest', {}, boxId(box), plain('Source', {}, source), plain('MessageId', {}, id));

/** Beyond this a service that always fills its pages is not believed. */
const MAX_PAGES = 100;

/**
 * The receipts of a message that was sent, page by page.
 *
 * @throws TopazError `E_SERVICE_REFUSED` for a message that this box did not send, `E_REPLY_INVALID`, and those
 *   of the call.
 */
export async function fetchReceipts(
  call: Call,
  url: string,
  options: ConsultationOptions & { readonly id: string },
): Promise<readonly Receipt[]> {
  const receipts: Receipt[] = [];
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const window = { start: page * PAGE + 1, end: (page + 1) * PAGE };
    const body = acknowledgmentsRequest(options.box, options.id, window);
    const { payload } = await send(call, url, 'GetMessageAcknowledgmentsStatus', body, options);
    const rows = readReceipts(payload);
    receipts.push(...rows);
    if (rows.length < PAGE) {
      break;
    }
  }
  return receipts;
}

/** @throws TopazError `E_SERVICE_REFUSED`, `E_REPLY_INVALID`. */
export function readReceipts(payload: XmlElement): readonly Receipt[] {
  requireSuccess(payload, 'GetMessageAcknowledgmentsStatus');
  return fields(field(payload, 'AcknowledgmentsStatus'), 'Row').flatMap((row) => {
    const recipient = field(row, 'Recipient');
    return recipient === undefined
      ? []
      : {
          recipient: readRecipient(recipient),
          ...maybe('published', fieldText(row, 'Published')),
          ...maybe('received', fieldText(row, 'Received')),
          ...maybe('read', fieldText(row, 'Read')),
        };
  });
}

/**
 * Ids of the earlier versions of a news item; none for a document.
 *
 * @throws TopazError `E_SERVICE_REFUSED`, `E_REPLY_INVALID`, and those of the call.
 */
export async function fetchHistory(
  call: Call,
  url: string,
  options: ConsultationOptions & { readonly source: 'INBOX' | 'SENTBOX'; readonly id: string },
): Promise<readonly string[]> {
  const body = historyRequest(options.box, options.source, options.id);
  const { payload } = await send(call, url, 'GetHistory', body, options);
  requireSuccess(payload, 'GetHistory');
  return fieldTexts(payload, 'MessageId').filter((id) => id !== options.id);
}
