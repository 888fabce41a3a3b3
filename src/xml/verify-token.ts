/**
 * Whose key must have signed a message: the certificate of its BinarySecurityToken, issued by an authority
 * that is trusted, or the holder of its assertion, signed by the STS (sts-session §3.1, §6).
 *
 * @module
 */

import { parseCertificate } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { buildPath } from '../x509/chain.js';
import { NS_DS, NS_SAML, NS_WSSE } from './namespaces.js';
import { attribute, children, elements, text } from './query.js';
import type { XmlElement } from './tree.js';
import { invalid } from './verify-errors.js';
import { verifySignature } from './verify-signature.js';

const TOKENS = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-';
const X509_V3 = `${TOKENS}x509-token-profile-1.0#X509v3`;
const BASE64_BINARY = `${TOKENS}soap-message-security-1.0#Base64Binary`;
const SAML_ASSERTION_ID =
  'http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.0#SAMLAssertionID';
const HOLDER_OF_KEY = 'urn:oasis:names:tc:SAML:1.0:cm:holder-of-key';
const STS_ISSUER = 'urn:be:fgov:ehealth:sts:1_0';
const SKEW_MS = 5 * 60 * 1000;

export interface TokenRules {
  readonly token: 'x509' | 'saml';
  readonly roots: readonly Certificate[];
  readonly sts: readonly Certificate[];
  readonly now: Date;
  readonly allowSha1?: boolean | undefined;
}

export interface TokenHolder {
  readonly key: Certificate;
  /** The assertion as it was signed. */
  readonly assertion: XmlElement | undefined;
}

interface Tokens {
  readonly root: XmlElement;
  readonly signature: XmlElement;
  readonly token: XmlElement | undefined;
  readonly assertion: XmlElement | undefined;
}

/**
 * Follows the key reference of a signature.
 *
 * @throws TopazError `E_SIGNATURE_INVALID`; `E_ASN1_MALFORMED` for a certificate.
 */
export function findKey(
  { root, signature, token, assertion }: Tokens,
  ids: ReadonlyMap<string, XmlElement>,
  rules: TokenRules,
): TokenHolder {
  const how = onlyElement(onlyElement(onlyOf(signature, NS_DS, 'KeyInfo')));
  if (how.namespace !== NS_WSSE) {
    throw invalid('its key reference is not known');
  }
  if (rules.token === 'x509' && how.name === 'Reference') {
    const target = ids.get((attribute(how, 'URI') ?? '').replace(/^#/, ''));
    if (token === undefined || target !== token || !isX509(how, token)) {
      throw invalid('its key reference does not mean the token of the header');
    }
    const key = certificateOf(token);
    if (buildPath(key, [], rules.roots, rules.now) === undefined) {
      throw invalid('the certificate of its token is not issued by an authority that is trusted');
    }
    return { key, assertion: undefined };
  }
  if (rules.token === 'saml' && how.name === 'KeyIdentifier' && assertion !== undefined) {
    const id = attribute(assertion, 'AssertionID');
    if (attribute(how, 'ValueType') !== SAML_ASSERTION_ID || text(how).trim() !== id) {
      throw invalid('its key reference does not mean the assertion of the header');
    }
    return verifyHolder(assertion, root, ids, rules);
  }
  throw invalid('it is made with another token than the one expected');
}

function isX509(how: XmlElement, token: XmlElement): boolean {
  return (
    (attribute(how, 'ValueType') ?? X509_V3) === X509_V3 &&
    attribute(token, 'ValueType') === X509_V3 &&
    attribute(token, 'EncodingType') === BASE64_BINARY
  );
}

/** The assertion is read as it was signed, its holder too. */
function verifyHolder(
  element: XmlElement,
  root: XmlElement,
  ids: ReadonlyMap<string, XmlElement>,
  { sts, now, allowSha1 }: TokenRules,
): TokenHolder {
  const signature = onlyOf(element, NS_DS, 'Signature');
  const { covered } = verifySignature(signature, root, { trusted: sts, ids, allowSha1 });
  const assertion = covered.get(element)?.element;
  if (assertion === undefined) {
    throw invalid('the signature of the assertion covers another element');
  }
  if (
    attribute(assertion, 'MajorVersion') !== '1' ||
    attribute(assertion, 'MinorVersion') !== '1' ||
    attribute(assertion, 'Issuer') !== STS_ISSUER
  ) {
    throw invalid('the assertion is not one of the STS');
  }
  const conditions = onlyOf(assertion, NS_SAML, 'Conditions');
  const notBefore = Date.parse(attribute(conditions, 'NotBefore') ?? '');
  const notOnOrAfter = Date.parse(attribute(conditions, 'NotOnOrAfter') ?? '');
  if (!(notBefore <= now.getTime() + SKEW_MS && now.getTime() - SKEW_MS < notOnOrAfter)) {
    throw invalid('the assertion is of another time');
  }
  return { key: holderOf(assertion), assertion };
}

/** One key, however often it stands there. */
function holderOf(assertion: XmlElement): Certificate {
  const holders = elements(assertion)
    .flatMap((statement) => children(statement, NS_SAML, 'Subject'))
    .flatMap((subject) => children(subject, NS_SAML, 'SubjectConfirmation'))
    .map((confirmation) => {
      const methods = children(confirmation, NS_SAML, 'ConfirmationMethod');
      if (!methods.some((method) => text(method).trim() === HOLDER_OF_KEY)) {
        throw invalid('the assertion is not one of holder-of-key');
      }
      return certificateIn(onlyOf(confirmation, NS_DS, 'KeyInfo'));
    });
  const [holder, ...others] = holders;
  if (holder === undefined || others.some((other) => !other.publicKey.equals(holder.publicKey))) {
    throw invalid('the assertion does not name one holder');
  }
  return holder;
}

/** The first certificate of a KeyInfo. */
export function certificateIn(keyInfo: XmlElement): Certificate {
  const data = onlyOf(keyInfo, NS_DS, 'X509Data');
  const [certificate] = children(data, NS_DS, 'X509Certificate');
  if (certificate === undefined) {
    throw invalid('a KeyInfo holds no certificate');
  }
  return certificateOf(certificate);
}

const certificateOf = (element: XmlElement): Certificate =>
  parseCertificate(Buffer.from(text(element).replace(/\s/g, ''), 'base64'));

function onlyElement(parent: XmlElement): XmlElement {
  const [first, ...others] = elements(parent);
  if (first === undefined || others.length > 0) {
    throw invalid(`its ${parent.name} holds other parts than it should`);
  }
  return first;
}

/** The only child of that name. */
export function onlyOf(parent: XmlElement, namespace: string, name: string): XmlElement {
  const [first, ...others] = children(parent, namespace, name);
  if (first === undefined || others.length > 0) {
    throw invalid(`${parent.name} needs exactly one ${name}`);
  }
  return first;
}
