/**
 * Answers of the WS-Trust 1.3 STS (sts-session §4): the token, a challenge, or a fault.
 *
 * @module
 */

import { SoapFaultError, TopazError } from '../errors.js';
import { invalidAssertion } from '../saml/assertion.js';
import { HINT_QUALITY } from '../saml/verified-assertion.js';
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
    throw invalidAssertion('the answer is no WS-Trust response');
  }
  if (attribute(payload, 'Context') !== context) {
    throw invalidAssertion('it answers another request');
  }
  const container = child(payload, NS_WST, 'RequestedSecurityToken');
  const sign = child(payload, NS_WST, 'SignChallenge');
  if (container !== undefined && sign === undefined) {
    return { kind: 'token', container };
  }
  if (sign === undefined || container !== undefined) {
    throw invalidAssertion('the answer holds neither a token nor a challenge, or both');
  }
  const challenge = text(requireChild(sign, NS_WST, 'Challenge'));
  if (challenge.trim() === '' || challenge.length > MAX_CHALLENGE) {
    throw invalidAssertion('its challenge is empty or too long');
  }
  return { kind: 'challenge', challenge };
}

const HINT_REPORT = 'this is a mistake of topaz or of the data sent: report the code';
const HINT_DATES =
  'check the clock of this machine, --minutes, and the dates of the certificates: topaz cert status';
const HINT_CERTIFICATES = 'check the card and the certificates: topaz cert status';

/** Local codes of WS-Trust, and what each asks for. */
const HINTS: ReadonlyMap<string, string> = new Map([
  ['InvalidRequest', HINT_REPORT],
  ['BadRequest', HINT_REPORT],
  ['AuthenticationBadElements', HINT_REPORT],
  ['InvalidScope', HINT_QUALITY],
  ['RequestFailed', HINT_QUALITY],
  ['FailedAuthentication', HINT_CERTIFICATES],
  ['InvalidSecurityToken', HINT_CERTIFICATES],
  ['ExpiredData', HINT_DATES],
  ['InvalidTimeRange', HINT_DATES],
]);

/** Without prefix, these are codes of WS-Security. */
const SHARED = new Set(['FailedAuthentication', 'InvalidSecurityToken']);

/**
 * A fault with a code of WS-Trust is a refusal of the session; other errors stay as they are.
 *
 * Quirk: the prefix of the code varies (`ws-trust:`, `wst:`, none), so only what follows it counts.
 *
 * @returns The error to throw: `E_STS_REFUSED`, or the one given.
 */
export function refusalOf(error: unknown): unknown {
  if (!(error instanceof SoapFaultError)) {
    return error;
  }
  const { faultCode, faultString, ticket, statusCode } = error;
  const hint = SHARED.has(faultCode) ? undefined : HINTS.get(faultCode.replace(/^[^:]*:/, ''));
  if (hint === undefined) {
    return error;
  }
  return new TopazError('E_STS_REFUSED', 'the STS refused the session', {
    facts: error.facts,
    hint,
    details: {
      service: 'sts',
      statusCode: faultCode,
      statusMessage: faultString,
      httpStatus: statusCode,
      ...(ticket === undefined ? {} : { ticket }),
    },
    cause: error,
  });
}
