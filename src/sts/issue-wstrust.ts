/**
 * An assertion from the WS-Trust 1.3 STS (sts-session §4): one message signed by the authentication key and,
 * when the holder-of-key key is another, a second one in which that key answers a challenge.
 *
 * @module
 */

import type { Signer } from '../keys/keys.js';
import { invalidAssertion } from '../saml/assertion.js';
import type { AttributeQuery } from '../saml/request.js';
import { verifyAssertion } from '../saml/verified-assertion.js';
import type { VerifiedAssertion } from '../saml/verified-assertion.js';
import type { SoapReply } from '../soap/call.js';
import type { XmlElement } from '../xml/tree.js';
import type { OpenSessionContext, OpenSessionRequest } from './open-session.js';
import { readTokenReply, refusalOf } from './wstrust-reply.js';
import { challengeResponse, issueRequest } from './wstrust-request.js';

const ACTION = 'urn:be:fgov:ehealth:sts:protocol:v1:';

/**
 * Asks with one message or two. The signatures are SHA-256, whatever the profile says.
 *
 * @throws TopazError `E_STS_REFUSED` (a fault of WS-Trust), and what `readTokenReply`, `verifyAssertion`, the
 *   keys and the call throw.
 */
export async function issueByWsTrust(
  query: AttributeQuery,
  { authentication, holderOfKey, trusted }: OpenSessionRequest,
  context: OpenSessionContext,
): Promise<VerifiedAssertion> {
  const first = await send(context, 'RequestSecurityToken', issueRequest(query), authentication);
  const asked = readTokenReply(first.payload, query.requestId);
  let { envelope, raw } = first;
  let answer = asked;
  if (asked.kind === 'challenge') {
    const body = challengeResponse(query.requestId, asked.challenge);
    const second = await send(context, 'Challenge', body, holderOfKey);
    answer = readTokenReply(second.payload, query.requestId);
    ({ envelope, raw } = second);
  }
  if (answer.kind === 'challenge') {
    throw invalidAssertion('the STS answered a challenge with another one');
  }
  return verifyAssertion(answer.container, envelope, { query, trusted, now: context.now(), raw });
}

async function send(
  { call, url, signal }: OpenSessionContext,
  operation: 'RequestSecurityToken' | 'Challenge',
  body: XmlElement,
  signer: Signer,
): Promise<SoapReply> {
  try {
    return await call(
      {
        service: 'sts',
        operation,
        url,
        action: `${ACTION}${operation}`,
        body,
        security: { kind: 'x509', signer },
      },
      { signal },
    );
  } catch (error) {
    throw refusalOf(error);
  }
}
