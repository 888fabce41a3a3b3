/**
 * The Timestamp that an answer of the STS may carry (sts-session §3, §6). It is not signed and trust does not
 * rest on it; but an answer of another day is a mistake somewhere, and mostly the clock's.
 *
 * @module
 */

import { invalidAssertion } from '../saml/assertion.js';
import { NS_SOAP, NS_WSSE, NS_WSU } from '../xml/namespaces.js';
import { child, childText } from '../xml/query.js';
import type { XmlElement } from '../xml/tree.js';

const SKEW_MS = 5 * 60_000;
const MAX_AGE_MS = 60 * 60_000;

/**
 * Checks the Timestamp of an answer, where there is one.
 *
 * @throws TopazError `E_ASSERTION_INVALID` (too old, of the future, or not readable), `E_REPLY_INVALID`.
 */
export function checkAnswerTime(envelope: XmlElement, now: Date): void {
  const security = child(child(envelope, NS_SOAP, 'Header'), NS_WSSE, 'Security');
  const timestamp = child(security, NS_WSU, 'Timestamp');
  if (timestamp === undefined) {
    return;
  }
  const created = Date.parse(childText(timestamp, NS_WSU, 'Created') ?? '');
  const age = now.getTime() - created;
  if (!(age >= -SKEW_MS && age <= MAX_AGE_MS + SKEW_MS)) {
    throw invalidAssertion('timestamp', 'its Timestamp is too old, or of the future', {
      hint: 'check the clock of this machine, then: topaz session open',
    });
  }
}
