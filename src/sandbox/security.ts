/**
 * WS-Security of requests, as a service sees it: the X.509 form of the STS and the holder-of-key form of
 * everything else (sts-session §2.4, §6). Trust first, then shape, then signature; what comes back is
 * parsed from the signed text.
 *
 * @module
 */

import { publicKeyIdentifier } from '../x509/key-identifier.js';
import { parseCertificate } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { buildPath } from '../x509/chain.js';
import type { Exchange, Sandbox } from './exchange.js';
import { SandboxFault } from './faults-soap.js';
import {
  DS,
  HOLDER_OF_KEY,
  SAML,
  SAML_ASSERTION_ID,
  SOAP,
  STS_ISSUER,
  WSSE,
  WSU,
  X509_TOKEN,
} from './names.js';
import { SignatureError, verifySignature } from './verify-xml.js';
import type { SignatureRules } from './verify-xml.js';
import { attributeOf, childOf, childrenOf, firstLine, textOf, walk } from './xml-read.js';
import type { ReadElement } from './xml-read.js';

/** Difference between clocks that is let through. */
export const SKEW_MS = 5 * 60 * 1000;

export interface X509Security {
  /** The payload, from the signed text. */
  readonly payload: ReadElement;
  readonly certificate: Certificate;
  readonly isEid: boolean;
}

export interface TokenAttribute {
  readonly namespace: string;
  readonly name: string;
  readonly values: readonly string[];
}

export interface TokenSecurity {
  readonly payload: ReadElement;
  readonly holder: Certificate;
  readonly attributes: readonly TokenAttribute[];
}

interface Header {
  readonly security: ReadElement;
  readonly timestamp: ReadElement;
  readonly signature: ReadElement;
  readonly bodyId: string;
  readonly timestampId: string;
}

const unauthenticated = (message: string, faultCode = 'wsse:InvalidSecurity'): SandboxFault =>
  new SandboxFault('SOA-01001', message, { faultCode });

function readHeader(exchange: Exchange, signsBody = true): Header {
  const { envelope } = exchange;
  const headers = childrenOf(envelope, SOAP, 'Header');
  const body = childOf(envelope, SOAP, 'Body');
  const security = childOf(headers[0], WSSE, 'Security');
  const timestamp = childOf(security, WSU, 'Timestamp');
  const signature = childOf(security, DS, 'Signature');
  const all = [...walk(envelope)].filter(({ name, namespace }) => name === 'Security' && namespace === WSSE); // prettier-ignore
  if (headers.length !== 1 || body === undefined || all.length !== 1) {
    exchange.checks.failed('signature', 'the envelope needs one Header, one Body, one Security');
    throw unauthenticated('no WS-Security header, or more than one');
  }
  if (security === undefined || timestamp === undefined || signature === undefined) {
    exchange.checks.failed('signature', 'Timestamp or Signature is missing');
    throw unauthenticated('Security needs one Timestamp and one Signature');
  }
  const bodyId = signsBody ? attributeOf(body, 'Id', WSU) : '';
  const timestampId = attributeOf(timestamp, 'Id', WSU);
  if (bodyId === undefined || timestampId === undefined) {
    exchange.checks.failed('signature', 'Body or Timestamp has no wsu:Id');
    throw unauthenticated('Body and Timestamp need a wsu:Id');
  }
  return { security, timestamp, signature, bodyId, timestampId };
}

function verifyOrFault(
  exchange: Exchange,
  rules: Omit<SignatureRules, 'xml' | 'root'>,
  check: string,
): ReadonlyMap<string, string> {
  try {
    const { signed, sha1, prefixLists } = verifySignature({ ...rules, xml: exchange.xml, root: exchange.envelope }); // prettier-ignore
    if (sha1 || prefixLists) {
      exchange.checks.tolerated(check, sha1 ? 'SHA-1' : 'PrefixList');
    } else {
      exchange.checks.ok(check);
    }
    return signed;
  } catch (error) {
    if (!(error instanceof SignatureError)) {
      throw error;
    }
    exchange.checks.failed(check, error.message);
    throw unauthenticated(`the signature does not hold: ${error.message}`, 'wsse:FailedCheck');
  }
}

