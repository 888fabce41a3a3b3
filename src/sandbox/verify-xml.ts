/**
 * Signatures of requests, judged by xml-crypto and node:crypto under rules of our own: xml-crypto alone
 * takes any algorithm and any shape (sts-session §7). Only what {@link verifySignature} gives back was
 * signed; the document itself must not be used after it.
 *
 * @module
 */

import { verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { SignedXml } from 'xml-crypto';

import {
  DS,
  ECDSA_SHA256,
  ECDSA_SHA384,
  ENVELOPED,
  EXC_C14N,
  RSA_SHA1,
  RSA_SHA256,
  SHA1,
  SHA256,
} from './names.js';
import { prefixesOf, verifyInclusive } from './verify-inclusive.js';
import { attributeOf, childOf, childrenOf, firstLine, nameOf, walk } from './xml-read.js';
import type { ReadElement } from './xml-read.js';

export interface SignatureRules {
  /** The whole document as received, as text. */
  readonly xml: string;
  readonly root: ReadElement;
  readonly signature: ReadElement;
  /** The key that must have signed: never the one that the message brings. */
  readonly key: KeyObject;
  /** Ids that must be signed, no more and no fewer. */
  readonly ids: readonly string[];
  /** Attribute that holds the id, when it is none of `Id`, `ID`, `id`. */
  readonly idAttribute?: 'RequestID' | 'AssertionID' | undefined;
  /** `true`: transforms enveloped-signature and exclusive C14N; else the latter alone. */
  readonly enveloped: boolean;
  /** Whether SHA-1 is let through (SAML 1.1 STS only). */
  readonly allowSha1?: boolean | undefined;
}

export interface VerifiedSignature {
  /** Canonical text of each signed element, by id. */
  readonly signed: ReadonlyMap<string, string>;
  readonly sha1: boolean;
  /** Canonicalised with prefix lists, which topaz never writes. */
  readonly prefixLists: boolean;
}

/** Why a signature does not hold. */
export class SignatureError extends Error {
  override readonly name = 'SignatureError';
}

const ID_NAMES = new Set(['Id', 'ID', 'id', 'RequestID', 'ResponseID', 'AssertionID']);

/**
 * Checks shape, algorithms, coverage and value of one signature.
 *
 * @throws SignatureError that says what is wrong.
 */
export function verifySignature(rules: SignatureRules): VerifiedSignature {
  const { signature, key } = rules;
  refuseDoubleIds(rules.root);
  const algorithm = checkShape(rules);
  const isRsa = key.asymmetricKeyType === 'rsa';
  if (isRsa !== (algorithm === RSA_SHA256 || algorithm === RSA_SHA1)) {
    throw new SignatureError('the signature method does not fit the key');
  }
  if (hasPrefixLists(signature)) {
    return verifyWithPrefixes(rules, algorithm);
  }
  const verifier = new SignedXml(
    rules.idAttribute === undefined ? {} : { idAttribute: rules.idAttribute },
  );
  verifier.publicCert = key;
  verifier.SignatureAlgorithms = { [algorithm]: algorithmOf(algorithm) };
  if (rules.allowSha1 !== true) {
    verifier.HashAlgorithms = pick(verifier.HashAlgorithms, SHA256);
  }
  verifier.CanonicalizationAlgorithms = pick(
    verifier.CanonicalizationAlgorithms,
    EXC_C14N,
    ENVELOPED,
  );
  try {
    // Canonical text of the Signature alone carries the declarations that it inherits.
    verifier.loadSignature(signature.node.canonicalizeToString());
    if (!verifier.checkSignature(rules.xml)) {
      throw new SignatureError('a digest does not match');
    }
  } catch (error) {
    throw new SignatureError(firstLine(error).slice(0, 200));
  }
  const texts = verifier.getSignedReferences();
  const ids = referenceIds(signature);
  return {
    signed: new Map(ids.map((id, index) => [id, texts[index] ?? ''])),
    sha1: algorithm === RSA_SHA1 || digestsOf(signature).includes(SHA1),
    prefixLists: false,
  };
}

const hasPrefixLists = (signature: ReadElement): boolean =>
  [...walk(signature)].some(({ name }) => name === 'InclusiveNamespaces');

function verifyWithPrefixes(
  { root, signature, key }: SignatureRules,
  algorithm: string,
): VerifiedSignature {
  const signed = verifyInclusive(root, signature, key, hashOf(algorithm));
  if (signed === undefined) {
    throw new SignatureError('a digest or the value does not match');
  }
  const sha1 = algorithm === RSA_SHA1 || digestsOf(signature).includes(SHA1);
  return { signed, sha1, prefixLists: true };
}

/** Identifiers that the signature's references name, without the `#`. */
export const referenceIds = (signature: ReadElement): readonly string[] =>
  childrenOf(childOf(signature, DS, 'SignedInfo'), DS, 'Reference').map((reference) =>
    (attributeOf(reference, 'URI') ?? '').replace(/^#/, ''),
  );

const digestsOf = (signature: ReadElement): readonly string[] =>
  childrenOf(childOf(signature, DS, 'SignedInfo'), DS, 'Reference').map(
    (reference) => attributeOf(childOf(reference, DS, 'DigestMethod'), 'Algorithm') ?? '',
  );

function refuseDoubleIds(root: ReadElement): void {
  const seen = new Set<string>();
  for (const { attributes } of walk(root)) {
    for (const { name, value } of attributes) {
      if (ID_NAMES.has(name)) {
        if (seen.has(value)) {
          throw new SignatureError('two elements have the same id');
        }
        seen.add(value);
      }
    }
  }
}

/** Shape and algorithms; gives the signature method. */
function checkShape({ signature, ids, enveloped, allowSha1 = false }: SignatureRules): string {
  if (nameOf(signature) !== `{${DS}}Signature`) {
    throw new SignatureError('no signature');
  }
  const names = signature.children.map(nameOf).join(' ');
  if (names !== `{${DS}}SignedInfo {${DS}}SignatureValue {${DS}}KeyInfo`) {
    throw new SignatureError('a signature holds SignedInfo, SignatureValue and KeyInfo');
  }
  for (const element of walk(signature)) {
    if (element.hasRemark) {
      throw new SignatureError('comments inside a signature');
    }
  }
  const info = childOf(signature, DS, 'SignedInfo');
  const c14n = childOf(info, DS, 'CanonicalizationMethod');
  if (attributeOf(c14n, 'Algorithm') !== EXC_C14N) {
    throw new SignatureError('the canonicalization is not exclusive C14N');
  }
  if (prefixesOf(c14n) === undefined || (enveloped && (c14n?.children.length ?? 0) > 0)) {
    throw new SignatureError('this canonicalization has parameters that are not accepted');
  }
  const method = attributeOf(childOf(info, DS, 'SignatureMethod'), 'Algorithm') ?? '';
  const methods = [RSA_SHA256, ECDSA_SHA256, ECDSA_SHA384, ...(allowSha1 ? [RSA_SHA1] : [])];
  if (!methods.includes(method)) {
    throw new SignatureError(`signature method ${method} is not accepted`);
  }
  const wanted = enveloped ? [ENVELOPED, EXC_C14N] : [EXC_C14N];
  for (const reference of childrenOf(info, DS, 'Reference')) {
    checkReference(reference, wanted, allowSha1, enveloped);
  }
  const found = referenceIds(signature);
  if (found.toSorted().join(' ') !== [...ids].toSorted().join(' ')) {
    throw new SignatureError('the signature does not cover exactly what it must');
  }
  return method;
}

function checkReference(
  reference: ReadElement,
  wanted: readonly string[],
  allowSha1: boolean,
  enveloped: boolean,
): void {
  if (!/^#[^'"\s]+$/.test(attributeOf(reference, 'URI') ?? '')) {
    throw new SignatureError('a reference does not name an id');
  }
  const transforms = childrenOf(childOf(reference, DS, 'Transforms'), DS, 'Transform');
  if (transforms.map((t) => attributeOf(t, 'Algorithm')).join(' ') !== wanted.join(' ')) {
    throw new SignatureError('wrong transforms');
  }
  if (transforms.some((t) => prefixesOf(t) === undefined || (enveloped && t.children.length > 0))) {
    throw new SignatureError('a transform has parameters that are not accepted');
  }
  const digest = attributeOf(childOf(reference, DS, 'DigestMethod'), 'Algorithm') ?? '';
  if (digest !== SHA256 && !(allowSha1 && digest === SHA1)) {
    throw new SignatureError(`digest method ${digest} is not accepted`);
  }
}

const hashOf = (uri: string): string =>
  uri.endsWith('sha1') ? 'sha1' : uri.endsWith('sha384') ? 'sha384' : 'sha256';

/** A class for xml-crypto that checks with node:crypto; it refuses to sign. */
function algorithmOf(uri: string): SignedXml['SignatureAlgorithms'][string] {
  const hash = hashOf(uri);
  return class {
    readonly getAlgorithmName = (): string => uri;
    readonly getSignature = (): never => {
      throw new SignatureError('this class only verifies');
    };
    readonly verifySignature = (material: string, key: unknown, value: string): boolean => {
      const publicKey = key as KeyObject;
      return verify(
        hash,
        Buffer.from(material, 'utf8'),
        { key: publicKey, dsaEncoding: 'ieee-p1363' },
        Buffer.from(value, 'base64'),
      );
    };
  };
}

const pick = <T>(map: Record<string, T>, ...keys: readonly string[]): Record<string, T> =>
  Object.fromEntries(Object.entries(map).filter(([key]) => keys.includes(key)));
