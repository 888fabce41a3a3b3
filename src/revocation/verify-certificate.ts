/**
 * Everything that makes a certificate one to rely on: its path to a trusted root, its dates, what it is for,
 * and whether it was revoked. Nothing is thrown for what does not fit; everything is reported.
 *
 * @module
 */

import { isSignedBy } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { buildEncryptionPath, buildPath, isValidAt } from '../x509/chain.js';
import { namesEqual } from '../x509/name.js';
import type { RevocationChecker } from '../x509/revocation-status.js';
import { checkPathStatus, judgeStatus } from './path-status.js';
import type { CertificateStatus, RevocationPolicy } from './path-status.js';

export type CertificateCheck = 'chain' | 'dates' | 'purpose' | 'revocation';
export type Purpose = 'authentication' | 'signature' | 'encryption' | 'issuer';

export interface CertificateFinding {
  readonly check: CertificateCheck;
  readonly state: 'ok' | 'warning' | 'failed' | 'skipped';
  /** Why it is not `ok`, for example `expired`. */
  readonly reason?: string;
}

export interface CertificateVerdict {
  /** One per check, in the order of the type. */
  readonly findings: readonly CertificateFinding[];
  /** Leaf first, root last; empty without a path. */
  readonly path: readonly Certificate[];
  readonly purposes: readonly Purpose[];
  /** What decides about the revocation; absent where nothing was looked at. */
  readonly revocation: CertificateStatus | undefined;
}

export interface VerifyCertificateOptions {
  /** Certificates that may stand between, in any order. */
  readonly candidates: readonly Certificate[];
  readonly roots: readonly Certificate[];
  /** The moment that counts. */
  readonly at: Date;
  /** What the certificate must be for; without it, anything will do. */
  readonly purpose?: Purpose | undefined;
  readonly policy: RevocationPolicy;
  readonly checker: RevocationChecker;
}

const KEY_USAGES: readonly (readonly [Purpose, number])[] = [
  ['authentication', 0x80],
  ['signature', 0x40],
  ['encryption', 0x30],
  ['issuer', 0x04],
];

/** Verifies one certificate. */
export async function verifyCertificate(
  certificate: Certificate,
  options: VerifyCertificateOptions,
): Promise<CertificateVerdict> {
  const { candidates, roots, at, purpose } = options;
  // That it has ended itself is another finding.
  const leaf = {
    ...certificate,
    notBefore: at < certificate.notBefore ? at : certificate.notBefore,
    notAfter: at > certificate.notAfter ? at : certificate.notAfter,
  };
  const isOfHolder = isEncryption(certificate);
  const path = (isOfHolder ? buildEncryptionPath : buildPath)(leaf, candidates, roots, at) ?? [];
  const purposes = purposesOf(certificate);
  const { finding, decisive } = await revocationOf(isOfHolder ? path.slice(1) : path, options);
  return {
    findings: [
      path.length > 0
        ? { check: 'chain', state: 'ok' }
        : { check: 'chain', state: 'failed', reason: 'untrusted' },
      datesOf(certificate, at),
      checkPurpose(purposes, purpose),
      finding,
    ],
    path: path.length === 0 ? [] : [certificate, ...path.slice(1)],
    purposes,
    revocation: decisive,
  };
}

/** Issuer = subject, and yet not signed by itself: an encryption certificate of eHealth (etee §1.2). */
const isEncryption = (certificate: Certificate): boolean =>
  !certificate.isCa &&
  namesEqual(certificate.issuer, certificate.subject) &&
  !isSignedBy(certificate, certificate.publicKey);

function datesOf(certificate: Certificate, at: Date): CertificateFinding {
  return isValidAt(certificate, at)
    ? { check: 'dates', state: 'ok' }
    : {
        check: 'dates',
        state: 'failed',
        reason: at < certificate.notBefore ? 'not-yet-valid' : 'expired',
      };
}

function purposesOf({ isCa, keyUsage }: Certificate): readonly Purpose[] {
  const named = KEY_USAGES.filter(([, bits]) => ((keyUsage ?? 0) & bits) === bits);
  return named.map(([purpose]) => purpose).filter((purpose) => (purpose === 'issuer') === isCa);
}

function checkPurpose(
  purposes: readonly Purpose[],
  wanted: Purpose | undefined,
): CertificateFinding {
  const fits = wanted === undefined ? purposes.length > 0 : purposes.includes(wanted);
  return fits
    ? { check: 'purpose', state: 'ok' }
    : { check: 'purpose', state: 'failed', reason: wanted === undefined ? 'none' : 'other' };
}

async function revocationOf(
  path: readonly Certificate[],
  { policy, checker, at }: VerifyCertificateOptions,
): Promise<{
  readonly finding: CertificateFinding;
  readonly decisive: CertificateStatus | undefined;
}> {
  const check = 'revocation';
  const skipped = (reason: string): CertificateFinding => ({ check, state: 'skipped', reason });
  if (path.length < 2 || policy === 'off') {
    const reason = policy === 'off' ? 'off' : path.length === 0 ? 'untrusted' : 'root';
    return { finding: skipped(reason), decisive: undefined };
  }
  const { state, decisive } = await checkPathStatus(checker, path, { at });
  const reason = state === 'good' ? undefined : causeOf(decisive);
  const judged = judgeStatus(state, policy);
  if (judged === 'accepted') {
    return { finding: { check, state: 'ok' }, decisive };
  }
  const finding: CertificateFinding =
    judged === 'warning' && reason === 'no-source'
      ? skipped(reason)
      : {
          check,
          state: judged === 'refused' ? 'failed' : 'warning',
          ...(reason === undefined ? {} : { reason }),
        };
  return { finding, decisive };
}

const causeOf = (decisive: CertificateStatus | undefined): string =>
  decisive?.status.state === 'unknown' ? decisive.status.cause : 'revoked';