function signedElement(exchange: Exchange, signed: ReadonlyMap<string, string>, id: string) {
  return exchange.read(signed.get(id) ?? '');
}

/** The Body's one child, from the signed text. */
function signedPayload(
  exchange: Exchange,
  signed: ReadonlyMap<string, string>,
  bodyId: string,
): ReadElement {
  const body = signedElement(exchange, signed, bodyId);
  const [payload] = body.children;
  if (body.name !== 'Body' || body.namespace !== SOAP || payload === undefined) {
    throw unauthenticated('the signature does not cover the Body');
  }
  return payload;
}

/** Created and Expires of the signed Timestamp against the sandbox's clock. */
function checkFreshness(exchange: Exchange, sandbox: Sandbox, timestamp: ReadElement): void {
  const created = Date.parse(textOf(timestamp, WSU, 'Created'));
  const expires = Date.parse(textOf(timestamp, WSU, 'Expires'));
  const now = sandbox.now().getTime();
  if (timestamp.name !== 'Timestamp' || Number.isNaN(created) || Number.isNaN(expires)) {
    exchange.checks.failed('freshness', 'Timestamp without Created and Expires');
    throw unauthenticated('the Timestamp is not readable');
  }
  if (created > now + SKEW_MS || expires < now - SKEW_MS || expires <= created) {
    exchange.checks.failed('freshness', `created ${seconds(created - now)}, expires ${seconds(expires - now)} from now`); // prettier-ignore
    throw unauthenticated('the Timestamp has expired or lies in the future', 'wsu:MessageExpired');
  }
  if (created > now + 60_000 || expires < now) {
    exchange.checks.tolerated('freshness', 'inside the five minutes of skew only');
  } else {
    exchange.checks.ok('freshness');
  }
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

/** Certificate in base64, with white space where official clients put it. */
export function parseBase64Certificate(text: string): Certificate | undefined {
  try {
    return parseCertificate(Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'base64')));
  } catch {
    return undefined;
  }
}

/**
 * Whether a certificate is one of ours: a test card of a trusted root, or an eHealth certificate that this
 * sandbox issued and did not revoke.
 *
 * @returns Which of the two; `undefined` for neither.
 */
export function trustOf(
  sandbox: Sandbox,
  certificate: Certificate,
  chain: readonly Certificate[] = [],
): 'eid' | 'ehealth' | undefined {
  const at = sandbox.now();
  const { citizenPki, pki, eidRoots, eidIssuers } = sandbox;
  const candidates = [
    ...chain,
    ...eidRoots,
    ...eidIssuers,
    citizenPki.citizenCa.certificate,
    citizenPki.foreignerCa.certificate,
  ];
  if (buildPath(certificate, candidates, eidRoots, at) !== undefined) {
    return 'eid';
  }
  const path = buildPath(
    certificate,
    [pki.issuingCa.certificate],
    [pki.ehealthRoot.certificate],
    at,
  );
  if (path === undefined) {
    return undefined;
  }
  const id = publicKeyIdentifier(certificate.publicKeyInfo);
  const record = sandbox.state.certificates.find((entry) => entry.id === id);
  return record?.status === 'REVOKED' ? undefined : 'ehealth';
}

/**
 * The X.509 form: Body, Timestamp and the token itself are signed by the token's key.
 *
 * @throws SandboxFault `SOA-01001`.
 */
