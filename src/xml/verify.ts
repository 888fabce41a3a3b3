/**
 * Verifies an enveloped signature and gives back what was signed, read anew from the verified bytes: the
 * document itself must not be used afterwards (sts-session §3.1 and §7).
 *
 * @module
 */

import { constants, createHash, timingSafeEqual, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { TopazError } from '../errors.js';
import type { SignatureAlgorithm } from '../keys/keys.js';
import type { Certificate } from '../x509/certificate.js';
import {
  C14N_EXCLUSIVE,
  DIGEST_SHA1,
  DIGEST_SHA256,
  ENVELOPED_SIGNATURE,
  SIGNATURE_URIS,
} from './algorithms.js';
import { canonicalize, scopeOf } from './c14n.js';
import { NS_DS, NS_EC } from './namespaces.js';
import { attribute, children, elements, walk } from './query.js';
import { readXml } from './read.js';
import type { XmlElement } from './tree.js';

export interface VerifyOptions {
  /** Keys that may have signed; KeyInfo is never believed. */
  readonly trusted: readonly Certificate[];
  readonly idAttribute: 'Id' | 'ID' | 'AssertionID' | 'ResponseID';
  /** @default false */
  readonly allowSha1?: boolean | undefined;
}

export interface VerifiedXml {
  /** Read from {@link canonical}, without its signature. */
  readonly element: XmlElement;
  /** Exactly what was signed. */
  readonly canonical: string;
  /** Whose key it was. */
  readonly certificate: Certificate;
  readonly algorithm: SignatureAlgorithm;
}

const ID_ATTRIBUTES = new Set(['Id', 'ID', 'id', 'RequestID', 'ResponseID', 'AssertionID']);
const MAX_PREFIXES = 32;

/**
 * Verifies the signature that is a direct child of `element`.
 *
 * @param root The document, in which the id must be unique.
 * @throws TopazError `E_SIGNATURE_INVALID` that says what does not hold.
 */
export function verifyXml(
  element: XmlElement,
  root: XmlElement,
  { trusted, idAttribute, allowSha1 = false }: VerifyOptions,
): VerifiedXml {
  const id = attribute(element, idAttribute);
  if (id === undefined || id === '') {
    throw invalid(`the element has no ${idAttribute}`);
  }
  const inherited = scopeOf(element, root);
  if (inherited === undefined) {
    throw new TypeError('the element is not part of the document');
  }
  refuseDoubleIds(root);
  const signature = only(element, 'Signature');
  const { signedInfo, value } = readShape(signature);
  const algorithm = readAlgorithm(signedInfo, allowSha1);
  const reference = readReference(only(signedInfo, 'Reference'), id, allowSha1);
  const canonical = canonicalize(element, {
    without: signature,
    inclusivePrefixes: reference.prefixes,
    inherited,
  });
  const digest = createHash(reference.hash).update(canonical, 'utf8').digest();
  if (digest.length !== reference.digest.length || !timingSafeEqual(digest, reference.digest)) {
    throw invalid('the content was changed after it was signed');
  }
  const method = only(signedInfo, 'CanonicalizationMethod');
  const signed = Buffer.from(
    canonicalize(signedInfo, {
      inclusivePrefixes: readPrefixes(method),
      inherited: scopeOf(signedInfo, root),
    }),
    'utf8',
  );
  const certificate = trusted.find(({ publicKey }) => holds(algorithm, publicKey, signed, value));
  if (certificate === undefined) {
    throw invalid('it was not made by a key that is trusted here');
  }
  return { element: readXml(canonical), canonical, certificate, algorithm };
}

function refuseDoubleIds(root: XmlElement): void {
  const seen = new Set<string>();
  for (const { attributes } of walk(root)) {
    for (const { name, value } of attributes) {
      if (ID_ATTRIBUTES.has(name)) {
        if (seen.has(value)) {
          throw invalid('two elements have the same id');
        }
        seen.add(value);
      }
    }
  }
}

function readShape(signature: XmlElement): { signedInfo: XmlElement; value: Uint8Array } {
  requireShape(signature, 'SignedInfo SignatureValue', 'SignedInfo SignatureValue KeyInfo');
  const signedInfo = only(signature, 'SignedInfo');
  requireShape(signedInfo, 'CanonicalizationMethod SignatureMethod Reference');
  return { signedInfo, value: base64(only(signature, 'SignatureValue')) };
}

/** Exactly these children, in this order: nothing that another reader could take for the real one. */
function requireShape(parent: XmlElement, ...accepted: readonly string[]): void {
  const names = elements(parent).map(({ name, namespace }) => (namespace === NS_DS ? name : '?'));
  if (!accepted.includes(names.join(' '))) {
    throw invalid(`its ${parent.name} holds other parts than it should`);
  }
}

function readAlgorithm(signedInfo: XmlElement, allowSha1: boolean): SignatureAlgorithm {
  if (attribute(only(signedInfo, 'CanonicalizationMethod'), 'Algorithm') !== C14N_EXCLUSIVE) {
    throw invalid('it is not canonicalised exclusively');
  }
  const method = only(signedInfo, 'SignatureMethod');
  const uri = attribute(method, 'Algorithm');
  const [name] = Object.entries(SIGNATURE_URIS).find(([, known]) => known === uri) ?? [];
  if (name === undefined || elements(method).length > 0 || (name === 'rsa-sha1' && !allowSha1)) {
    throw invalid('its signature method is not accepted');
  }
  return name as SignatureAlgorithm;
}

interface ReadReference {
  readonly hash: 'sha1' | 'sha256';
  readonly digest: Uint8Array;
  readonly prefixes: readonly string[];
}

function readReference(reference: XmlElement, id: string, allowSha1: boolean): ReadReference {
  if (attribute(reference, 'URI') !== `#${id}`) {
    throw invalid('it does not refer to the element that holds it');
  }
  requireShape(reference, 'Transforms DigestMethod DigestValue');
  const transforms = only(reference, 'Transforms');
  requireShape(transforms, 'Transform Transform');
  const [enveloped, c14n] = elements(transforms);
  if (
    attribute(enveloped, 'Algorithm') !== ENVELOPED_SIGNATURE ||
    attribute(c14n, 'Algorithm') !== C14N_EXCLUSIVE ||
    elements(enveloped).length > 0
  ) {
    throw invalid('its transforms are not enveloped-signature and exclusive C14N');
  }
  const digestMethod = only(reference, 'DigestMethod');
  const method = attribute(digestMethod, 'Algorithm');
  if (elements(digestMethod).length > 0) {
    throw invalid('its digest method has parameters');
  }
  if (method !== DIGEST_SHA256 && !(allowSha1 && method === DIGEST_SHA1)) {
    throw invalid('its digest method is not accepted');
  }
  return {
    hash: method === DIGEST_SHA1 ? 'sha1' : 'sha256',
    digest: base64(only(reference, 'DigestValue')),
    prefixes: readPrefixes(c14n),
  };
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
  if (element.children.some(({ kind }) => kind !== 'text')) {
    throw invalid(`${element.name} holds more than text`);
  }
  const text = element.children.map((node) => (node.kind === 'text' ? node.text : '')).join('');
  const compact = text.replace(/\s/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(compact) || compact.length % 4 !== 0) {
    throw invalid(`${element.name} is not base64`);
  }
  return Uint8Array.from(Buffer.from(compact, 'base64'));
}

const HASHES: Readonly<Record<SignatureAlgorithm, string>> = {
  'rsa-sha1': 'sha1',
  'rsa-sha256': 'sha256',
  'rsa-pss-sha256': 'sha256',
  'ecdsa-sha256': 'sha256',
  'ecdsa-sha384': 'sha384',
  'ecdsa-sha512': 'sha512',
};

function holds(
  algorithm: SignatureAlgorithm,
  key: KeyObject,
  data: Uint8Array,
  value: Uint8Array,
): boolean {
  const isRsa = algorithm.startsWith('rsa');
  if ((key.asymmetricKeyType === 'rsa') !== isRsa) {
    return false;
  }
  const hash = HASHES[algorithm];
  if (algorithm === 'rsa-pss-sha256') {
    return verify(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, value); // prettier-ignore
  }
  return isRsa ? verify(hash, data, key, value) : verify(hash, data, { key, dsaEncoding: 'ieee-p1363' }, value); // prettier-ignore
}

const invalid = (reason: string): TopazError =>
  new TopazError('E_SIGNATURE_INVALID', 'the signature of this answer does not hold', {
    facts: [reason],
    hint: 'nothing of it was used; do not trust this connection, and report it',
  });
