/**
 * Verifies an enveloped signature and gives back what was signed, and nothing else: the document itself must
 * not be used afterwards (sts-session §3.1 and §7).
 *
 * @module
 */

import type { SignatureAlgorithm } from '../keys/keys.js';
import type { Certificate } from '../x509/certificate.js';
import { NS_DS } from './namespaces.js';
import { attribute, children } from './query.js';
import type { XmlElement } from './tree.js';
import { invalid } from './verify-errors.js';
import { indexIds } from './verify-ids.js';
import { verifySignature } from './verify-signature.js';

export interface VerifyOptions {
  /** Keys that may have signed; KeyInfo is never believed. */
  readonly trusted: readonly Certificate[];
  readonly idAttribute: 'Id' | 'ID' | 'AssertionID' | 'RequestID' | 'ResponseID';
  /** @default false */
  readonly allowSha1?: boolean | undefined;
}

export interface VerifiedXml {
  /**
   * The signed element as its canonical bytes have it: without its signature, without comments, without
   * declarations that are not signed.
   */
  readonly element: XmlElement;
  /** Exactly what was signed. */
  readonly canonical: string;
  /** Whose key it was. */
  readonly certificate: Certificate;
  readonly algorithm: SignatureAlgorithm;
  /** Of the digest, as `node:crypto` names it. */
  readonly hash: string;
}

/**
 * Verifies the signature that is a direct child of `element`.
 *
 * @param root The document, in which the id must be unique.
 * @throws TopazError `E_SIGNATURE_INVALID` that says what does not hold; TypeError for an element that is not
 *   in the document.
 */
export function verifyXml(
  element: XmlElement,
  root: XmlElement,
  { trusted, idAttribute, allowSha1 }: VerifyOptions,
): VerifiedXml {
  const id = attribute(element, idAttribute);
  if (id === undefined || id === '') {
    throw invalid(`the element has no ${idAttribute}`);
  }
  const ids = indexIds(root);
  if (ids.get(id) !== element) {
    throw new TypeError('the element is not part of the document');
  }
  const [signature, ...others] = children(element, NS_DS, 'Signature');
  if (signature === undefined || others.length > 0) {
    throw invalid('it needs exactly one Signature');
  }
  const { algorithm, certificate, covered } = verifySignature(signature, root, {
    trusted,
    ids,
    allowSha1,
  });
  const part = covered.get(element);
  if (part === undefined) {
    throw invalid('it does not refer to the element that holds it');
  }
  return {
    element: part.element,
    get canonical() {
      return part.bytes.toString('utf8');
    },
    certificate,
    algorithm,
    hash: part.hash,
  };
}
