/**
 * Everything that must hold before an assertion of the STS is stored, whichever protocol brought it
 * (sts-session §3.1). The signature is checked first; values come from the verified bytes alone.
 *
 * @module
 */

import { OID_COMMON_NAME } from '../der/oids.js';
import { TopazError } from '../errors.js';
import type { Certificate } from '../x509/certificate.js';
import { attributeValues } from '../x509/name.js';
import { NS_SAML } from '../xml/namespaces.js';
import { attribute, children, walk } from '../xml/query.js';
import type { XmlElement } from '../xml/tree.js';
import { verifyXml } from '../xml/verify.js';
import { invalidAssertion, readAssertion } from './assertion.js';
import type { Assertion } from './assertion.js';
import { claimsReturned, describeAttribute, notCertified } from './certification.js';
import { HINT_QUALITY } from './hints.js';
import { STS_ISSUER } from './names.js';
import type { AttributeQuery } from './request.js';
import { commonNames, sameName } from './subject-name.js';
import { assertionText } from './verbatim.js';

export interface AssertionRules {
  /** What was asked for. */
  readonly query: AttributeQuery;
  /** The pinned certificates of the STS. */
  readonly trusted: readonly Certificate[];
  readonly now: Date;
  /** The answer as it came, for the text of the assertion; without it that is written anew. */
  readonly raw?: Uint8Array | undefined;
}

export interface VerifiedAssertion extends Assertion {
  /** Self-contained text with its signature, to be sent verbatim with each call. */
  readonly xml: string;
}

const HINT_CLOCK = 'check the clock of this machine, then: topaz session open';

/** Difference between clocks that is let through. */
const SKEW_MS = 5 * 60 * 1000;

/**
 * Verifies and reads the one assertion of an answer.
 *
 * @param container Its parent.
 * @param envelope The whole answer: ids must be unique in it.
 * @throws TopazError `E_STS_REFUSED` (an attribute that was not certified), `E_SIGNATURE_INVALID`,
 *   `E_ASSERTION_INVALID`, `E_REPLY_INVALID`.
 */
export function verifyAssertion(
  container: XmlElement,
  envelope: XmlElement,
  rules: AssertionRules,
): VerifiedAssertion {
  const received = children(container, NS_SAML, 'Assertion');
  const [element] = received;
  if (element === undefined || received.length > 1) {
    throw invalidAssertion(
      'count',
      `the answer holds ${received.length} assertions instead of one`,
    );
  }
  requireVersion(element);
  const options = { trusted: rules.trusted, idAttribute: 'AssertionID' } as const;
  const verified = verifyXml(element, envelope, options);
  refuseOthers(element, envelope);
  const assertion = readAssertion(verified.element);
  checkSubject(assertion, rules.query);
  checkConditions(assertion, rules);
  checkAttributes(assertion, rules.query);
  const xml = assertionText(
    element,
    envelope,
    rules.raw,
    (kept) => verifyXml(kept, kept, options).canonical === verified.canonical,
  );
  return { ...assertion, xml };
}

/** @throws TopazError `E_ASSERTION_INVALID` where it is not SAML 1.1. */
export function requireVersion(element: XmlElement): void {
  if (attribute(element, 'MajorVersion') !== '1' || attribute(element, 'MinorVersion') !== '1') {
    throw invalidAssertion('version', 'it is not SAML 1.1');
  }
}

/**
 * Nothing that another reader could take for the assertion, or for one of its values: no second one anywhere
 * in the answer, no comment inside it. (A comment is not signed; who reads the first text only reads a value
 * cut off.)
 */
function refuseOthers(assertion: XmlElement, envelope: XmlElement): void {
  const every = [...walk(envelope)].filter(
    ({ name, namespace }) => name === 'Assertion' && namespace === NS_SAML,
  );
  if (every.length !== 1) {
    throw invalidAssertion('count', `the answer holds ${every.length} assertions instead of one`);
  }
  for (const { children: nodes } of walk(assertion)) {
    if (nodes.some(({ kind }) => kind === 'comment' || kind === 'instruction')) {
      throw invalidAssertion('comment', 'it holds comments or instructions');
    }
  }
}

/** The one who signed the message, or the holder of the key: by the common name of the certificate. */
function checkSubject(
  { subjects }: Assertion,
  { authentication, holderOfKey }: AttributeQuery,
): void {
  const [name, ...others] = subjects;
  if (name === undefined || others.some((other) => other !== name)) {
    throw invalidAssertion('subject', 'its statements are not about one and the same subject');
  }
  const given = commonNames(name);
  const ours = [authentication, holderOfKey].some(({ subject }) => {
    const expected = attributeValues(subject, OID_COMMON_NAME);
    return (
      given.length === expected.length &&
      given.length > 0 &&
      expected.every((value) => given.some((each) => sameName(each, value)))
    );
  });
  if (!ours) {
    throw invalidAssertion('subject', 'it is about somebody else');
  }
}

function checkConditions(assertion: Assertion, { query, now }: AssertionRules): void {
  const { issuer, notBefore, notOnOrAfter, holders, assertionId, conditions } = assertion;
  if (issuer !== STS_ISSUER) {
    throw invalidAssertion('issuer', 'its issuer is not the STS of eHealth');
  }
  if (!/^[A-Za-z_][\w.-]*$/.test(assertionId)) {
    throw invalidAssertion('id', 'its id is not one');
  }
  if (notBefore.getTime() - SKEW_MS > now.getTime()) {
    throw invalidAssertion('not-yet-valid', 'it is not valid yet', { hint: HINT_CLOCK });
  }
  if (notOnOrAfter <= now) {
    throw invalidAssertion('expired', 'it has expired already', { hint: HINT_CLOCK });
  }
  if (notOnOrAfter.getTime() > query.notOnOrAfter.getTime() + SKEW_MS) {
    throw invalidAssertion('lifetime', 'it lives longer than was asked for');
  }
  if (!conditions.every(isForEhealth)) {
    throw invalidAssertion('conditions', 'its use is restricted in a way that is not for eHealth');
  }
  const same = ({ der }: Certificate): boolean => Buffer.compare(der, query.holderOfKey.der) === 0;
  if (holders.length === 0 || !holders.every(same)) {
    throw invalidAssertion('holder', 'it is bound to another key than ours');
  }
}

/** None was seen in real tokens; one that names services of the government does no harm. */
const isForEhealth = ({ name, audiences }: Assertion['conditions'][number]): boolean =>
  name === 'AudienceRestrictionCondition' &&
  audiences.some((audience) => audience.startsWith('urn:be:fgov:'));

/** Claims must come back as they were; what was to be certified must be there, and booleans be true. */
function checkAttributes({ attributes }: Assertion, query: AttributeQuery): void {
  if (!claimsReturned(attributes, query.attributes)) {
    throw invalidAssertion('identity', 'an attribute of identity is not the one that was claimed');
  }
  const missing = notCertified(attributes, query);
  if (missing.length > 0) {
    throw new TopazError('E_STS_REFUSED', 'eHealth does not certify this quality', {
      facts: missing.slice(0, 5).map((name) => `not certified: ${describeAttribute(name)}`),
      hint: HINT_QUALITY,
      details: { service: 'sts', notCertified: missing },
    });
  }
}
