/**
 * Answers of the WS-Trust 1.3 STS (sts-session §4): the token, or a challenge.
 *
 * @module
 */

import { invalidAssertion } from '../saml/assertion.js';
import { attribute, child, requireChild, text } from '../xml/query.js';
import type { XmlElement } from '../xml/tree.js';
import { NS_WST } from './wstrust-request.js';

export type TokenReply =
  | { readonly kind: 'token'; /** Parent of the assertion. */ readonly container: XmlElement }
  | { readonly kind: 'challenge'; readonly challenge: string };

/** A challenge is a nonce; what is longer is not signed. */
const MAX_CHALLENGE = 4096;

/**
 * Reads a `wst:RequestSecurityTokenResponse`. Nothing in it is trusted yet.
 *
 * @param context Of the request.
 * @throws TopazError `E_ASSERTION_INVALID` (another context, neither token nor challenge, or both),
 *   `E_REPLY_INVALID`.
 */
export function readTokenReply(payload: XmlElement, context: string): TokenReply {
  if (payload.name !== 'RequestSecurityTokenResponse' || payload.namespace !== NS_WST) {
    throw invalidAssertion('form', 'the answer is no WS-Trust response');
  }
  if (attribute(payload, 'Context') !== context) {
    throw invalidAssertion('request', 'it answers another request');
  }
  const container = child(payload, NS_WST, 'RequestedSecurityToken');
  const sign = child(payload, NS_WST, 'SignChallenge');
  if (container !== undefined && sign === undefined) {
    return { kind: 'token', container };
  }
  if (sign === undefined || container !== undefined) {
    throw invalidAssertion('form', 'the answer holds neither a token nor a challenge, or both');
  }
  const challenge = text(requireChild(sign, NS_WST, 'Challenge'));
  if (challenge.trim() === '' || challenge.length > MAX_CHALLENGE) {
    throw invalidAssertion('challenge', 'its challenge is empty or too long');
  }
  return { kind: 'challenge', challenge };
}
