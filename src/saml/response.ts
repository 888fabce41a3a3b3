/**
 * The answer of the SAML 1.1 STS (sts-session §3): its status, then its assertion.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { maskSsins } from '../ids/ssin.js';
import { scopeOf } from '../xml/c14n.js';
import { NS_SAMLP } from '../xml/namespaces.js';
import { attribute, child, childText, requireChild } from '../xml/query.js';
import type { XmlElement } from '../xml/tree.js';
import { invalidAssertion } from './assertion.js';
import { requireVersion, verifyAssertion } from './verified-assertion.js';
import type { AssertionRules, VerifiedAssertion } from './verified-assertion.js';
import { HINT_DATES, HINT_LATER, HINT_QUALITY, HINT_REPORT } from './hints.js';

/**
 * Reads and verifies.
 *
 * @param payload `samlp:Response`.
 * @param envelope The whole answer: ids must be unique in it.
 * @throws TopazError `E_STS_REFUSED` (status, or an attribute that was not certified),
 *   `E_SIGNATURE_INVALID`, `E_ASSERTION_INVALID`, `E_REPLY_INVALID`.
 */
export function readResponse(
  payload: XmlElement,
  envelope: XmlElement,
  rules: AssertionRules,
): VerifiedAssertion {
  if (payload.name !== 'Response' || payload.namespace !== NS_SAMLP) {
    throw invalidAssertion('form', 'the answer is no SAML 1.1 response');
  }
  checkStatus(requireChild(payload, NS_SAMLP, 'Status'), envelope);
  if (attribute(payload, 'InResponseTo') !== rules.query.requestId) {
    throw invalidAssertion('request', 'it answers another request');
  }
  requireVersion(payload);
  return verifyAssertion(payload, envelope, rules);
}

/** Longer ones are no messages for people. */
const MAX_TEXT = 500;

/** What a status asks for: the second code says more than the first. */
function hintFor(top: string, refined: string | undefined): string {
  if (top === 'VersionMismatch' || refined?.startsWith('RequestVersion') === true) {
    return HINT_REPORT;
  }
  if (refined === 'TooManyResponses') {
    return HINT_REPORT;
  }
  if (refined === 'PeriodOver') {
    return HINT_DATES;
  }
  return top === 'Responder' && refined === undefined ? HINT_LATER : HINT_QUALITY;
}

/** `StatusCode/@Value` is a QName: the prefix is resolved where it stands. */
function checkStatus(status: XmlElement, envelope: XmlElement): void {
  const code = requireChild(status, NS_SAMLP, 'StatusCode');
  const [local, uri] = resolve(code, envelope);
  if (local === 'Success' && uri === NS_SAMLP) {
    return;
  }
  const nested = child(code, NS_SAMLP, 'StatusCode');
  const refined = nested === undefined ? undefined : resolve(nested, envelope)[0];
  // For people, and it may name some.
  const message = maskSsins(childText(status, NS_SAMLP, 'StatusMessage') ?? '').slice(0, MAX_TEXT);
  const codes = [local, ...(refined === undefined ? [] : [refined])].join(' ');
  throw new TopazError('E_STS_REFUSED', 'the STS refused the session', {
    facts: [`eHealth: ${codes} ${message}`.trimEnd()],
    hint: hintFor(local, refined),
    details: { service: 'sts', statusCode: codes, statusMessage: message },
  });
}

function resolve(code: XmlElement, envelope: XmlElement): readonly [string, string | undefined] {
  const value = attribute(code, 'Value') ?? '';
  const colon = value.indexOf(':');
  const prefix = colon < 0 ? '' : value.slice(0, colon);
  const own = code.declarations.find((each) => each.prefix === prefix)?.uri;
  return [value.slice(colon + 1), own ?? scopeOf(code, envelope)?.get(prefix)];
}
