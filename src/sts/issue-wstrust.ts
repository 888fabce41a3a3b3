/**
 * An assertion from the WS-Trust 1.3 STS (sts-session §4), new or in the place of an older one: one message
 * signed by the authentication key and, when the holder-of-key key is another, a second one in which that key
 * answers a challenge.
 *
 * @module
 */

import { invalidAssertion } from '../saml/assertion.js';
import type { AttributeQuery } from '../saml/request.js';
import { verifyAssertion } from '../saml/verified-assertion.js';
import type { VerifiedAssertion } from '../saml/verified-assertion.js';
import type { SoapReply } from '../soap/call.js';
import type { XmlElement } from '../xml/tree.js';
import { askSts } from './ask-sts.js';
import type { OpenSessionContext, OpenSessionRequest } from './open-session.js';
import { readTokenReply } from './wstrust-reply.js';
import { challengeResponse, issueRequest, renewRequest } from './wstrust-request.js';

/**
 * Asks for a new one. The signatures are SHA-256, whatever the profile says.
 *
 * @throws what `askSts`, `readTokenReply`, `verifyAssertion` and the keys throw.
 */
export const issueByWsTrust = (
  query: AttributeQuery,
  request: OpenSessionRequest,
  context: OpenSessionContext,
): Promise<VerifiedAssertion> => ask(issueRequest(query), query, request, context);

/**
 * Asks for one in the place of `assertion`, an earlier one of the same holder.
 *
 * @param query What the new one must hold: nothing of it but its id is sent.
 * @throws as {@link issueByWsTrust}.
 */
export const renewByWsTrust = (
  query: AttributeQuery,
  assertion: string,
  request: OpenSessionRequest,
  context: OpenSessionContext,
): Promise<VerifiedAssertion> =>
  ask(
    renewRequest(query.requestId, assertion, `token-${context.newId()}`),
    query,
    request,
    context,
  );

async function ask(
  body: XmlElement,
  query: AttributeQuery,
  { authentication, holderOfKey, trusted }: OpenSessionRequest,
  context: OpenSessionContext,
): Promise<VerifiedAssertion> {
  const read = (reply: SoapReply): VerifiedAssertion | string => {
    const answer = readTokenReply(reply.payload, query.requestId);
    return answer.kind === 'challenge'
      ? answer.challenge
      : verifyAssertion(answer.container, reply.envelope, {
          query,
          trusted,
          now: context.now(),
          raw: reply.raw,
        });
  };
  const first = await askSts(
    context,
    { operation: 'RequestSecurityToken', body, signer: authentication },
    read,
  );
  if (typeof first !== 'string') {
    return first;
  }
  const second = await askSts(
    context,
    {
      operation: 'Challenge',
      body: challengeResponse(query.requestId, first),
      signer: holderOfKey,
    },
    read,
  );
  if (typeof second === 'string') {
    throw invalidAssertion('challenge', 'the STS answered a challenge with another one');
  }
  return second;
}
