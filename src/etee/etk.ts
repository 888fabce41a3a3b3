/**
 * ETK: the encryption token of an eHealth holder, a SignedData by the registration authority "ETK-RA"
 * around one encryption certificate (etee §1). That certificate has issuer = subject, yet it is signed by
 * the holder's *authentication* key: its trust hangs on the authentication certificate beside it.
 *
 * @module
 */

import { identifies } from '../cms/entity.js';
import { readSignedData, type SignedData } from '../cms/signed-data.js';
import { contentOf, verifySigner } from '../cms/verify.js';
import { TopazError } from '../errors.js';
import { isSignedBy, parseCertificate, type Certificate } from '../x509/certificate.js';
import { readHolder, type Holder } from '../x509/holder.js';
import { namesEqual } from '../x509/name.js';

export interface Etk {
  /** As it came from the depot, BER or DER. */
  readonly token: Uint8Array;
  /** The encryption certificate: what messages are sealed for. */
  readonly certificate: Certificate;
  readonly holder: Holder;
  /** The certificate whose key signed the encryption certificate. */
  readonly authentication: Certificate;
  /** CA certificates of the token, in its order. */
  readonly authorities: readonly Certificate[];
  readonly registration: Registration;
}

/** The signature of the registration authority over the token. */
export interface Registration {
  readonly certificate: Certificate | undefined;
  /** `unknown`: the token does not carry the certificate of its signer. */
  readonly signature: 'valid' | 'wrong' | 'unknown';
}

/**
 * Reads a token and ties its parts together. Nothing is trusted yet: see {@link verifyEtk}.
 *
 * @throws TopazError `E_ETK_INVALID`: not a token, or its encryption certificate was not signed by the
 *   authentication key of the same holder; `details.errors` holds official names.
 */
export function readEtk(token: Uint8Array): Etk {
  const { data, certificate, certificates } = readParts(token);
  const registration = readRegistration(data, certificates);
  const others = certificates.filter((entry) => !entry.isCa && entry !== registration.certificate);
  const authentication = findAuthentication(certificate, others);
  const holder = readHolder(certificate.subject);
  if (holder === undefined) {
    throw invalid('the certificate of this ETK names no holder', ['ETK_CERTS_INVALID']);
  }
  return {
    token,
    certificate,
    holder,
    authentication,
    authorities: certificates.filter(({ isCa }) => isCa),
    registration,
  };
}

/** The refusal of a token, with the official names of what is wrong. */
export function invalid(message: string, errors: readonly string[], cause?: unknown): TopazError {
  return new TopazError('E_ETK_INVALID', message, {
    hint: 'do not seal with it; fetch it again: topaz etk fetch --refresh',
    facts: [errors.join(', ')],
    details: { errors },
    cause,
  });
}

interface Parts {
  readonly data: SignedData;
  readonly certificate: Certificate;
  readonly certificates: readonly Certificate[];
}

function readParts(token: Uint8Array): Parts {
  try {
    const data = readSignedData(token);
    return {
      data,
      certificate: parseCertificate(data.content ?? new Uint8Array()),
      certificates: data.certificates.map((der) => parseCertificate(der)),
    };
  } catch (error) {
    throw invalid('this is not an ETK', ['ETK_CERTS_INVALID'], error);
  }
}

function readRegistration(data: SignedData, certificates: readonly Certificate[]): Registration {
  const [info] = data.signers;
  const certificate =
    info === undefined ? undefined : certificates.find((entry) => identifies(info.signer, entry));
  if (info === undefined || certificate === undefined || data.content === undefined) {
    return { certificate: undefined, signature: 'unknown' };
  }
  const content = contentOf(data.contentType, data.content);
  const outcome = verifySigner(info, content, certificate.publicKey);
  return { certificate, signature: outcome === 'valid' ? 'valid' : 'wrong' };
}

/** A holder may have several certificates of one name: the key decides, then the latest start. */
function findAuthentication(
  encryption: Certificate,
  candidates: readonly Certificate[],
): Certificate {
  const named = candidates.filter(({ subject }) => namesEqual(subject, encryption.issuer));
  const [found] = named
    .filter(({ publicKey }) => isSignedBy(encryption, publicKey))
    .toSorted((a, b) => b.notBefore.getTime() - a.notBefore.getTime());
  if (found === undefined) {
    throw invalid('the certificates of this ETK do not belong together', [
      mismatch(encryption, named),
    ]);
  }
  if (!namesEqual(found.subject, encryption.subject)) {
    throw invalid('the certificates of this ETK name two holders', ['ETK_CERTS_DO_NOT_MATCH']);
  }
  return found;
}

const ECDSA = '1.2.840.10045.4.';

/** A key of another kind than the signature cannot be tried at all. */
function mismatch(
  { signatureAlgorithm }: Certificate,
  [first, ...others]: readonly Certificate[],
): string {
  if (first === undefined) {
    return 'ETK_CERTS_DO_NOT_MATCH';
  }
  const wanted = signatureAlgorithm.startsWith(ECDSA) ? 'ec' : 'rsa';
  return [first, ...others].every(({ keyType }) => keyType !== wanted)
    ? 'ETK_AUTHENTICATION_CERT_HAS_INVALID_KEY'
    : 'ETK_ENCRYPTION_CERT_SIGNATURE_NOT_VALID';
}
