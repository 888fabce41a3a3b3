/**
 * Reads an assertion of the STS. Only what comes from the verified bytes is read, see `response.ts`.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { parseCertificate } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { NS_DS, NS_SAML } from '../xml/namespaces.js';
import { attribute, child, children, childText, elements, requireChild, text } from '../xml/query.js'; // prettier-ignore
import type { XmlElement } from '../xml/tree.js';
import { HOLDER_OF_KEY } from './names.js';
import type { SamlAttribute } from './request.js';

export interface Assertion {
  readonly assertionId: string;
  readonly issuer: string;
  readonly notBefore: Date;
  readonly notOnOrAfter: Date;
  /** Every key that a subject is confirmed by; they must be one. */
  readonly holders: readonly Certificate[];
  /** Names of the subject, one of each statement; they must be one. */
  readonly subjects: readonly string[];
  /** Restrictions beside the period, and the audiences among them. */
  readonly conditions: readonly { readonly name: string; readonly audiences: readonly string[] }[];
  readonly attributes: readonly SamlAttribute[];
}

/**
 * Values of a verified `saml:Assertion`.
 *
 * @throws TopazError `E_ASSERTION_INVALID` when a part is missing or not readable.
 */
export function readAssertion(assertion: XmlElement): Assertion {
  const conditions = requireChild(assertion, NS_SAML, 'Conditions');
  const statements = ['AuthenticationStatement', 'AttributeStatement'].flatMap((name) =>
    children(assertion, NS_SAML, name),
  );
  const subjects = statements.map((statement) => requireChild(statement, NS_SAML, 'Subject'));
  return {
    assertionId: attribute(assertion, 'AssertionID') ?? '',
    issuer: attribute(assertion, 'Issuer') ?? '',
    notBefore: time(conditions, 'NotBefore'),
    notOnOrAfter: time(conditions, 'NotOnOrAfter'),
    holders: subjects.flatMap((subject) =>
      children(subject, NS_SAML, 'SubjectConfirmation').map(holderOf),
    ),
    subjects: subjects.map((subject) => childText(subject, NS_SAML, 'NameIdentifier') ?? ''),
    conditions: elements(conditions).map((condition) => ({
      name: condition.namespace === NS_SAML ? condition.name : '',
      audiences: children(condition, NS_SAML, 'Audience').map((each) => text(each).trim()),
    })),
    attributes: children(assertion, NS_SAML, 'AttributeStatement').flatMap((statement) =>
      children(statement, NS_SAML, 'Attribute').map((element) => ({
        namespace: attribute(element, 'AttributeNamespace') ?? '',
        name: attribute(element, 'AttributeName') ?? '',
        values: children(element, NS_SAML, 'AttributeValue').map((value) => text(value).trim()),
      })),
    ),
  };
}

function holderOf(confirmation: XmlElement): Certificate {
  const methods = children(confirmation, NS_SAML, 'ConfirmationMethod').map((each) => text(each).trim()); // prettier-ignore
  if (methods.length !== 1 || methods[0] !== HOLDER_OF_KEY) {
    throw invalidAssertion('confirmation', 'it is not bound to a key (holder-of-key)');
  }
  const data = child(child(confirmation, NS_DS, 'KeyInfo'), NS_DS, 'X509Data');
  const base64 = childText(data, NS_DS, 'X509Certificate')?.replace(/\s/g, '') ?? '';
  try {
    return parseCertificate(Uint8Array.from(Buffer.from(base64, 'base64')));
  } catch (error) {
    throw invalidAssertion('holder', 'the certificate of its holder is not readable', {
      cause: error,
    });
  }
}

function time(element: XmlElement, name: string): Date {
  const value = attribute(element, name) ?? '';
  // A zone is required: without one the text would be read as local time.
  const date = new Date(/(?:Z|[+-]\d{2}:\d{2})$/.test(value) ? value : '');
  if (Number.isNaN(date.getTime())) {
    throw invalidAssertion('form', `its ${name} is not readable`);
  }
  return date;
}

/**
 * What did not hold, for programs (`error.details.check`): `form` (not the parts of such an answer), `request`
 * (answers another one), `version`, `count` (not exactly one assertion), `comment`, `issuer`, `id`,
 * `not-yet-valid`, `expired`, `lifetime` (longer than asked), `conditions` (a restriction that is not for
 * us), `confirmation` (no holder-of-key), `holder` (another key), `subject` (another name), `identity`
 * (another claim), `timestamp` (of the answer), `challenge`.
 */
export type AssertionCheck =
  | 'form' | 'request' | 'version' | 'count' | 'comment' | 'issuer' | 'id' | 'not-yet-valid' | 'expired'
  | 'lifetime' | 'conditions' | 'confirmation' | 'holder' | 'subject' | 'identity' | 'timestamp' | 'challenge'; // prettier-ignore

/** An assertion that must not be used. */
export const invalidAssertion = (
  check: AssertionCheck,
  reason: string,
  {
    hint = 'no session was opened; try again, and report it if it stays',
    cause,
  }: { readonly hint?: string; readonly cause?: unknown } = {},
): TopazError =>
  new TopazError('E_ASSERTION_INVALID', 'the STS gave an assertion that cannot be trusted', {
    facts: [reason],
    hint,
    details: { service: 'sts', check },
    cause,
  });
