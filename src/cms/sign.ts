/**
 * A signature over a content, as a SignerInfo (RFC 5652 §5.3) in the form of eHealth's own library
 * (etee §3.3): four signed attributes in DER order, no unsigned ones.
 *
 * @module
 */

import {
  OID_CMS_ALGORITHM_PROTECTION,
  OID_CONTENT_TYPE,
  OID_MESSAGE_DIGEST,
  OID_SIGNING_TIME,
} from '../der/oids.js';
import { concat, integer, octetString, oid, sequence, setOf, utcTime } from '../der/writer.js';
import type { Signer } from '../keys/keys.js';
import { PSS_SHA256_IDENTIFIER, RSA_SHA256_IDENTIFIER, SHA256_IDENTIFIER } from './algorithms.js';
import { encodeIssuerAndSerial } from './entity.js';

/** What sealed messages are signed with. */
export type CmsSignatureAlgorithm = 'rsa-pss-sha256' | 'rsa-sha256';

const IDENTIFIERS = {
  'rsa-pss-sha256': PSS_SHA256_IDENTIFIER,
  'rsa-sha256': RSA_SHA256_IDENTIFIER,
} as const satisfies Record<CmsSignatureAlgorithm, Uint8Array>;

const SHA256_BYTES = 32;

export interface SignContentOptions {
  readonly signer: Signer;
  readonly algorithm: CmsSignatureAlgorithm;
  /** Type of the content, dotted. */
  readonly contentType: string;
  /** Signing time, written in whole seconds. */
  readonly now: Date;
}

/**
 * @param digest SHA-256 of the content: the content itself may have gone by already.
 * @returns DER of the SignerInfo.
 */
export async function signContent(
  digest: Uint8Array,
  options: SignContentOptions,
): Promise<Uint8Array> {
  const attributes = attributesOf(digest, options);
  const { signer, algorithm } = options;
  const signature =
    signer.signNow?.(algorithm, attributes) ?? (await signer.sign(algorithm, attributes));
  return encodeSignerInfo(options, attributes, signature);
}

/** What {@link signContent} will give, as to its length: to write the lengths around it beforehand. */
export function placeholder(options: SignContentOptions): Uint8Array {
  const bits = options.signer.certificate.publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  const attributes = attributesOf(new Uint8Array(SHA256_BYTES), options);
  return encodeSignerInfo(options, attributes, new Uint8Array(Math.ceil(bits / 8)));
}

function attributesOf(
  digest: Uint8Array,
  { algorithm, contentType, now }: SignContentOptions,
): Uint8Array {
  return setOf(
    attribute(OID_CONTENT_TYPE, oid(contentType)),
    attribute(OID_SIGNING_TIME, utcTime(now)),
    attribute(OID_MESSAGE_DIGEST, octetString(digest)),
    // RFC 6211: [1] IMPLICIT over the identifier of the signature, so the tag alone differs.
    attribute(
      OID_CMS_ALGORITHM_PROTECTION,
      sequence(SHA256_IDENTIFIER, retag(0xa1, IDENTIFIERS[algorithm])),
    ),
  );
}

const encodeSignerInfo = (
  { signer, algorithm }: SignContentOptions,
  attributes: Uint8Array,
  signature: Uint8Array,
): Uint8Array =>
  sequence(
    integer(1),
    encodeIssuerAndSerial(signer.certificate),
    SHA256_IDENTIFIER,
    // RFC 5652 §5.4: signed as a SET, written as [0].
    retag(0xa0, attributes),
    IDENTIFIERS[algorithm],
    octetString(signature),
  );

const attribute = (type: string, value: Uint8Array): Uint8Array =>
  sequence(oid(type), setOf(value));

/** The same element with another tag byte. */
const retag = (tagByte: number, element: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(tagByte), element.subarray(1));
