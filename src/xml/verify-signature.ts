/**
 * Verifies one `ds:Signature` with keys that are known beforehand, and says what it covers. The value is
 * checked before the references: nothing large is canonicalised for a signer who is not trusted.
 *
 * @module
 */

import { createHash, timingSafeEqual } from 'node:crypto';

import type { SignatureAlgorithm } from '../keys/keys.js';
import type { Certificate } from '../x509/certificate.js';
import { canonicalBytes, scopeOf } from './c14n.js';
import type { Canonical, CanonicalizeOptions } from './c14n.js';
import type { XmlElement } from './tree.js';
import { invalid } from './verify-errors.js';
import { holds } from './verify-key.js';
import { readShape } from './verify-shape.js';
import type { ReferenceShape } from './verify-shape.js';

export interface SignatureRules {
  /** Keys that may have signed; KeyInfo is never believed. */
  readonly trusted: readonly Certificate[];
  /** Elements of the document by id, each id once. */
  readonly ids: ReadonlyMap<string, XmlElement>;
  /** @default 1 */
  readonly maxReferences?: number | undefined;
  /** @default false */
  readonly allowSha1?: boolean | undefined;
}

/** One part of the document that the signature covers. */
export interface CoveredPart extends Canonical {
  readonly id: string;
  /** Of the digest, as `node:crypto` names it. */
  readonly hash: string;
}

export interface SignatureFacts {
  readonly algorithm: SignatureAlgorithm;
  /** Whose key it was. */
  readonly certificate: Certificate;
  /** By the element of the document that was referred to. */
  readonly covered: ReadonlyMap<XmlElement, CoveredPart>;
}

/**
 * Verifies.
 *
 * @param root The document that holds the signature.
 * @throws TopazError `E_SIGNATURE_INVALID` that says what does not hold.
 */
export function verifySignature(
  signature: XmlElement,
  root: XmlElement,
  { trusted, ids, maxReferences = 1, allowSha1 = false }: SignatureRules,
): SignatureFacts {
  const shape = readShape(signature, { maxReferences, allowSha1 });
  const targets = shape.references.map((reference) => targetOf(reference, ids, signature));
  if (new Set(targets).size < targets.length) {
    throw invalid('two of its references mean the same element');
  }
  const { signedInfo, algorithm, value } = shape;
  const { bytes } = canonicalBytes(signedInfo, inScope(signedInfo, root, shape.prefixes));
  const certificate = trusted.find(({ publicKey }) => holds(algorithm, publicKey, bytes, value));
  if (certificate === undefined) {
    throw invalid('it was not made by a key that is trusted here');
  }
  const covered = new Map<XmlElement, CoveredPart>();
  for (const [at, reference] of shape.references.entries()) {
    const target = targets[at];
    if (target !== undefined) {
      covered.set(target, checkDigest(reference, target, signature, root));
    }
  }
  return { algorithm, certificate, covered };
}

function targetOf(
  { id, isEnveloped }: ReferenceShape,
  ids: ReadonlyMap<string, XmlElement>,
  signature: XmlElement,
): XmlElement {
  const target = ids.get(id);
  if (target === undefined) {
    throw invalid('it refers to an element that is not there');
  }
  if (isEnveloped !== target.children.includes(signature)) {
    throw invalid('its transforms are not those of its place');
  }
  return target;
}

function checkDigest(
  { id, prefixes, hash, digest }: ReferenceShape,
  target: XmlElement,
  signature: XmlElement,
  root: XmlElement,
): CoveredPart {
  const canonical = canonicalBytes(target, {
    ...inScope(target, root, prefixes),
    without: signature,
  });
  const actual = createHash(hash).update(canonical.bytes).digest();
  if (actual.length !== digest.length || !timingSafeEqual(actual, digest)) {
    throw invalid('the content was changed after it was signed');
  }
  return { id, hash, ...canonical };
}

/** What stands around an element matters to inclusive prefixes alone. */
const inScope = (
  element: XmlElement,
  root: XmlElement,
  prefixes: readonly string[],
): CanonicalizeOptions =>
  prefixes.length === 0 ? {} : { inclusivePrefixes: prefixes, inherited: scopeOf(element, root) };
