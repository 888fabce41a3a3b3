/**
 * One signed layer of a sealed message: its frame, its algorithms, and the checks of the certificate that
 * signed it, in the order of the official library (etee §5.2).
 *
 * @module
 */

import { identifies } from '../cms/entity.js';
import type { SignerInfo } from '../cms/signer-info.js';
import { readSignedStream, type SignedStream } from '../cms/signed-stream.js';
import { signatureScheme, signingTime, verifySigner, type SignedContent } from '../cms/verify.js';
import { isMalformed } from '../der/malformed.js';
import { OID_RSA, OID_RSA_PSS, OID_RSA_SHA256, OID_SHA256 } from '../der/oids.js';
import type { Pull } from '../der/pull.js';
import type { Certificate } from '../x509/certificate.js';
import { isValidAt } from '../x509/chain.js';
import { findPath, knownCertificate } from './certificate-cache.js';
import { Fatal, type Findings, type Layer } from './findings.js';

/** Kind of credential that a signature algorithm stands for. */
export type Policy = 'EHEALTH_CERT' | 'EID';

/** A layer whose frame is sound: one signer, a content, certificates that can be read. */
export interface SignedLayer {
  readonly layer: Layer;
  readonly content: SignedContent;
  readonly info: SignerInfo;
  readonly certificates: readonly Certificate[];
  /** The one certificate of the message that the signer names. */
  readonly signer: Certificate | undefined;
  /** Claimed time of signing. */
  readonly signingTime: Date | undefined;
  readonly policy: Policy | undefined;
}

/** What the certificate checks of a layer need to know. */
export interface SignerContext {
  readonly roots: readonly Certificate[];
  /** The moment at which the certificates must be valid. */
  readonly at: Date;
  /** An expired certificate is a warning; everything else about it must hold. */
  readonly allowExpired: boolean;
}

const DIGITAL_SIGNATURE = 0x80;
const NON_REPUDIATION = 0x40;
const KEY_BITS: Readonly<Record<Policy, number>> = { EHEALTH_CERT: 2048, EID: 1024 };
const MISMATCH: Readonly<Record<Layer, string>> = {
  OUTER: 'OUTER_SIGNATURE_DOES_NOT_MATCH_AUTHENTICATION_CERTIFICATE',
  INNER: 'INNER_SIGNATURE_DOES_NOT_MATCH_SIGNATURE_CERTIFICATE',
};

/**
 * Reads a signed layer to its end and judges its algorithms.
 *
 * @param consume Takes the content. Its own faults must wait until this returns: those of this layer come
 *   first, although they are seen later.
 * @throws Fatal for a frame that cannot be used.
 */
export async function openSignedLayer(
  source: Pull,
  consume: (octets: Pull) => Promise<void>,
  layer: Layer,
  findings: Findings,
): Promise<SignedLayer> {
  const data = await readFrame(source, consume, layer);
  const [info, ...others] = data.signers;
  if (info === undefined || others.length > 0) {
    // The official name for none at all, too.
    throw new Fatal(
      `MESSAGE_${layer}_SIGNED_PART_HAS_MORE_THAN_ONE_SIGNER_INFORMATION`,
      'the sealed message does not have exactly one signer',
    );
  }
  const { content } = data;
  if (content === undefined) {
    throw new Fatal(`${layer}_SIGNED_DATA_CONTENT_MISSING`, 'the sealed message has no content');
  }
  const certificates = readCertificates(data, layer);
  const found = certificates.filter((certificate) => identifies(info.signer, certificate));
  return {
    layer,
    content,
    info,
    certificates,
    signer: found.length === 1 ? found[0] : undefined,
    signingTime: signingTime(info),
    policy: checkAlgorithms(info, layer, findings),
  };
}

async function readFrame(
  source: Pull,
  consume: (octets: Pull) => Promise<void>,
  layer: Layer,
): Promise<SignedStream> {
  try {
    return await readSignedStream(source, consume);
  } catch (error) {
    if (!isMalformed(error)) {
      throw error;
    }
    // Without its cause: a wrong key and a damaged message must not be told apart (etee §5.4).
    throw new Fatal(
      `${layer}_SIGNED_DATA_STRUCTURE_INCORRECT`,
      layer === 'OUTER' ? 'this is not a sealed message' : 'the sealed message is damaged',
    );
  }
}

