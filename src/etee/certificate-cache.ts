/**
 * Certificates of senders, read once and their paths found once: whoever opens a mailbox meets the same few
 * over and over. What is kept follows from the bytes alone (a key, the signatures of a path); dates are looked
 * at each time.
 *
 * @module
 */

import { parseCertificate, type Certificate } from '../x509/certificate.js';
import { buildPath, isValidAt } from '../x509/chain.js';

interface KnownPath {
  readonly candidates: readonly Certificate[];
  readonly roots: readonly Certificate[];
  readonly path: readonly Certificate[];
}

/** Senders of a busy mailbox, with their CAs. */
const MAX_CERTIFICATES = 256;

/** By the end of the signature, to be compared as a whole; the least recently used goes first. */
const certificates = new Map<string, Certificate>();
const KEY_BYTES = 24;
const paths = new WeakMap<Certificate, KnownPath>();

/**
 * As `parseCertificate`; the same bytes give the same object.
 *
 * @throws TopazError `E_ASN1_MALFORMED`
 */
export function knownCertificate(der: Uint8Array): Certificate {
  const key = Buffer.from(der.subarray(-KEY_BYTES)).toString('latin1');
  const known = certificates.get(key);
  const isKnown = known !== undefined && Buffer.compare(known.der, der) === 0;
  const certificate = isKnown ? known : parseCertificate(Uint8Array.from(der));
  certificates.delete(key);
  certificates.set(key, certificate);
  if (certificates.size > MAX_CERTIFICATES) {
    const [oldest] = certificates.keys();
    certificates.delete(oldest ?? '');
  }
  return certificate;
}

/** As `buildPath`, for certificates of {@link knownCertificate}. */
export function findPath(
  leaf: Certificate,
  candidates: readonly Certificate[],
  roots: readonly Certificate[],
  at: Date,
): readonly Certificate[] | undefined {
  const known = paths.get(leaf);
  if (
    known !== undefined &&
    isSame(known.candidates, candidates) &&
    isSame(known.roots, roots) &&
    known.path.every((certificate) => isValidAt(certificate, at))
  ) {
    return known.path;
  }
  const path = buildPath(leaf, candidates, roots, at);
  if (path !== undefined) {
    paths.set(leaf, { candidates, roots: [...roots], path });
  }
  return path;
}

const isSame = (a: readonly Certificate[], b: readonly Certificate[]): boolean =>
  a.length === b.length && a.every((certificate, index) => certificate === b[index]);
