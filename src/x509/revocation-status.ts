/**
 * What is known about the revocation of a certificate, and who finds it out. The words are those of JSON
 * documents.
 *
 * @module
 */

import type { Certificate } from './certificate.js';

/** RFC 5280 §5.3.1, by number; 7 is not used, 8 takes an entry off a list again. */
export const REVOCATION_REASONS: readonly string[] = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'unused',
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
];

/** Name of a reason; `undefined` for a number that is none. */
export const reasonOf = (code: number): string | undefined =>
  code === 7 ? undefined : REVOCATION_REASONS[code];

/** Where an answer came from, and how long it counts. */
export interface RevocationSource {
  readonly kind: 'ocsp' | 'crl';
  /** `undefined`: it was part of a message. */
  readonly url: string | undefined;
  /** From the local copy. */
  readonly cached: boolean;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
}

/** What an answer of the issuer says. */
export type RevocationFact =
  | { readonly state: 'good' }
  | { readonly state: 'revoked'; readonly revokedAt: Date; readonly reason: string | undefined };

/**
 * Why nothing is known: the certificate names no place to ask; asking is switched off; the place cannot be
 * reached; what it answers is not genuine, not about this certificate or out of date; it does not know.
 */
export type UnknownCause = 'no-source' | 'offline' | 'unreachable' | 'invalid' | 'not-known';

export type RevocationStatus =
  | (RevocationFact & { readonly source: RevocationSource })
  | {
      readonly state: 'unknown';
      readonly cause: UnknownCause;
      /** One clause in English: a fact of an error, a line of the log. */
      readonly detail: string;
    };

export interface RevocationQuestion {
  /** The moment that counts: a certificate that was revoked later is good. @default now */
  readonly at?: Date | undefined;
  /** BasicOCSPResponses that came with a message, DER. */
  readonly embedded?: readonly Uint8Array[] | undefined;
}

/** Finds out whether a certificate was revoked. Never throws but for an interruption. */
export interface RevocationChecker {
  /** @param issuer Whose key signed the certificate; the caller has checked that. */
  check(
    certificate: Certificate,
    issuer: Certificate,
    question?: RevocationQuestion,
  ): Promise<RevocationStatus>;
}
