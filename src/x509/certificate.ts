/**
 * X.509 certificates (RFC 5280): the fields that topaz uses, read from strict DER. The original bytes are
 * kept: a certificate is never encoded again, since that would break its signature.
 *
 * @module
 */

import { createHash, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { OID_EC, OID_RSA, OID_RSA_PSS } from '../der/oids.js';
import { malformed, readDer } from '../der/reader.js';
import type { DerNode } from '../der/reader.js';
import {
  expectTag,
  isContext,
  readBitString,
  readInteger,
  readOid,
  readSequence,
  readSmallInteger,
  readTime,
} from '../der/values.js';
import { readExtensions } from './extensions.js';
import type { ExtensionFields } from './extensions.js';
import { readName } from './name.js';
import type { Name } from './name.js';
import { isSignature } from './signature-algorithm.js';

/** A certificate as it was read; all byte fields are views on `der`. */
export interface Certificate extends ExtensionFields {
  readonly der: Uint8Array;
  /** The signed part. */
  readonly tbs: Uint8Array;
  readonly signature: Uint8Array;
  /** OID. */
  readonly signatureAlgorithm: string;
  readonly serial: bigint;
  readonly issuer: Name;
  readonly subject: Name;
  readonly notBefore: Date;
  /** Last second of validity. */
  readonly notAfter: Date;
  /** DER of SubjectPublicKeyInfo. */
  readonly publicKeyInfo: Uint8Array;
  readonly publicKey: KeyObject;
  readonly keyType: 'rsa' | 'ec';
}

/**
 * Reads a certificate from its DER.
 *
 * @throws TopazError `E_ASN1_MALFORMED`: not strict DER, bytes after the end, a repeated extension, two
 *   different signature algorithms, or a public key that is neither RSA nor EC.
 */
export function parseCertificate(der: Uint8Array): Certificate {
  const [tbs, algorithm, signature, ...rest] = readSequence(readDer(der));
  if (rest.length > 0) {
    throw malformed('certificate with too many parts');
  }
  const fields = [...readSequence(tbs)];
  const version = isContext(fields[0], 0) ? readSmallInteger(fields.shift()?.children[0]) : 0;
  const [serial, inner, issuer, validity, subject, publicKeyInfo, ...optional] = fields;
  if (version > 2 || (version < 2 && optional.length > 0)) {
    throw malformed('certificate of an unknown version');
  }
  if (Buffer.compare(bytesOf(inner), bytesOf(algorithm)) !== 0) {
    throw malformed('certificate with two signature algorithms');
  }
  const [notBefore, notAfter] = readSequence(validity);
  return {
    der,
    tbs: bytesOf(tbs),
    signature: readBitString(signature),
    signatureAlgorithm: readOid(readSequence(algorithm)[0]),
    serial: readInteger(serial),
    issuer: readName(issuer),
    subject: readName(subject),
    notBefore: readTime(notBefore),
    notAfter: readTime(notAfter),
    ...readPublicKey(publicKeyInfo),
    ...readExtensions(optional),
  };
}

const bytesOf = (node: DerNode | undefined): Uint8Array => expectTag(node, 'SEQUENCE').bytes;

function readPublicKey(
  node: DerNode | undefined,
): Pick<Certificate, 'publicKeyInfo' | 'publicKey' | 'keyType'> {
  const publicKeyInfo = bytesOf(node);
  const algorithm = readOid(readSequence(readSequence(node)[0])[0]);
  const keyType =
    algorithm === OID_RSA || algorithm === OID_RSA_PSS
      ? 'rsa'
      : algorithm === OID_EC
        ? 'ec'
        : undefined;
  if (keyType === undefined) {
    throw malformed('public key of an unknown kind');
  }
  return { publicKeyInfo, publicKey: importPublicKey(publicKeyInfo), keyType };
}

/**
 * Makes a key from SubjectPublicKeyInfo.
 *
 * @throws TopazError `E_ASN1_MALFORMED` for a key that makes no sense.
 */
export function importPublicKey(publicKeyInfo: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(publicKeyInfo), format: 'der', type: 'spki' });
  } catch {
    throw malformed('public key of a wrong form');
  }
}

/**
 * Whether the certificate was signed by the private half of `key`. Names and validity are not looked at
 * (`buildPath` does that).
 *
 * @returns `false` for a wrong signature, another kind of key and an unknown algorithm; never throws.
 */
export function isSignedBy(certificate: Certificate, key: KeyObject): boolean {
  const algorithm = readDer(certificate.der).children[1];
  return isSignature(algorithm, certificate.tbs, key, certificate.signature);
}

/** The serial number in decimal: alias of an encryption key, recipient of a sealed message. */
export const serialDecimal = ({ serial }: Certificate): string => serial.toString(10);

/** SHA-256 of the DER, lower-case hex. */
export const fingerprint = ({ der }: Certificate): string =>
  createHash('sha256').update(der).digest('hex');
