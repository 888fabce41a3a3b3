/**
 * One exchange with the STS: the message signed by a certificate's key, the answer read, and whatever goes
 * wrong in between explained.
 *
 * @module
 */

import { SoapFaultError } from '../errors.js';
import type { SignatureAlgorithm, Signer } from '../keys/keys.js';
import type { SoapReply } from '../soap/call.js';
import { serverDate } from '../soap/reply.js';
import type { XmlElement } from '../xml/tree.js';
import { checkAnswerTime } from './answer-time.js';
import type { OpenSessionContext } from './open-session.js';
import { refusalOf } from './refusal.js';

export interface StsMessage {
  readonly operation: 'RequestSecurityToken' | 'Challenge';
  readonly body: XmlElement;
  readonly signer: Signer;
  readonly algorithm?: SignatureAlgorithm | undefined;
}

const ACTION = 'urn:be:fgov:ehealth:sts:protocol:v1:';

/**
 * Sends a message and reads its answer.
 *
 * @throws TopazError as `refusalOf` says, and what `read` and the call throw.
 */
export async function askSts<T>(
  { call, url, now, signal }: OpenSessionContext,
  { operation, body, signer, algorithm }: StsMessage,
  read: (reply: SoapReply) => T,
): Promise<T> {
  let server: Date | undefined;
  try {
    const reply = await call(
      {
        service: 'sts',
        operation,
        url,
        action: `${ACTION}${operation}`,
        body,
        security: { kind: 'x509', signer, algorithm },
      },
      { signal },
    );
    server = serverDate(reply.headers);
    checkAnswerTime(reply.envelope, now());
    return read(reply);
  } catch (error) {
    server ??= error instanceof SoapFaultError ? error.serverDate : undefined;
    throw refusalOf(error, { now: now(), server });
  }
}
