/**
 * The operations of the eHealthBox consultation service that a mirror needs (ehealthbox §3): each one is a
 * request, a call and the reading of its answer.
 *
 * @module
 */

import type { Call, Security, SoapReply, SoapRequest } from '../soap/call.js';
import type { XmlElement } from '../xml/tree.js';
import type { BoxAddress } from './address.js';
import { readFullMessage } from './message.js';
import type { FullMessage } from './message.js';
import { readBoxInfo, readMessagesList } from './reply.js';
import type { BoxInfo, Listed } from './reply.js';
import {
  getBoxInfoRequest,
  getFullMessageRequest,
  getMessagesListRequest,
  NS_EHBOX_CONSULTATION,
} from './request.js';
import type { WireFolder } from './request.js';

export const EHBOX_SERVICE = 'ehboxConsultation';

/** A message has at most 10 MB; sealing and base64 add a third each, and headers. */
export const MAX_REPLY_BYTES = 48 * 1024 * 1024;

export interface ConsultationOptions {
  readonly security: Security;
  /** Another box of the caller; without it, the one that the session proves. */
  readonly box?: BoxAddress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** SOAP actions that are not the operation with a small first letter. */
const ACTIONS: Readonly<Record<string, string>> = { GetHistory: 'getMessageHistory' };

/** Asks the service for one operation, named as its request element is. */
export function send(
  call: Call,
  url: string,
  operation: string,
  body: XmlElement,
  { security, signal }: ConsultationOptions,
): Promise<SoapReply> {
  const action = ACTIONS[operation] ?? `${operation.charAt(0).toLowerCase()}${operation.slice(1)}`;
  const request: SoapRequest = {
    service: EHBOX_SERVICE,
    operation,
    url,
    action: `${NS_EHBOX_CONSULTATION}:${action}`,
    body,
    security,
    maxBytes: MAX_REPLY_BYTES,
  };
  return call(request, { signal });
}

/**
 * Which box this is, how full it is, and how many messages wait before it.
 *
 * @throws TopazError `E_SERVICE_REFUSED`, `E_REPLY_INVALID`, and those of the call.
 */
export async function fetchBoxInfo(
  call: Call,
  url: string,
  options: ConsultationOptions,
): Promise<BoxInfo> {
  const { payload } = await send(call, url, 'GetBoxInfo', getBoxInfoRequest(options.box), options);
  return readBoxInfo(payload);
}

/**
 * One page of a folder, newest first.
 *
 * @param options.start Position of the first message, from 1.
 * @param options.end Position of the last one, included; at most 100 messages.
 * @throws TopazError `E_SERVICE_REFUSED`, `E_REPLY_INVALID`, and those of the call.
 */
export async function fetchMessagesList(
  call: Call,
  url: string,
  options: ConsultationOptions & {
    readonly folder: WireFolder;
    readonly start: number;
    readonly end: number;
  },
): Promise<readonly Listed[]> {
  const body = getMessagesListRequest(options.box, options.folder, options);
  const { payload } = await send(call, url, 'GetMessagesList', body, options);
  return readMessagesList(payload);
}

/**
 * A message with its parts. Assume that the sender learns that it was read.
 *
 * @param options.source `INBOX` for a received message, `SENTBOX` for a sent one, also when it lies in the bin.
 * @returns The answer as it came, and what it says.
 * @throws TopazError `E_SERVICE_REFUSED` when the service does not (any more) have it, `E_REPLY_INVALID`, and
 *   those of the call.
 */
export async function fetchFullMessage(
  call: Call,
  url: string,
  options: ConsultationOptions & { readonly source: 'INBOX' | 'SENTBOX'; readonly id: string },
): Promise<{ readonly reply: SoapReply; readonly message: FullMessage }> {
  const body = getFullMessageRequest(options.box, options.source, options.id);
  const reply = await send(call, url, 'GetFullMessage', body, options);
  return { reply, message: readFullMessage(reply) };
}
