/**
 * Makes certificates: the encryption certificate of a holder, the placeholder of a pending keystore, and the
 * PKI of the sandbox. Extensions are functions that give one whole element each.
 *
 * @module
 */

import { sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { rawToDerSignature } from '../der/ecdsa.js';
import {
  OID_AUTHORITY_INFORMATION_ACCESS,
  OID_AUTHORITY_KEY_ID,
  OID_BASIC_CONSTRAINTS,
  OID_CERTIFICATE_POLICIES,
  OID_CRL_DISTRIBUTION_POINTS,
  OID_EXTENDED_KEY_USAGE,
  OID_KEY_USAGE,
  OID_OCSP,
  OID_OCSP_NO_CHECK,
  OID_SUBJECT_ALT_NAME,
  OID_SUBJECT_KEY_ID,
} from '../der/oids.js';
import {
  bitString,
  booleanValue,
  concat,
  context,
  contextPrimitive,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
  time,
} from '../der/writer.js';
import { TopazError } from '../errors.js';
import type { Signer } from '../keys/keys.js';
import { keyIdentifierBytes } from './key-identifier.js';
import { signatureAlgorithmIdentifier } from './signature-algorithm.js';
import type { Digest } from './signature-algorithm.js';

/** What goes into a certificate. */
export interface CertificateFields {
  serial: bigint;
  /** DER of the issuer's name. */
  issuer: Uint8Array;
  /** DER of the subject's name. */
  subject: Uint8Array;
  /** Whole seconds; the rest is cut off. */
  notBefore: Date;
  notAfter: Date;
  /** DER of SubjectPublicKeyInfo. */
  publicKeyInfo: Uint8Array;
  /** Whole extensions, as the functions below give them. */
  extensions: readonly Uint8Array[];
}

/** Makes a certificate with a key at hand: RSA PKCS#1 v1.5 or ECDSA. */
export function buildCertificate(
  fields: CertificateFields,
  issuerKey: KeyObject,
  { digest = 'sha256' }: { digest?: Digest } = {},
): Uint8Array {
  const algorithm = signatureAlgorithmIdentifier(keyTypeOf(issuerKey), digest);
  const tbs = encodeTbs(fields, algorithm);
  return sequence(tbs, algorithm, bitString(sign(digest, tbs, issuerKey)));
}

/** Makes a certificate through a {@link Signer}: rsa-sha256, or ecdsa-sha256. */
export async function buildSignedCertificate(
  fields: CertificateFields,
  signer: Signer,
): Promise<Uint8Array> {
  const { keyType } = signer.certificate;
  const algorithm = signatureAlgorithmIdentifier(keyType, 'sha256');
  const tbs = encodeTbs(fields, algorithm);
  const signature =
    keyType === 'rsa'
      ? await signer.sign('rsa-sha256', tbs)
      : rawToDerSignature(await signer.sign('ecdsa-sha256', tbs));
  return sequence(tbs, algorithm, bitString(signature));
}

/** @throws TopazError `E_INTERNAL` for a key that is neither RSA nor EC. */
export function keyTypeOf(key: KeyObject): 'rsa' | 'ec' {
  const type = key.asymmetricKeyType;
  if (type !== 'rsa' && type !== 'ec') {
    throw new TopazError('E_INTERNAL', 'only RSA and EC keys sign certificates');
  }
  return type;
}

function encodeTbs(fields: CertificateFields, algorithm: Uint8Array): Uint8Array {
  const { serial, issuer, subject, notBefore, notAfter, publicKeyInfo, extensions } = fields;
  return sequence(
    context(0, integer(2)),
    integer(serial),
    algorithm,
    issuer,
    sequence(time(notBefore), time(notAfter)),
    subject,
    publicKeyInfo,
    ...(extensions.length === 0 ? [] : [context(3, sequence(...extensions))]),
  );
}

const extension = (id: string, critical: boolean, value: Uint8Array): Uint8Array =>
  sequence(oid(id), ...(critical ? [booleanValue(true)] : []), octetString(value));

/** Critical. `false` is written as the empty sequence. */
export const basicConstraintsExtension = (
  ca: boolean,
  { pathLength }: { pathLength?: number } = {},
): Uint8Array =>
  extension(
    OID_BASIC_CONSTRAINTS,
    true,
    sequence(
      ...(ca ? [booleanValue(true)] : []),
      ...(ca && pathLength !== undefined ? [integer(pathLength)] : []),
    ),
  );

/** Critical. @param bits First byte of the bits, 0x80 = digitalSignature. */
export function keyUsageExtension(bits: number): Uint8Array {
  // DER: trailing zero bits of a named bit list are not written (X.690 §11.2.2).
  const unused = bits === 0 ? 0 : Math.clz32(bits & -bits) ^ 31;
  return extension(
    OID_KEY_USAGE,
    true,
    bits === 0 ? bitString(new Uint8Array()) : bitString(Uint8Array.of(bits), unused),
  );
}

export const subjectKeyIdentifierExtension = (publicKeyInfo: Uint8Array): Uint8Array =>
  extension(OID_SUBJECT_KEY_ID, false, octetString(keyIdentifierBytes(publicKeyInfo)));

/** @param identifier The issuer's subject key identifier. */
export const authorityKeyIdentifierExtension = (identifier: Uint8Array): Uint8Array =>
  extension(OID_AUTHORITY_KEY_ID, false, sequence(contextPrimitive(0, identifier)));

/** @param policies OIDs. */
export const policiesExtension = (policies: readonly string[]): Uint8Array =>
  extension(
    OID_CERTIFICATE_POLICIES,
    false,
    sequence(...policies.map((policy) => sequence(oid(policy)))),
  );

/** @param purposes OIDs. */
export const extendedKeyUsageExtension = (purposes: readonly string[]): Uint8Array =>
  extension(OID_EXTENDED_KEY_USAGE, false, sequence(...purposes.map((purpose) => oid(purpose))));

/** @param url Where the issuer answers OCSP requests. */
export const ocspUrlExtension = (url: string): Uint8Array =>
  extension(
    OID_AUTHORITY_INFORMATION_ACCESS,
    false,
    sequence(sequence(oid(OID_OCSP), contextPrimitive(6, Buffer.from(url, 'latin1')))),
  );

/** @param url Where the issuer publishes its revocation list. */
export const crlUrlExtension = (url: string): Uint8Array =>
  extension(
    OID_CRL_DISTRIBUTION_POINTS,
    false,
    sequence(sequence(context(0, context(0, contextPrimitive(6, Buffer.from(url, 'latin1')))))),
  );

/** Nobody asks whether this responder of OCSP is revoked. */
export const ocspNoCheckExtension = (): Uint8Array =>
  extension(OID_OCSP_NO_CHECK, false, nullValue());

/** @param names DNS names, and IPv4 addresses in dotted form. */
export const subjectAltNameExtension = ({
  dns = [],
  ip = [],
}: {
  readonly dns?: readonly string[];
  readonly ip?: readonly string[];
}): Uint8Array =>
  extension(
    OID_SUBJECT_ALT_NAME,
    false,
    sequence(
      concat(...dns.map((name) => contextPrimitive(2, Buffer.from(name, 'latin1')))),
      concat(...ip.map((address) => contextPrimitive(7, ipv4Bytes(address)))),
    ),
  );

const ipv4Bytes = (address: string): Uint8Array => Uint8Array.from(address.split('.').map(Number));
