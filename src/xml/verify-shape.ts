/**
 * Reads `ds:Signature`, strictly: exactly the parts that are known, in their order, so that no other reader
 * can take another part for the one that was checked (sts-session §7).
 *
 * @module
 */

import { decodeBase64 } from '../der/base64.js';
import type { SignatureAlgorithm } from '../keys/keys.js';
import {
  C14N_EXCLUSIVE,
  DIGEST_HASHES,
  ENVELOPED_SIGNATURE,
  SIGNATURE_URIS,
} from './algorithms.js';
import { NS_DS, NS_EC } from './namespaces.js';
import { attribute, children, elements } from './query.js';
import type { XmlElement } from './tree.js';
import { invalid } from './verify-errors.js';

/** What a signature says about itself; nothing of it is verified yet. */
export interface SignatureShape {
  readonly signedInfo: XmlElement;
  /** `PrefixList` of the canonicalisation of {@link signedInfo}. */
  readonly prefixes: readonly string[];
  readonly algorithm: SignatureAlgorithm;
  readonly references: readonly ReferenceShape[];
  readonly value: Uint8Array;
}

export interface ReferenceShape {
  /** Without `#`. */
  readonly id: string;
  readonly isEnveloped: boolean;
  readonly prefixes: readonly string[];
  /** As `node:crypto` names it. */
  readonly hash: string;
  readonly digest: Uint8Array;
}

export interface ShapeOptions {
  /** Each may cost a canonicalisation of the document. */
  readonly maxReferences: number;
  readonly allowSha1: boolean;
}

const MAX_PREFIXES = 32;
const SIGNED_INFO = 'CanonicalizationMethod SignatureMethod';

/** @throws TopazError `E_SIGNATURE_INVALID`. */
export function readShape(
  signature: XmlElement,
  { maxReferences, allowSha1 }: ShapeOptions,
): SignatureShape {
  requireParts(signature, 'SignedInfo SignatureValue', 'SignedInfo SignatureValue KeyInfo');
  const signedInfo = only(signature, 'SignedInfo');
  const counts = Array.from({ length: maxReferences }, (_, index) => index + 1);
  requireParts(signedInfo, ...counts.map((count) => SIGNED_INFO + ' Reference'.repeat(count)));
  const method = only(signedInfo, 'CanonicalizationMethod');
  if (attribute(method, 'Algorithm') !== C14N_EXCLUSIVE) {
    throw invalid('it is not canonicalised exclusively');
  }
  return {
    signedInfo,
    prefixes: readPrefixes(method),
    algorithm: readAlgorithm(only(signedInfo, 'SignatureMethod'), allowSha1),
    references: children(signedInfo, NS_DS, 'Reference').map((each) =>
      readReference(each, allowSha1),
    ),
    value: base64(only(signature, 'SignatureValue')),
  };
}

/** Exactly these children, in this order. */
function requireParts(parent: XmlElement, ...accepted: readonly string[]): void {
  const names = elements(parent).map(({ name, namespace }) => (namespace === NS_DS ? name : '?'));
  if (!accepted.includes(names.join(' '))) {
    throw invalid(`its ${parent.name} holds other parts than it should`);
  }
}

function readAlgorithm(method: XmlElement, allowSha1: boolean): SignatureAlgorithm {
  const uri = attribute(method, 'Algorithm');
  const [name] = Object.entries(SIGNATURE_URIS).find(([, known]) => known === uri) ?? [];
  if (name === undefined || elements(method).length > 0 || (name === 'rsa-sha1' && !allowSha1)) {
    throw invalid('its signature method is not accepted');
  }
  return name as SignatureAlgorithm;
}

function readReference(reference: XmlElement, allowSha1: boolean): ReferenceShape {
  const uri = attribute(reference, 'URI') ?? '';
  if (!uri.startsWith('#') || uri.length < 2) {
    throw invalid('it does not refer to an element of this document');
  }
  requireParts(reference, 'Transforms DigestMethod DigestValue');
  const transforms = only(reference, 'Transforms');
  requireParts(transforms, 'Transform', 'Transform Transform');
  const [first, second] = elements(transforms);
  const isEnveloped = second !== undefined;
  const c14n = second ?? first;
  if (
    attribute(c14n, 'Algorithm') !== C14N_EXCLUSIVE ||
    (isEnveloped &&
      (attribute(first, 'Algorithm') !== ENVELOPED_SIGNATURE || elements(first).length > 0))
  ) {
    throw invalid('its transforms are not enveloped-signature and exclusive C14N');
  }
  const digestMethod = only(reference, 'DigestMethod');
  const hash = DIGEST_HASHES.get(attribute(digestMethod, 'Algorithm') ?? '');
  if (elements(digestMethod).length > 0) {
    throw invalid('its digest method has parameters');
  }
  if (hash === undefined || (hash === 'sha1' && !allowSha1)) {
    throw invalid('its digest method is not accepted');
  }
  const digest = base64(only(reference, 'DigestValue'));
  return { id: uri.slice(1), isEnveloped, prefixes: readPrefixes(c14n), hash, digest };
}

/** InclusiveNamespaces: other signers write it, we never do. */
function readPrefixes(method: XmlElement | undefined): readonly string[] {
  const [inclusive, ...others] = elements(method);
  if (inclusive === undefined) {
    return [];
  }
  const prefixes = (attribute(inclusive, 'PrefixList') ?? '').split(/\s+/).filter((p) => p !== '');
  if (
    others.length > 0 ||
    inclusive.name !== 'InclusiveNamespaces' ||
    inclusive.namespace !== NS_EC ||
    prefixes.length > MAX_PREFIXES
  ) {
    throw invalid('its canonicalisation has parameters that are not known');
  }
  return prefixes;
}

function only(parent: XmlElement, name: string): XmlElement {
  const found = children(parent, NS_DS, name);
  const [first] = found;
  if (first === undefined || found.length > 1) {
    throw invalid(`it needs exactly one ${name}`);
  }
  return first;
}

/** Strict, but for white space; a comment inside is refused: readers differ on what it hides. */
function base64(element: XmlElement): Uint8Array {
  const [node, ...others] = element.children;
  if (node?.kind !== 'text' || others.length > 0) {
    throw invalid(`${element.name} holds more than text`);
  }
  const bytes = decodeBase64(node.text);
  if (bytes === undefined || bytes.length === 0) {
    throw invalid(`${element.name} is not base64`);
  }
  return bytes;
}