export function verifyX509Security(
  exchange: Exchange,
  sandbox: Sandbox,
  { allowSha1 }: { readonly allowSha1: boolean },
): X509Security {
  const header = readHeader(exchange);
  const token = childOf(header.security, WSSE, 'BinarySecurityToken');
  const tokenId = attributeOf(token, 'Id', WSU);
  const certificate = parseBase64Certificate(token?.text ?? '');
  if (tokenId === undefined || certificate === undefined) {
    exchange.checks.failed('token', 'no readable BinarySecurityToken');
    throw unauthenticated('no readable BinarySecurityToken', 'wsse:InvalidSecurityToken');
  }
  const trust = trustOf(sandbox, certificate);
  if (trust === undefined) {
    exchange.checks.failed('token', 'the certificate is expired, revoked or not from a trusted CA');
    throw unauthenticated('the certificate is not trusted', 'wsse:FailedAuthentication');
  }
  if (((certificate.keyUsage ?? 0) & 0x80) === 0) {
    exchange.checks.failed('token', 'key usage without digitalSignature');
    throw unauthenticated('the certificate is not for authentication', 'wsse:InvalidSecurityToken');
  }
  exchange.checks.ok('token', trust);
  const reference = childOf(tokenReference(header.signature), WSSE, 'Reference');
  if (
    attributeOf(reference, 'URI') !== `#${tokenId}` ||
    attributeOf(reference, 'ValueType') !== X509_TOKEN
  ) {
    exchange.checks.failed('signature', 'KeyInfo does not name the BinarySecurityToken');
    throw unauthenticated('KeyInfo does not name the BinarySecurityToken');
  }
  const signed = verifyOrFault(
    exchange,
    {
      signature: header.signature,
      key: certificate.publicKey,
      ids: [header.bodyId, header.timestampId, tokenId],
      enveloped: false,
      allowSha1,
    },
    'signature',
  );
  checkFreshness(exchange, sandbox, signedElement(exchange, signed, header.timestampId));
  return {
    payload: signedPayload(exchange, signed, header.bodyId),
    certificate,
    isEid: trust === 'eid',
  };
}

const tokenReference = (signature: ReadElement): ReadElement | undefined =>
  childOf(childOf(signature, DS, 'KeyInfo'), WSSE, 'SecurityTokenReference');

/**
 * The holder-of-key form: an assertion of our STS, and Body and Timestamp signed by the key in it.
 *
 * @param options.parts `timestamp`: the mailboxes of MyCareNet want no more. A client that signs the Body too is
 *   taken.
 * @throws SandboxFault `SOA-01001`.
 */
export function verifyTokenSecurity(
  exchange: Exchange,
  sandbox: Sandbox,
  { parts = 'body-and-timestamp' }: { readonly parts?: 'body-and-timestamp' | 'timestamp' } = {},
): TokenSecurity {
  const signsBody = parts === 'body-and-timestamp' || signsItsBody(exchange);
  const header = readHeader(exchange, signsBody);
  const received = childOf(header.security, SAML, 'Assertion');
  const assertionId = attributeOf(received, 'AssertionID');
  const assertionSignature = childOf(received, DS, 'Signature');
  if (received === undefined || assertionId === undefined || assertionSignature === undefined) {
    exchange.checks.failed('token', 'no signed assertion');
    throw unauthenticated('no signed assertion', 'wsse:SecurityTokenUnavailable');
  }
  const verified = verifyOrFault(
    exchange,
    {
      signature: assertionSignature,
      key: sandbox.pki.sts.certificate.publicKey,
      ids: [assertionId],
      idAttribute: 'AssertionID',
      enveloped: true,
    },
    'token',
  );
  const assertion = exchange.read(verified.get(assertionId) ?? '');
  checkConditions(exchange, sandbox, assertion);
  const holder = holderOf(exchange, sandbox, assertion);
  const identifier = childOf(tokenReference(header.signature), WSSE, 'KeyIdentifier');
  if (
    identifier?.text.trim() !== assertionId ||
    attributeOf(identifier, 'ValueType') !== SAML_ASSERTION_ID
  ) {
    exchange.checks.failed('signature', 'KeyInfo does not name the assertion');
    throw unauthenticated('KeyInfo does not name the assertion');
  }
  const signed = verifyOrFault(
    exchange,
    {
      signature: header.signature,
      key: holder.publicKey,
      ids: signsBody ? [header.bodyId, header.timestampId] : [header.timestampId],
      enveloped: false,
    },
    'signature',
  );
  checkFreshness(exchange, sandbox, signedElement(exchange, signed, header.timestampId));
  return {
    payload: signsBody ? signedPayload(exchange, signed, header.bodyId) : exchange.payload,
    holder,
    attributes: attributesOf(assertion),
  };
}

