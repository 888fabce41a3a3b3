/**
 * Moving and deleting at eHealth (ehealthbox §3): at most 100 messages of one folder at a time. Some may fail
 * while the others were handled; the answer then names those that failed, and both are told.
 *
 * @module
 */

import type { TopazError } from '../errors.js';
import type { Call } from '../soap/call.js';
import type { XmlElement } from '../xml/tree.js';
import { send } from './client.js';
import type { ConsultationOptions } from './client.js';
import type { BoxAddress } from './address.js';
import { fieldTexts } from './fields.js';
import type { Folder } from './records.js';
import { readStatus, refusal } from './reply.js';
import { boxId, con, plain } from './request.js';
import type { WireFolder } from './request.js';

/** The service takes at most so many ids at a time. */
export const MAX_IDS = 100;

/** Names of the service. */
export const WIRE: Readonly<Record<Folder, WireFolder>> = {
  inbox: 'INBOX',
  bin: 'BININBOX',
  sent: 'SENTBOX',
  'sent-bin': 'BINSENTBOX',
};

/** Where a message of a folder may go: to the bin of its side, or back. */
export const COUNTERPART: Readonly<Record<Folder, Folder>> = {
  inbox: 'bin',
  bin: 'inbox',
  sent: 'sent-bin',
  'sent-bin': 'sent',
};

export interface ActionOutcome {
  readonly done: readonly string[];
  readonly failed: readonly { readonly id: string; readonly error: TopazError }[];
}

const messageIds = (ids: readonly string[]): readonly XmlElement[] =>
  ids.map((id) => plain('MessageId', {}, id));

export const moveMessageRequest = (
  box: BoxAddress | undefined,
  from: Folder,
  ids: readonly string[],
): XmlElement =>
  con(
    'MoveMessageRequest',
    {},
    boxId(box),
    plain('Source', {}, WIRE[from]),
    plain('Destination', {}, WIRE[COUNTERPART[from]]),
    ...messageIds(ids),
  );

export const deleteMessageRequest = (
  box: BoxAddress | undefined,
  from: Folder,
  ids: readonly string[],
): XmlElement =>
  con('DeleteMessageRequest', {}, boxId(box), plain('Source', {}, WIRE[from]), ...messageIds(ids));

/**
 * Moves messages between a folder and its bin.
 *
 * @param ids At most {@link MAX_IDS}.
 * @throws TopazError `E_SERVICE_REFUSED` when it is not said which failed, `E_REPLY_INVALID`, and those of the call.
 */
export async function moveMessages(
  call: Call,
  url: string,
  options: ConsultationOptions & { readonly from: Folder; readonly ids: readonly string[] },
): Promise<ActionOutcome> {
  const { box, from, ids } = options;
  const { payload } = await send(call, url, 'MoveMessage', moveMessageRequest(box, from, ids), options); // prettier-ignore
  return readOutcome(payload, 'MoveMessage', ids);
}

/**
 * Deletes messages, for good.
 *
 * @param ids At most {@link MAX_IDS}.
 * @throws TopazError `E_SERVICE_REFUSED` when it is not said which failed, `E_REPLY_INVALID`, and those of the call.
 */
export async function deleteMessages(
  call: Call,
  url: string,
  options: ConsultationOptions & { readonly from: Folder; readonly ids: readonly string[] },
): Promise<ActionOutcome> {
  const { box, from, ids } = options;
  const { payload } = await send(call, url, 'DeleteMessage', deleteMessageRequest(box, from, ids), options); // prettier-ignore
  return readOutcome(payload, 'DeleteMessage', ids);
}

/**
 * What the answer says about each id.
 *
 * @throws TopazError `E_SERVICE_REFUSED` for a failure that names none of them, `E_REPLY_INVALID`.
 */
export function readOutcome(
  payload: XmlElement,
  operation: string,
  ids: readonly string[],
): ActionOutcome {
  const status = readStatus(payload, operation);
  if (status.ok) {
    return { done: ids, failed: [] };
  }
  const error = refusal(operation, status);
  const named = new Set(fieldTexts(payload, 'MessageId'));
  const failed = ids.filter((id) => named.has(id));
  if (failed.length === 0) {
    throw error;
  }
  return {
    done: ids.filter((id) => !named.has(id)),
    failed: failed.map((id) => ({ id, error })),
  };
}
