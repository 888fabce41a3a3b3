/**
 * The answer of the SAML 1.1 STS, and everything that must hold before its assertion is stored
 * (sts-session §3.1). The signature is checked first; values come from the verified bytes alone.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import type { Certificate } from '../x509/certificate.js';
import { canonicalize, scopeOf } from '../xml/c14n.js';
import { NS_SAML, NS_SAMLP } from '../xml/namespaces.js';
import { attribute, child, children, childText, requireChild } from '../xml/query.js';
import { readXml } from '../xml/read.js';
import type { XmlElement } from '../xml/tree.js';
import { verifyXml } from '../xml/verify.js';
import { invalidAssertion, readAssertion } from './assertion.js';
import type { Assertion } from './assertion.js';
import { NS_CERTIFIED, STS_ISSUER } from './names.js';
import type { AttributeQuery } from './request.js';

export interface ResponseRules {
  readonly query: AttributeQuery;
  /** The pinned certificates of the STS. */
  readonly trusted: readonly Certificate[];
  readonly now: Date;
}

export interface VerifiedAssertion extends Assertion {
  /** Self-contained text with its signature, to be sent verbatim with each call. */
  readonly xml: string;
}

/** Difference between clocks that is let through. */
const SKEW_MS = 5 * 60 * 1000;

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
  rules: ResponseRules,
): VerifiedAssertion {
  if (payload.name !== 'Response' || payload.namespace !== NS_SAMLP) {
    throw invalidAssertion('the answer is no SAML 1.1 response');
  }
  checkStatus(requireChild(payload, NS_SAMLP, 'Status'), envelope);
  if (attribute(payload, 'InResponseTo') !== rules.query.requestId) {
    throw invalidAssertion('it answers another request');
  }
  const received = children(payload, NS_SAML, 'Assertion');
  const [element] = received;
  if (element === undefined || received.length > 1) {
    throw invalidAssertion(`the answer holds ${received.length} assertions instead of one`);
  }
  for (const each of [payload, element]) {
    if (attribute(each, 'MajorVersion') !== '1' || attribute(each, 'MinorVersion') !== '1') {
      throw invalidAssertion('it is not SAML 1.1');
    }
  }
  const verified = verifyXml(element, envelope, {
    trusted: rules.trusted,
    idAttribute: 'AssertionID',
  });
  const assertion = readAssertion(verified.element);
  checkConditions(assertion, rules);
  checkAttributes(assertion, rules.query);
  // The exclusive form declares all that it uses, and its signature stays as good as in the answer.
  const xml = canonicalize(element);
  const again = readXml(xml);
  verifyXml(again, again, { trusted: rules.trusted, idAttribute: 'AssertionID' });
  return { ...assertion, xml };
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
  const message = childText(status, NS_SAMLP, 'StatusMessage') ?? '';
  const codes = [local, ...(refined === undefined ? [] : [refined])].join(' ');
  throw new TopazError('E_STS_REFUSED', 'the STS refused the session', {
    facts: [`eHealth: ${codes} ${message}`.trimEnd()],
    hint: 'check --as, or the quality in the profile: topaz profile show',
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

function checkConditions(assertion: Assertion, { query, now }: ResponseRules): void {
  const { issuer, notBefore, notOnOrAfter, holders, assertionId } = assertion;
  if (issuer !== STS_ISSUER) {
    throw invalidAssertion('its issuer is not the STS of eHealth');
  }
  if (!/^[A-Za-z_][\w.-]*$/.test(assertionId)) {
    throw invalidAssertion('its id is not one');
  }
  if (notBefore.getTime() - SKEW_MS > now.getTime()) {
    throw invalidAssertion('it is not valid yet: check the clock of this machine');
  }
  if (notOnOrAfter <= now) {
    throw invalidAssertion('it has expired already: check the clock of this machine');
  }
  if (notOnOrAfter.getTime() > query.notOnOrAfter.getTime() + SKEW_MS) {
    throw invalidAssertion('it lives longer than was asked for');
  }
  const same = ({ der }: Certificate): boolean => Buffer.compare(der, query.holderOfKey.der) === 0;
  if (holders.length === 0 || !holders.every(same)) {
    throw invalidAssertion('it is bound to another key than ours');
  }
}

/**
 * Claims must come back as they were; what was to be certified must be there, and booleans be true. The STS
 * does not fail for an attribute that it cannot certify.
 */
function checkAttributes({ attributes }: Assertion, query: AttributeQuery): void {
  const valuesOf = (uri: string, name: string): readonly string[] =>
    attributes.filter((each) => each.namespace === uri && each.name === name).flatMap(({ values }) => values); // prettier-ignore
  for (const { namespace, name, values } of query.attributes) {
    const given = valuesOf(namespace, name);
    if (given.length > 0 && given.join('\0') !== values.join('\0')) {
      throw invalidAssertion('an attribute of identity is not the one that was claimed');
    }
  }
  const missing = query.designators
    .filter(({ namespace }) => namespace === NS_CERTIFIED)
    .filter(({ namespace, name }) => {
      const values = valuesOf(namespace, name);
      return name.endsWith(':boolean') ? values[0] !== 'true' : values.length === 0;
    })
    .map(({ name }) => name);
  const decisive = missing.filter(isDecisive);
  if (decisive.length > 0) {
    throw new TopazError('E_STS_REFUSED', 'eHealth does not certify this quality', {
      facts: decisive.slice(0, 5).map((name) => `not certified: ${name}`),
      hint: 'check --as, or the quality in the profile: topaz profile show',
      details: { service: 'sts', notCertified: decisive },
    });
  }
}

/**
 * Names, the second spelling of a recognition and the recognition of an organisation as such are asked for
 * but no service depends on them alone; the quality and its number decide.
 */
const isDecisive = (name: string): boolean =>
  !/(?:givenname|surname)$|:fpsph:|usersession:boolean$|recognisedorganization:boolean$|:nihii:nurse:|cbe_daas|:(?:nihii|cbe|ehp)-number$/.test(
    name,
  );
