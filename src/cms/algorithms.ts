/**
 * Algorithm identifiers of CMS messages (RFC 5652 §10.1): read ones as they came, and the few that topaz
 * writes, byte for byte as eHealth's own library writes them (etee §3.2).
 *
 * @module
 */

import {
  OID_MGF1,
  OID_RSA,
  OID_RSA_PSS,
  OID_RSA_SHA256,
  OID_SHA1,
  OID_SHA256,
  OID_SHA384,
  OID_SHA512,
} from '../der/oids.js';
import { malformed, type DerNode } from '../der/reader.js';
import { readOid, readSequence } from '../der/values.js';
import { context, integer, nullValue, oid, sequence } from '../der/writer.js';

/** An algorithm identifier of a message. */
export interface AlgorithmIdentifier {
  /** Dotted object identifier. */
  readonly oid: string;
  readonly parameters: DerNode | undefined;
  /** The whole identifier, to be compared. */
  readonly bytes: Uint8Array;
}

/** Digests that a signature of someone else may name; which of them are allowed is decided above. */
export type DigestName = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** Bytes of the salt of RSASSA-PSS in sealed messages. */
export const PSS_SALT_LENGTH = 32;

export const SHA256_IDENTIFIER = sequence(oid(OID_SHA256), nullValue());
/** RSAES-PKCS1-v1_5. */
export const RSA_IDENTIFIER = sequence(oid(OID_RSA), nullValue());
export const RSA_SHA256_IDENTIFIER = sequence(oid(OID_RSA_SHA256), nullValue());
/** Hash and mask SHA-256, salt of 32 bytes, the trailer left at its default. */
export const PSS_SHA256_IDENTIFIER = sequence(
  oid(OID_RSA_PSS),
  sequence(
    context(0, SHA256_IDENTIFIER),
    context(1, sequence(oid(OID_MGF1), SHA256_IDENTIFIER)),
    context(2, integer(PSS_SALT_LENGTH)),
  ),
);

const DIGESTS: ReadonlyMap<string, DigestName> = new Map<string, DigestName>([
  [OID_SHA1, 'sha1'],
  [OID_SHA256, 'sha256'],
  [OID_SHA384, 'sha384'],
  [OID_SHA512, 'sha512'],
]);

/** @throws TopazError `E_ASN1_MALFORMED` */
export function readAlgorithm(node: DerNode | undefined): AlgorithmIdentifier {
  const parts = readSequence(node);
  if (node === undefined || parts.length > 2) {
    throw malformed('algorithm identifier of a wrong form');
  }
  return { oid: readOid(parts[0]), parameters: parts[1], bytes: node.bytes };
}

/** The digest of an object identifier, or `undefined` for one that is not known here. */
export const digestName = (algorithm: string): DigestName | undefined => DIGESTS.get(algorithm);
