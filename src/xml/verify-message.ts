/**
 * Verifies the WS-Security signature of a SOAP message as a strict service does (sts-session §2.4, §6 and
 * §8): by BinarySecurityToken or by holder-of-key assertion. What was not signed is not handed on.
 *
 * @module
 */

import type { SignatureAlgorithm } from '../keys/keys.js';
import type { Certificate } from '../x509/certificate.js';
import { NS_DS, NS_SAML, NS_SAMLP, NS_SOAP, NS_WSSE, NS_WSU } from './namespaces.js';
import { child, childText, children, elements, walk } from './query.js';
import { readXml } from './read.js';
import type { XmlElement } from './tree.js';
import { invalid } from './verify-errors.js';
import { indexIds } from './verify-ids.js';
import { verifySignature } from './verify-signature.js';
import { findKey } from './verify-token.js';
import { checkInnerRequest } from './verify-inner.js';

export type MessagePart = 'body' | 'timestamp' | 'token' | 'assertion';

export interface MessagePolicy {
  /** What must sign: a BinarySecurityToken, or an assertion of holder-of-key. */
  readonly token: 'x509' | 'saml';
  /** What the signature must cover. @default body and timestamp; of a BinarySecurityToken the token too */
  readonly parts?: readonly MessagePart[] | undefined;
  /** Authorities that must have issued the certificate of a BinarySecurityToken. */
  readonly roots: readonly Certificate[];
  /** Keys of which one must have signed the assertion. */
  readonly sts: readonly Certificate[];
  readonly now: Date;
  /** The Body must hold a SAML request that its holder-of-key signed. @default false */
  readonly requireInner?: boolean | undefined;
  /** @default false */
  readonly allowSha1?: boolean | undefined;
}

export interface VerifiedMessage {
  /** The signed Body; `undefined` where the signature does not cover it. */
  readonly body: XmlElement | undefined;
  /** The signed assertion, whose holder signed the message. */
  readonly assertion: XmlElement | undefined;
  /** What the signature covers. */
  readonly covered: ReadonlySet<MessagePart>;
  readonly algorithm: SignatureAlgorithm;
  /** Whose key signed the message. */
  readonly certificate: Certificate;
}

const SKEW_MS = 5 * 60 * 1000;
const MAX_TTL_MS = 10 * 60 * 1000;
const MAX_REFERENCES = 8;

/** The places of a message, each found once. */
interface Message {
  readonly root: XmlElement;
  readonly header: XmlElement;
  readonly body: XmlElement;
  readonly timestamp: XmlElement;
  readonly signature: XmlElement;
  readonly token: XmlElement | undefined;
  readonly assertion: XmlElement | undefined;
}

/**
 * Reads and verifies.
 *
 * @throws TopazError `E_SIGNATURE_INVALID` that says what does not hold; `E_XML_MALFORMED`, `E_XML_LIMIT`;
 *   `E_ASN1_MALFORMED` for a certificate.
 */
export function verifyMessage(source: Uint8Array, policy: MessagePolicy): VerifiedMessage {
  const { now, allowSha1 } = policy;
  const message = findParts(readXml(source));
  const ids = indexIds(message.root);
  checkTimestamp(message.timestamp, now);
  const { key, assertion } = findKey(message, ids, policy);
  const facts = verifySignature(message.signature, message.root, {
    trusted: [key],
    ids,
    maxReferences: MAX_REFERENCES,
    allowSha1,
  });
  const covered = nameParts([...facts.covered.keys()], message);
  const needed: readonly MessagePart[] =
    policy.parts ??
    (policy.token === 'x509' ? ['body', 'timestamp', 'token'] : ['body', 'timestamp']);
  const missing = needed.find((part) => !covered.has(part));
  if (missing !== undefined) {
    throw invalid(`it does not cover the ${missing}`);
  }
  checkPayload(message, key, ids, policy);
  return {
    body: facts.covered.get(message.body)?.element,
    assertion,
    covered,
    algorithm: facts.algorithm,
    certificate: facts.certificate,
  };
}

