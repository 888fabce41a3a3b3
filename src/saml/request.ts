/**
 * The SAML 1.1 attribute query with which a session is asked for (sts-session §2.1): who asks, whose key will
 * sign later calls, what is claimed, what is to be certified.
 *
 * @module
 */

import type { Certificate } from '../x509/certificate.js';
import { formatRfc1779 } from '../x509/name.js';
import { namespace } from '../xml/build.js';
import { NS_DS, NS_SAML, NS_SAMLP } from '../xml/namespaces.js';
import type { XmlElement } from '../xml/tree.js';
import { HOLDER_OF_KEY } from './names.js';

export interface Designator {
  readonly namespace: string;
  readonly name: string;
}

export interface SamlAttribute extends Designator {
  readonly values: readonly string[];
}

export interface AttributeQuery {
  /** NCNames. */
  readonly requestId: string;
  readonly assertionId: string;
  /** Signs the message: the eID, or the eHealth certificate in the fallback. */
  readonly authentication: Certificate;
  /** Signs every later call. */
  readonly holderOfKey: Certificate;
  readonly now: Date;
  readonly notOnOrAfter: Date;
  /** Claimed. */
  readonly attributes: readonly SamlAttribute[];
  /** Asked for: the claims again, and what eHealth certifies. */
  readonly designators: readonly Designator[];
  /** Names among them without which there is no session, whatever they are. */
  readonly insistOn?: readonly string[] | undefined;
}

const X509_SUBJECT = 'urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName';

const samlp = namespace('samlp', NS_SAMLP);
const saml = namespace('saml', NS_SAML);
const ds = namespace('ds', NS_DS);

/** `samlp:Request`, unsigned. */
export function attributeQuery(query: AttributeQuery): XmlElement {
  const { authentication, holderOfKey, now } = query;
  const subject = formatRfc1779(authentication.subject);
  const version = { MajorVersion: '1', MinorVersion: '1', IssueInstant: now.toISOString() };
  const nameIdentifier = saml(
    'NameIdentifier',
    { Format: X509_SUBJECT, NameQualifier: formatRfc1779(authentication.issuer) },
    subject,
  );
  const claims = saml(
    'Assertion',
    { AssertionID: query.assertionId, ...version, Issuer: subject },
    saml('Conditions', {
      NotBefore: now.toISOString(),
      NotOnOrAfter: query.notOnOrAfter.toISOString(),
    }),
    saml(
      'AttributeStatement',
      {},
      saml('Subject', {}, nameIdentifier),
      query.attributes.map(({ values, ...designator }) =>
        saml(
          'Attribute',
          naming(designator),
          values.map((value) => saml('AttributeValue', {}, value)),
        ),
      ),
    ),
  );
  const confirmation = saml(
    'SubjectConfirmation',
    {},
    saml('ConfirmationMethod', {}, HOLDER_OF_KEY),
    saml('SubjectConfirmationData', {}, claims),
    ds(
      'KeyInfo',
      {},
      ds(
        'X509Data',
        {},
        ds('X509Certificate', {}, Buffer.from(holderOfKey.der).toString('base64')),
      ),
    ),
  );
  return samlp(
    'Request',
    { RequestID: query.requestId, ...version },
    samlp(
      'AttributeQuery',
      {},
      saml('Subject', {}, nameIdentifier, confirmation),
      query.designators.map((designator) => saml('AttributeDesignator', naming(designator))),
    ),
  );
}

const naming = ({ namespace: uri, name }: Designator): Readonly<Record<string, string>> => ({
  AttributeName: name,
  AttributeNamespace: uri,
});
