/**
 * The one operation of the eHealthBox publication service (ehealthbox §4).
 *
 * @module
 */

import type { Call, Security } from '../../soap/call.js';
import type { Publication } from './pack.js';
import { readSendReply } from './reply.js';
import type { SendReply } from './reply.js';
import { NS_EHBOX_PUBLICATION, sendMessageRequest } from './request.js';
import type { SendOptions } from './request.js';

export const PUBLICATION_SERVICE = 'ehboxPublication';

/** Ten megabytes on a slow line. */
const LIMITS = { timeoutMs: 300_000, firstByteMs: 120_000 };

/**
 * Sends a message. It is never repeated here once a connection was there: an answer may be lost after the
 * service took the message.
 *
 * @throws TopazError `E_REPLY_INVALID`, and those of the call.
 */
export async function sendMessage(
  call: Call,
  url: string,
  publication: Publication,
  options: SendOptions & {
    readonly security: Security;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<SendReply> {
  const { body, attachments } = sendMessageRequest(publication, options);
  const { payload } = await call(
    {
      service: PUBLICATION_SERVICE,
      operation: 'SendMessage',
      url,
      action: `${NS_EHBOX_PUBLICATION}:sendMessage`,
      body,
      attachments,
      security: options.security,
      repeat: 'unsent',
      limits: LIMITS,
    },
    { signal: options.signal },
  );
  return readSendReply(payload, publication.publicationId);
}
