/**
 * The signature of a posted document, XAdES-BES, detached (mycarenet §3.4): over the document itself, as it is after
 * decoding and inflating, and over who signed it when.
 *
 * @module
 */

import { createHash } from 'node:crypto';

import type { Signer } from '../../keys/keys.js';
import { formatRfc2253 } from '../../x509/name.js';
import {
  C14N_EXCLUSIVE,
  defaultAlgorithm,
  DIGEST_SHA256,
  SIGNATURE_URIS,
} from '../../xml/algorithms.js';
import { namespace } from '../../xml/build.js';
import { canonicalBytes } from '../../xml/c14n.js';
import { NS_DS } from '../../xml/namespaces.js';
import { readXml } from '../../xml/read.js';
import type { XmlElement } from '../../xml/tree.js';
import { writeXml } from '../../xml/write.js'; // prettier-ignore

export interface DocumentToSign {
  /** The business document. */
  readonly content: Uint8Array;
  readonly contentType: string;
  readonly encoding: 'none' | 'deflate';
  /** `Id` of the `Detail`. */
  readonly detailId: string;
}

const NS_XADES = 'http://uri.etsi.org/01903/v1.3.2#';
const BASE64 = 'http://www.w3.org/2000/09/xmldsig#base64';
const OPTIONAL_DEFLATE = 'urn:nippin:xml:sig:transform:optional-deflate';
const SIGNED_PROPERTIES = 'http://uri.etsi.org/01903#SignedProperties';

const ds = namespace('ds', NS_DS);
const xades = namespace('xades', NS_XADES);

/**
 * Signs a document.
 *
 * @param newId A random UUID.
 * @returns The `ds:Signature`, UTF-8.
 */
export async function signDocument(
  document: DocumentToSign,
  signer: Signer,
  { now, newId }: { readonly now: Date; readonly newId: () => string },
): Promise<Uint8Array> {
  const signatureId = `SIG-${newId()}`;
  const properties = signedProperties(signer, now, `SP-${newId()}`);
  const algorithm = defaultAlgorithm(signer);
  const signedInfo = ds(
    'SignedInfo',
    {},
    ds('CanonicalizationMethod', { Algorithm: C14N_EXCLUSIVE }),
    ds('SignatureMethod', { Algorithm: SIGNATURE_URIS[algorithm] }),
    documentReference(document),
    reference(
      { URI: `#${properties.id}`, Type: SIGNED_PROPERTIES },
      [C14N_EXCLUSIVE],
      canonicalBytes(properties.element).bytes,
    ),
  );
  const value = await signer.sign(algorithm, canonicalBytes(signedInfo).bytes);
  const signature = ds(
    'Signature',
    { Id: signatureId },
    signedInfo,
    ds('SignatureValue', {}, base64(value)),
    ds('KeyInfo', {}, ds('X509Data', {}, signer.chain.map(({ der }) => ds('X509Certificate', {}, base64(der))))),
    ds('Object', {}, xades('QualifyingProperties', { Target: `#${signatureId}` }, properties.element)),
  ); // prettier-ignore
  return Buffer.from(writeXml(signature), 'utf8');
}

function documentReference({ content, contentType, encoding, detailId }: DocumentToSign): XmlElement {
  const isXml = contentType === 'text/xml';
  return reference(
    { URI: `#${detailId}` },
    [BASE64, ...(encoding === 'deflate' ? [OPTIONAL_DEFLATE] : []), ...(isXml ? [C14N_EXCLUSIVE] : [])],
    isXml ? canonicalBytes(readXml(content)).bytes : content,
  );
} // prettier-ignore

const reference = (
  attributes: Readonly<Record<string, string>>,
  transforms: readonly string[],
  octets: Uint8Array,
): XmlElement =>
  ds(
    'Reference',
    attributes,
    ds('Transforms', {}, transforms.map((Algorithm) => ds('Transform', { Algorithm }))),
    ...digest(ds, octets),
  ); // prettier-ignore

const digest = (make: typeof ds, octets: Uint8Array): readonly XmlElement[] => [
  make('DigestMethod', { Algorithm: DIGEST_SHA256 }),
  make('DigestValue', {}, createHash('sha256').update(octets).digest('base64')),
];

function signedProperties(
  { certificate }: Signer,
  now: Date,
  id: string,
): { readonly id: string; readonly element: XmlElement } {
  const element = xades(
    'SignedProperties',
    { Id: id },
    xades(
      'SignedSignatureProperties',
      {},
      xades('SigningTime', {}, now.toISOString()),
      xades(
        'SigningCertificate',
        {},
        xades(
          'Cert',
          {},
          xades('CertDigest', {}, ...digest(ds, certificate.der)),
          xades(
            'IssuerSerial',
            {},
            ds('X509IssuerName', {}, formatRfc2253(certificate.issuer)),
            ds('X509SerialNumber', {}, certificate.serial.toString()),
          ),
        ),
      ),
    ),
  );
  return { id, element };
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