function readCertificates({ certificates }: SignedStream, layer: Layer): readonly Certificate[] {
  try {
    return certificates.map((der) => knownCertificate(der));
  } catch {
    throw new Fatal(
      `MESSAGE_${layer}_SIGNED_PART_CONTAINS_INCORRECTLY_ENCODED_CERTIFICATES_SET`,
      'the sealed message holds a certificate that cannot be read',
    );
  }
}

function checkAlgorithms(info: SignerInfo, layer: Layer, findings: Findings): Policy | undefined {
  const policy = policyOf(info);
  // The official reader looks at the digest of the SignerInfo alone; PSS names a second one, which
  // is the one that the signature stands on.
  const isWeak =
    info.digestAlgorithm.oid !== OID_SHA256 || signatureScheme(info)?.digest !== 'sha256';
  if (policy === undefined || isWeak) {
    findings.error(`${layer}_SIGNATURE_DIGEST_ALGORITHM_UNAUTHORIZED`);
  }
  if (policy === undefined) {
    findings.error(`${layer}_SIGNATURE_ALGORITHM_UNAUTHORIZED`);
  }
  return policy;
}

/** A signer named by its key alone is a "web key", which topaz has no list of: no policy. */
function policyOf({ signer, signatureAlgorithm }: SignerInfo): Policy | undefined {
  if (signer.kind === 'keyIdentifier') {
    return undefined;
  }
  switch (signatureAlgorithm.oid) {
    case OID_RSA_PSS:
      return 'EHEALTH_CERT';
    case OID_RSA:
    case OID_RSA_SHA256:
      return 'EID';
    default:
      return undefined;
  }
}

/** All checks of a signature and of the certificate that the layer itself carries. */
export function checkSigner(
  layer: SignedLayer,
  signer: Certificate,
  context: SignerContext,
  findings: Findings,
): void {
  checkSignature(layer, signer, context, findings);
  checkKeyUsage(layer.layer, signer, findings);
  checkKeyLength(layer, signer, findings);
  const { at, allowExpired } = context;
  const isExpired = !isValidAt(signer, at) && at >= signer.notBefore;
  if (isExpired && allowExpired) {
    findings.warn(`${layer.layer}_CERTIFICATE_EXPIRED`);
  } else if (isExpired) {
    findings.error(`${layer.layer}_CERTIFICATE_EXPIRED`);
  } else if (!isValidAt(signer, at)) {
    findings.error(`${layer.layer}_CERTIFICATE_NOT_YET_VALID`);
  }
  const leaf = isExpired && allowExpired ? { ...signer, notAfter: at } : signer;
  if (findPath(leaf, layer.certificates, context.roots, at) === undefined) {
    findings.error(`${layer.layer}_CERTIFICATE_CHAIN_NOT_TRUSTED`);
  }
}

/** The signature alone, with the certificate of this or of another layer. */
export function checkSignature(
  { layer, info, content, signingTime: claimed }: SignedLayer,
  signer: Certificate,
  { allowExpired }: SignerContext,
  findings: Findings,
): void {
  const isUsable =
    claimed === undefined ||
    isValidAt(signer, claimed) ||
    (allowExpired && claimed > signer.notAfter);
  const outcome = isUsable ? verifySigner(info, content, signer.publicKey) : 'unverifiable';
  if (outcome === 'mismatch') {
    findings.error(MISMATCH[layer]);
  } else if (outcome === 'unverifiable') {
    findings.error(`${layer}_SIGNATURE_COULD_NOT_BE_VERIFIED`);
  }
}

/** digitalSignature or nonRepudiation; a certificate that does not say is not accepted. */
export function checkKeyUsage(layer: Layer, { keyUsage }: Certificate, findings: Findings): void {
  if (((keyUsage ?? 0) & (DIGITAL_SIGNATURE | NON_REPUDIATION)) === 0) {
    findings.error(`${layer}_CERTIFICATE_HAS_INVALID_KEYUSAGE`);
  }
}

function checkKeyLength(
  { layer, policy }: SignedLayer,
  { publicKey }: Certificate,
  findings: Findings,
): void {
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (policy === undefined || bits < KEY_BITS[policy]) {
    findings.error(`${layer}_SIGNATURE_KEY_LENGTH_UNAUTHORIZED`);
  }
}
