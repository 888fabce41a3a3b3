/**
 * Requests of OCSP (RFC 6960 §4.1): one certificate, unsigned, with a nonce.
 *
 * @module
 */

import { createHash } from 'node:crypto';

import { OID_OCSP_NONCE, OID_SHA1, OID_SHA256 } from '../der/oids.js';
import { readDer } from '../der/reader.js';
import { readBitString, readSequence } from '../der/values.js';
import { context, integer, nullValue, octetString, oid, sequence } from '../der/writer.js';
import type { Certificate } from './certificate.js';

/** Digests that name an issuer. */
export type CertIdHash = 'sha1' | 'sha256';

const HASH_OIDS: Readonly<Record<CertIdHash, string>> = { sha1: OID_SHA1, sha256: OID_SHA256 };

/** The hash of a certID by its OID. */
export const certIdHash = (id: string): CertIdHash | undefined =>
  id === OID_SHA1 ? 'sha1' : id === OID_SHA256 ? 'sha256' : undefined;

/** Hash of the issuer's name: as the certificate spells it, which is what the responder looks up. */
export const issuerNameHash = ({ issuer }: Certificate, hash: CertIdHash): Uint8Array =>
  createHash(hash).update(issuer.der).digest();

/** Hash of the bits of the issuer's key, without their tag and length. */
export const issuerKeyHash = ({ publicKeyInfo }: Certificate, hash: CertIdHash): Uint8Array =>
  createHash(hash)
    .update(readBitString(readSequence(readDer(publicKeyInfo))[1]))
    .digest();

export interface OcspRequestOptions {
  /** SHA-1 is what responders know; no security hangs on it. @default 'sha1' */
  readonly hash?: CertIdHash | undefined;
  /** 1 to 32 bytes; the answer must repeat them where it holds a nonce. */
  readonly nonce?: Uint8Array | undefined;
}

/**
 * Asks about one certificate.
 *
 * @returns DER of OCSPRequest.
 */
export function buildOcspRequest(
  certificate: Certificate,
  issuer: Certificate,
  { hash = 'sha1', nonce }: OcspRequestOptions = {},
): Uint8Array {
  const certId = sequence(
    sequence(oid(HASH_OIDS[hash]), nullValue()),
    octetString(issuerNameHash(certificate, hash)),
    octetString(issuerKeyHash(issuer, hash)),
    integer(certificate.serial),
  );
  const extensions =
    nonce === undefined
      ? []
      : [context(2, sequence(sequence(oid(OID_OCSP_NONCE), octetString(octetString(nonce)))))];
  return sequence(sequence(sequence(sequence(certId)), ...extensions));
}
