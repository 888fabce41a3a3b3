/**
 * WS-Security headers (sts-session §2.4 and §6): X.509 for the STS, the assertion for everything that needs
 * a session. What is signed is what is sent: the caller writes the envelope once, as it comes from here.
 *
 * @module
 */

import type { SignatureAlgorithm, Signer } from '../keys/keys.js';
import { defaultAlgorithm } from '../xml/algorithms.js';
import { namespace, verbatim } from '../xml/build.js';
import { canonicalBytes } from '../xml/c14n.js';
import { NS_DS, NS_SOAP, NS_WSSE, NS_WSU } from '../xml/namespaces.js';
import { makeSignature } from '../xml/signature.js';
import type { XmlElement, XmlVerbatim } from '../xml/tree.js';
import { declarePrefixes } from './declarations.js';

export type Security =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'x509';
      readonly signer: Signer;
      readonly algorithm?: SignatureAlgorithm | undefined;
    }
  | {
      readonly kind: 'saml';
      /** Self-contained text, verbatim. */
      readonly assertion: string;
      readonly assertionId: string;
      /** The holder-of-key key. */
      readonly signer: Signer;
      /** MyCareNet GenAsync signs the timestamp only. @default 'body-and-timestamp' */
      readonly parts?: 'body-and-timestamp' | 'timestamp' | undefined;
    };

export interface SecurityContext {
  readonly now: Date;
  readonly newId: () => string;
}

const TTL_MS = 60_000;
const X509_V3 =
  'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3';
const BASE64_BINARY =
  'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary';
/** Quirk: the value type is of version 1.0, the token type of 1.1; both as the services want them. */
const SAML_ASSERTION_ID =
  'http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.0#SAMLAssertionID';
const SAML_V11 = 'http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1';

const soap = namespace('soap', NS_SOAP);
const wsse = namespace('wsse', NS_WSSE);
const wsu = namespace('wsu', NS_WSU);
const ds = namespace('ds', NS_DS);

/** An envelope around a payload, with what its security needs. */
export async function secureEnvelope(
  content: XmlElement,
  headers: readonly XmlElement[],
  security: Security,
  context: SecurityContext,
): Promise<XmlElement> {
  const payload = declarePrefixes(content);
  if (security.kind === 'none') {
    return soap(
      'Envelope',
      {},
      headers.length === 0 ? undefined : soap('Header', {}, headers),
      soap('Body', {}, payload),
    );
  }
  // Ids are NCNames: a UUID alone may begin with a digit.
  const id = (prefix: string): string => `${prefix}-${context.newId()}`;
  const bodyId = id('id');
  const body = soap('Body', { 'wsu:Id': bodyId }, payload);
  const timestampId = id('TS');
  const timestamp = timestampElement(timestampId, context.now);
  const bodyReference = { id: bodyId, canonical: canonicalBytes(body).bytes, enveloped: false };
  const timestampReference = {
    id: timestampId,
    canonical: canonicalBytes(timestamp).bytes,
    enveloped: false,
  };
  const timestampOnly = security.kind === 'saml' && security.parts === 'timestamp';
  const references = timestampOnly ? [timestampReference] : [bodyReference, timestampReference];
  const parts =
    security.kind === 'x509'
      ? await x509Parts(security, references, id)
      : await samlParts(security, references, id);
  const header = wsse('Security', { 'soap:mustUnderstand': '1' }, timestamp, parts);
  const declarations = [{ prefix: 'wsu', uri: NS_WSU }];
  return soap('Envelope', {}, soap('Header', {}, { ...header, declarations }, headers), body);
}

type References = Parameters<typeof makeSignature>[2];

async function x509Parts(
  { signer, algorithm }: Security & { kind: 'x509' },
  references: References,
  id: (prefix: string) => string,
): Promise<readonly XmlElement[]> {
  const tokenId = id('X509');
  const token = wsse(
    'BinarySecurityToken',
    { 'wsu:Id': tokenId, ValueType: X509_V3, EncodingType: BASE64_BINARY },
    Buffer.from(signer.certificate.der).toString('base64'),
  );
  const keyInfo = ds(
    'KeyInfo',
    {},
    wsse(
      'SecurityTokenReference',
      {},
      wsse('Reference', { URI: `#${tokenId}`, ValueType: X509_V3 }),
    ),
  );
  const signature = await makeSignature(
    signer,
    algorithm ?? defaultAlgorithm(signer),
    [...references, { id: tokenId, canonical: canonicalBytes(token).bytes, enveloped: false }],
    keyInfo,
    id('SIG'),
  );
  return [token, signature];
}

async function samlParts(
  { signer, assertion, assertionId }: Security & { kind: 'saml' },
  references: References,
  id: (prefix: string) => string,
): Promise<readonly (XmlElement | XmlVerbatim)[]> {
  const keyInfo = ds(
    'KeyInfo',
    { Id: id('KI') },
    wsse(
      'SecurityTokenReference',
      { 'wsu:Id': id('STR'), 'wsse11:TokenType': SAML_V11 },
      wsse('KeyIdentifier', { ValueType: SAML_ASSERTION_ID }, assertionId),
    ),
  );
  const signature = await makeSignature(
    signer,
    defaultAlgorithm(signer),
    references,
    keyInfo,
    id('SIG'),
  );
  return [verbatim(assertion), signature];
}

function timestampElement(id: string, now: Date): XmlElement {
  return wsu(
    'Timestamp',
    { 'wsu:Id': id },
    wsu('Created', {}, now.toISOString()),
    wsu('Expires', {}, new Date(now.getTime() + TTL_MS).toISOString()),
  );
}
