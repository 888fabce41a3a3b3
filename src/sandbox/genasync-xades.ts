/**
 * The signature of a posted document (XAdES-BES), judged with another canonicalisation than the client's: what is
 * signed is the document, and who signed is somebody of this sandbox (mycarenet §3.4).
 *
 * @module
 */

import { createHash, verify } from 'node:crypto';

import type { Exchange, Sandbox } from './exchange.js';
import { DS, EXC_C14N, RSA_SHA256, SHA256 } from './names.js';
import { parseBase64Certificate, trustOf } from './security.js';
import { attributeOf, canonicalText, childOf, childrenOf, textOf } from './xml-read.js';
import type { ReadElement } from './xml-read.js';

const XADES = 'http://uri.etsi.org/01903/v1.3.2#';
const BASE64 = 'http://www.w3.org/2000/09/xmldsig#base64';
const OPTIONAL_DEFLATE = 'urn:nippin:xml:sig:transform:optional-deflate';

export interface SignedDocument {
  readonly signature: Uint8Array;
  readonly content: Buffer;
  readonly contentType: string;
  readonly isDeflated: boolean;
  readonly detailId: string;
}

/** @returns What is wrong; `undefined` when all of it holds. */
export function judgeXades(
  exchange: Exchange,
  sandbox: Sandbox,
  { signature: bytes, content, contentType, isDeflated, detailId }: SignedDocument,
): string | undefined {
  const signature = exchange.read(Buffer.from(bytes).toString('utf8'));
  const info = childOf(signature, DS, 'SignedInfo');
  const [document, properties, ...others] = childrenOf(info, DS, 'Reference');
  const object = childOf(signature, DS, 'Object');
  const signed = childOf(childOf(object, XADES, 'QualifyingProperties'), XADES, 'SignedProperties');
  if (info === undefined || document === undefined || properties === undefined || signed === undefined || others.length > 0) {
    return 'not a XAdES signature of a document and its properties';
  }
  const isXml = contentType === 'text/xml';
  const octets = isXml ? canonicalText(exchange.read(content.toString('utf8')), []) : content;
  const due = [BASE64, ...(isDeflated ? [OPTIONAL_DEFLATE] : []), ...(isXml ? [EXC_C14N] : [])];
  if (attributeOf(document, 'URI') !== `#${detailId}` || transformsOf(document).join() !== due.join()) {
    return 'the signature is not over the Detail';
  }
  if (!fits(document, octets)) {
    return 'the digest is not that of the document';
  }
  if (attributeOf(properties, 'URI') !== `#${attributeOf(signed, 'Id') ?? ''}` || !fits(properties, canonicalText(signed, []))) {
    return 'the digest is not that of the signed properties';
  }
  const [first] = childrenOf(childOf(childOf(signature, DS, 'KeyInfo'), DS, 'X509Data'), DS, 'X509Certificate');
  const certificate = parseBase64Certificate(first?.text ?? '');
  if (certificate === undefined || trustOf(sandbox, certificate) === undefined) {
    return 'the signer is not known';
  }
  const method = attributeOf(childOf(info, DS, 'SignatureMethod'), 'Algorithm');
  const value = Buffer.from(textOf(signature, DS, 'SignatureValue'), 'base64');
  return method === RSA_SHA256 && verify('sha256', Buffer.from(canonicalText(info, [])), certificate.publicKey, value)
    ? undefined
    : 'the signature does not hold';
} // prettier-ignore

const transformsOf = (reference: ReadElement): readonly string[] =>
  childrenOf(childOf(reference, DS, 'Transforms'), DS, 'Transform').map(
    (transform) => attributeOf(transform, 'Algorithm') ?? '',
  );

const fits = (reference: ReadElement, octets: string | Buffer): boolean =>
  attributeOf(childOf(reference, DS, 'DigestMethod'), 'Algorithm') === SHA256 &&
  textOf(reference, DS, 'DigestValue') === createHash('sha256').update(octets).digest('base64');