/** One of each, in its place, and no second one anywhere: what a wrapped message would have. */
function findParts(root: XmlElement): Message {
  const [header, body, ...others] = elements(root);
  if (
    !is(root, NS_SOAP, 'Envelope') ||
    !is(header, NS_SOAP, 'Header') ||
    !is(body, NS_SOAP, 'Body') ||
    others.length > 0
  ) {
    throw invalid('the message is not an envelope of one header and one body');
  }
  const security = exactlyOne(header, NS_WSSE, 'Security');
  const timestamp = exactlyOne(security, NS_WSU, 'Timestamp');
  const places = new Set([body, security, timestamp]);
  for (const element of walk(root)) {
    if (
      (is(element, NS_SOAP, 'Body') ||
        is(element, NS_WSSE, 'Security') ||
        is(element, NS_WSU, 'Timestamp')) &&
      !places.has(element)
    ) {
      throw invalid(`a second ${element.name} stands in the message`);
    }
  }
  for (const element of walk(security)) {
    if (element.children.some(({ kind }) => kind === 'comment' || kind === 'instruction')) {
      throw invalid('a comment or an instruction stands in the security header');
    }
  }
  return {
    root,
    header,
    body,
    timestamp,
    signature: exactlyOne(security, NS_DS, 'Signature'),
    token: atMostOne(security, NS_WSSE, 'BinarySecurityToken'),
    assertion: atMostOne(security, NS_SAML, 'Assertion'),
  };
}

function checkTimestamp(timestamp: XmlElement, now: Date): void {
  const created = instant(childText(timestamp, NS_WSU, 'Created'));
  const expires = instant(childText(timestamp, NS_WSU, 'Expires'));
  if (!(created < expires) || expires - created > MAX_TTL_MS) {
    throw invalid('its timestamp is not one');
  }
  if (now.getTime() + SKEW_MS < created || now.getTime() - SKEW_MS >= expires) {
    throw invalid('its timestamp is of another time');
  }
}

/** Milliseconds; NaN compares as false with everything. */
const instant = (text = ''): number =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(text) ? Date.parse(text) : Number.NaN;

/** Only parts of the message proper may be signed: anything else is an element that was moved away. */
function nameParts(targets: readonly XmlElement[], message: Message): ReadonlySet<MessagePart> {
  const { header, body, timestamp, token, assertion } = message;
  const covered = new Set<MessagePart>();
  for (const target of targets) {
    if (target === body) {
      covered.add('body');
    } else if (target === timestamp) {
      covered.add('timestamp');
    } else if (target === token) {
      covered.add('token');
    } else if (target === assertion) {
      covered.add('assertion');
    } else if (!header.children.includes(target)) {
      throw invalid('it covers an element that is no part of the message');
    }
  }
  return covered;
}

function checkPayload(
  { body, root }: Message,
  key: Certificate,
  ids: ReadonlyMap<string, XmlElement>,
  { requireInner = false, allowSha1 }: MessagePolicy,
): void {
  const [payload, ...others] = elements(body);
  if (is(payload, NS_SAMLP, 'Request') && others.length === 0) {
    checkInnerRequest(payload, root, { signer: key, ids, requireInner, allowSha1 });
  } else if (requireInner) {
    throw invalid('the body holds no SAML request');
  }
}

const is = (
  element: XmlElement | undefined,
  namespace: string,
  name: string,
): element is XmlElement => element?.name === name && element.namespace === namespace;

function exactlyOne(parent: XmlElement, namespace: string, name: string): XmlElement {
  const found = atMostOne(parent, namespace, name);
  if (found === undefined) {
    throw invalid(`the message has no ${name}`);
  }
  return found;
}

function atMostOne(parent: XmlElement, namespace: string, name: string): XmlElement | undefined {
  if (children(parent, namespace, name).length > 1) {
    throw invalid(`the message has several of ${name}`);
  }
  return child(parent, namespace, name);
}
