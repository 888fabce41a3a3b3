/**
 * Speaks to one mailbox: fetch, confirm, post (mycarenet §3). Only the Timestamp is signed, as that service wants
 * it, so that documents may travel beside the envelope.
 *
 * @module
 */

import { SoapFaultError } from '../../errors.js';
import type { Call, Security, SoapReply, SoapRequest } from '../../soap/call.js';
import type { PartStore } from '../../soap/part-store.js';
import type { CommonInput } from '../common-input.js';
import type { Origin } from '../origin.js';
import { explainMailboxFault } from './fault.js';
import { ACTIONS } from './names.js';
import type { Operation } from './names.js';
import { checkConfirmReply, readGetReply, readPostReply } from './reply.js';
import type { Acknowledgement, Page } from './reply.js';
import { confirmRequest, getRequest, postRequest } from './request.js';
import type { ConfirmRequest, GetRequest, PostRequest } from './request.js';

/** In whose name, and where. */
export interface MailboxCaller {
  readonly url: string;
  readonly origin: Origin;
  readonly isTest: boolean;
  /** The session's token and the key that signs with it. */
  readonly security: Security;
  readonly signal?: AbortSignal | undefined;
}

/** Answers of invoicing are large. */
const MAX_BYTES = 128 * 1024 * 1024;

/**
 * Fetches messages and acknowledgements. They come again at every call until they are confirmed.
 *
 * @param store Where large documents go.
 * @throws SoapFaultError (with category and next step), and TopazError as the transport, `E_REPLY_INVALID`.
 */
export async function getMessages(
  call: Call,
  caller: MailboxCaller,
  query: Omit<GetRequest, 'origin'>,
  store?: PartStore,
): Promise<Page> {
  const body = getRequest({ ...query, origin: caller.origin });
  return readGetReply(await send(call, caller, 'get', { body, store, repeat: 'read' }));
}

/** Confirms what is stored: the mailbox forgets it. May be repeated. Does nothing where there is nothing. */
export async function confirmMessages(
  call: Call,
  caller: MailboxCaller,
  what: Omit<ConfirmRequest, 'origin'>,
): Promise<void> {
  if (Object.values(what).every((list) => list.length === 0)) {
    return;
  }
  const body = confirmRequest({ ...what, origin: caller.origin });
  checkConfirmReply(await send(call, caller, 'confirm', { body, repeat: 'read' }));
}

export interface Post extends Omit<PostRequest, 'commonInput'> {
  readonly inputReference: string;
  /** The one mutuality that it goes to: `306`. */
  readonly mutuality?: string | undefined;
  /** Whether it may be sent again when the answer was lost. */
  readonly repeatable: boolean;
}

/**
 * Posts one document.
 *
 * @returns What the broker says: also that it failed. A success is not yet one of the mutuality.
 */
export async function postMessage(
  call: Call,
  caller: MailboxCaller,
  { inputReference, mutuality, repeatable, ...post }: Post,
): Promise<Acknowledgement> {
  const { origin, isTest } = caller;
  const commonInput: CommonInput = { isTest, origin, inputReference };
  const { body, attachments } = postRequest({ ...post, commonInput });
  const reply = await send(call, caller, 'post', {
    body,
    to: mutuality === undefined ? undefined : `urn:nip:destination:io:${mutuality}`,
    repeat: repeatable ? 'read' : 'unsent',
    ...(attachments.length === 0 ? {} : { attachments, packaging: 'xop' as const }),
  });
  return readPostReply(reply, inputReference);
}

async function send(
  call: Call,
  { url, security, signal }: MailboxCaller,
  operation: Operation,
  {
    to,
    ...request
  }: Pick<SoapRequest, 'body' | 'store' | 'repeat' | 'attachments' | 'packaging'> & {
    readonly to?: string | undefined;
  },
): Promise<SoapReply> {
  const action = ACTIONS[operation];
  try {
    return await call(
      {
        service: 'genasync',
        operation,
        url,
        action,
        addressing: { action, to },
        security: security.kind === 'saml' ? { ...security, parts: 'timestamp' } : security,
        maxBytes: MAX_BYTES,
        ...request,
      },
      { signal },
    );
  } catch (error) {
    throw error instanceof SoapFaultError ? explainMailboxFault(error) : error;
  }
}
