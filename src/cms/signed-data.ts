/**
 * SignedData (RFC 5652 §5.1), read without any judgement: content, certificates and signers as they came.
 *
 * @module
 */

import { OID_SIGNED_DATA } from '../der/oids.js';
import { malformed, type DerNode } from '../der/reader.js';
import {
  isContext,
  isType,
  readOctetString,
  readOid,
  readSequence,
  readSet,
  readSmallInteger,
} from '../der/values.js';
import { readAlgorithm } from './algorithms.js';
import { readContentInfo, unwrapExplicit } from './content-info.js';
import { readSignerInfo, type SignerInfo } from './signer-info.js';

export interface SignedData {
  /** Type of the content, dotted. */
  readonly contentType: string;
  /** The content, its pieces joined; `undefined` when it travels elsewhere (detached). */
  readonly content: Uint8Array | undefined;
  /** DER of the certificates, in the order of the message. */
  readonly certificates: readonly Uint8Array[];
  readonly signers: readonly SignerInfo[];
}

/** More than any chain in sight; keeps the search for a path short. */
export const MAX_CERTIFICATES = 64;
const MAX_SIGNERS = 64;

/**
 * Reads the ContentInfo of a small SignedData (a token), BER or DER. Messages come in streams:
 * `readSignedStream`.
 *
 * @throws TopazError `E_ASN1_MALFORMED`
 */
export function readSignedData(bytes: Uint8Array): SignedData {
  const [version, digestAlgorithms, encapsulated, ...rest] = readSequence(
    readContentInfo(bytes, OID_SIGNED_DATA),
  );
  checkSignedVersion(version);
  readSet(digestAlgorithms).forEach((node) => readAlgorithm(node));
  const certificates = isContext(rest[0], 0) ? rest.shift() : undefined;
  if (isContext(rest[0], 1)) {
    rest.shift(); // revocation lists, not used
  }
  const [signerInfos, ...more] = rest;
  if (more.length > 0) {
    throw malformed('signed data of a wrong form');
  }
  return {
    ...readEncapsulated(encapsulated),
    certificates: readCertificates(certificates),
    signers: readSigners(signerInfos),
  };
}

/** Versions differ by what else is inside (RFC 5652 §5.1); writers mix them up. */
export function checkSignedVersion(node: DerNode | undefined): void {
  if (![1, 3, 4, 5].includes(readSmallInteger(node))) {
    throw malformed('signed data of an unknown version');
  }
}

function readEncapsulated(node: DerNode | undefined): Pick<SignedData, 'contentType' | 'content'> {
  const [contentType, content, ...rest] = readSequence(node);
  if (rest.length > 0) {
    throw malformed('content of a wrong form');
  }
  return {
    contentType: readOid(contentType),
    content: content === undefined ? undefined : readOctetString(unwrapExplicit(content, 0)),
  };
}

function readCertificates(node: DerNode | undefined): readonly Uint8Array[] {
  const children = node?.children ?? [];
  if (children.length > MAX_CERTIFICATES) {
    throw malformed('too many certificates');
  }
  // Attribute certificates and other kinds have context tags.
  return children.filter((child) => isType(child, 'SEQUENCE')).map(({ bytes }) => bytes);
}

/** The set of SignerInfos. */
export function readSigners(node: DerNode | undefined): readonly SignerInfo[] {
  const signers = readSet(node);
  if (signers.length > MAX_SIGNERS) {
    throw malformed('too many signers');
  }
  return signers.map((signer) => readSignerInfo(signer));
}
