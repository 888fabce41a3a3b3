/**
 * May a message be sealed for this ETK? The checks of the official checker in its order (etee §1.4), and
 * the signature of the registration authority, which the official checker leaves out. A registration
 * authority that is unknown or out of date is no reason to refuse: its signature has no date. Revocation
 * is not checked.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import type { Certificate } from '../x509/certificate.js';
import { buildPath, isValidAt } from '../x509/chain.js';
import { invalid, type Etk } from './etk.js';

export interface VerifyEtkOptions {
  /** Trusted certificates of eHealth. */
  readonly roots: readonly Certificate[];
  readonly now: Date;
}

const DIGITAL_SIGNATURE = 0x80;
/** keyEncipherment and dataEncipherment. */
const ENCIPHERMENT = 0x30;
const EXPIRED = /_EXPIRED$/;
const STATUS_UNKNOWN = 'ETK_AUTHENTICATION_CERT_STATUS_UNKNOWN';

/**
 * @returns Official names of what is wrong, in the official order; empty for a good token. One name is our
 *   own: `ETK_RA_SIGNATURE_NOT_VALID`.
 */
export function checkEtk(etk: Etk, { roots, now }: VerifyEtkOptions): readonly string[] {
  const { certificate, authentication, authorities, registration } = etk;
  // Checks 1 and 4, signature and equal subjects, are part of reading the token.
  return [
    ...validity('ETK_ENCRYPTION_CERT', certificate, now),
    ...validity('ETK_AUTHENTICATION_CERT', authentication, now),
    ...(certificate.isCa || ((certificate.keyUsage ?? 0) & ENCIPHERMENT) !== ENCIPHERMENT
      ? ['ETK_ENCRYPTION_CERT_HAS_INVALID_KEYUSAGE']
      : []),
    ...(((authentication.keyUsage ?? 0) & DIGITAL_SIGNATURE) === 0
      ? ['ETK_AUTHENTICATION_CERT_HAS_INVALID_KEYUSAGE']
      : []),
    ...(isTrusted(authentication, authorities, roots, now) ? [] : [STATUS_UNKNOWN]),
    ...(registration.signature === 'wrong' ? ['ETK_RA_SIGNATURE_NOT_VALID'] : []),
  ];
}

/**
 * @throws TopazError `E_CERT_EXPIRED` when a certificate of the token has ended and nothing else is wrong,
 *   `E_ETK_INVALID` otherwise; `details.errors` holds official names.
 */
export function verifyEtk(etk: Etk, options: VerifyEtkOptions): void {
  const errors = checkEtk(etk, options);
  if (errors.length === 0) {
    return;
  }
  if (errors.every((name) => EXPIRED.test(name))) {
    throw new TopazError('E_CERT_EXPIRED', 'this ETK has ended', {
      hint: 'fetch it again: topaz etk fetch --refresh; the holder may have to renew',
      facts: [errors.join(', ')],
      details: { errors },
    });
  }
  throw invalid('this ETK is not genuine, or not to be used', errors);
}

function validity(prefix: string, certificate: Certificate, now: Date): readonly string[] {
  if (isValidAt(certificate, now)) {
    return [];
  }
  return [now < certificate.notBefore ? `${prefix}_NOT_YET_VALID` : `${prefix}_EXPIRED`];
}

/** The path of the authentication certificate; that it has ended itself is another finding. */
function isTrusted(
  authentication: Certificate,
  authorities: readonly Certificate[],
  roots: readonly Certificate[],
  now: Date,
): boolean {
  const leaf = {
    ...authentication,
    notBefore: now < authentication.notBefore ? now : authentication.notBefore,
    notAfter: now > authentication.notAfter ? now : authentication.notAfter,
  };
  return buildPath(leaf, authorities, roots, now) !== undefined;
}