/** Whether a signature names the Body; whether it holds is judged later. */
function signsItsBody({ envelope }: Exchange): boolean {
  const id = attributeOf(childOf(envelope, SOAP, 'Body'), 'Id', WSU);
  return (
    id !== undefined &&
    [...walk(envelope)].some(
      (element) => element.name === 'Reference' && attributeOf(element, 'URI') === `#${id}`,
    )
  );
}

function checkConditions(exchange: Exchange, sandbox: Sandbox, assertion: ReadElement): void {
  const conditions = childOf(assertion, SAML, 'Conditions');
  const notBefore = Date.parse(attributeOf(conditions, 'NotBefore') ?? '');
  const notOnOrAfter = Date.parse(attributeOf(conditions, 'NotOnOrAfter') ?? '');
  const now = sandbox.now().getTime();
  if (attributeOf(assertion, 'Issuer') !== STS_ISSUER) {
    exchange.checks.failed('token', 'not issued by the STS');
    throw unauthenticated('the assertion is not of this STS', 'wsse:InvalidSecurityToken');
  }
  if (!(now >= notBefore - SKEW_MS && now < notOnOrAfter)) {
    exchange.checks.failed('token', 'outside its conditions');
    throw unauthenticated('the assertion has expired', 'wsse:InvalidSecurityToken');
  }
}

function holderOf(exchange: Exchange, sandbox: Sandbox, assertion: ReadElement): Certificate {
  const confirmations = [...walk(assertion)].filter(
    ({ name, namespace }) => name === 'SubjectConfirmation' && namespace === SAML,
  );
  const confirmation = confirmations.find(
    (entry) => textOf(entry, SAML, 'ConfirmationMethod') === HOLDER_OF_KEY,
  );
  const data = childOf(childOf(confirmation, DS, 'KeyInfo'), DS, 'X509Data');
  const certificate = parseBase64Certificate(textOf(data, DS, 'X509Certificate'));
  if (certificate === undefined) {
    exchange.checks.failed('token', 'no holder-of-key certificate');
    throw unauthenticated('the assertion has no holder of key', 'wsse:InvalidSecurityToken');
  }
  if (trustOf(sandbox, certificate) === undefined) {
    exchange.checks.failed('token', 'the holder-of-key certificate is expired or revoked');
    throw unauthenticated('the certificate of the token is not valid any more', 'wsse:InvalidSecurityToken'); // prettier-ignore
  }
  return certificate;
}

const attributesOf = (assertion: ReadElement): readonly TokenAttribute[] =>
  childrenOf(childOf(assertion, SAML, 'AttributeStatement'), SAML, 'Attribute').map(
    (attribute) => ({
      namespace: attributeOf(attribute, 'AttributeNamespace') ?? '',
      name: attributeOf(attribute, 'AttributeName') ?? '',
      values: childrenOf(attribute, SAML, 'AttributeValue').map(({ text }) => text),
    }),
  );

/** Refuses with `SOA-03006` when the schema says so. */
export function requireSchema(exchange: Exchange, sandbox: Sandbox, element: ReadElement): void {
  const verdict = sandbox.schemas.validate(element.node);
  if (verdict.state === 'failed') {
    exchange.checks.failed('schema', verdict.detail ?? '');
    throw new SandboxFault('SOA-03006', `not valid by the schema: ${firstLine(verdict.detail)}`);
  }
  if (verdict.state === 'skipped') {
    exchange.checks.skipped('schema', verdict.detail ?? '');
  } else {
    exchange.checks.ok('schema');
  }
}
