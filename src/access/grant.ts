/**
 * A grant: who may use which keystore, for what, until when, signed by the responsible person with the
 * Authentication key of the eID. What counts is read from the signed bytes and from nothing else.
 *
 * @module
 */

import { isBelgianRoot } from '../eid/belgian-roots.js';
import { isSignatureOf } from '../eid/algorithms.js';
import { isSsin } from '../ids/ssin.js';
import type { SignatureAlgorithm, Signer } from '../keys/keys.js';
import { parseCertificate } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { buildPath } from '../x509/chain.js';
import { readHolder } from '../x509/holder.js';
import { isPurpose } from './purpose.js';
import type { Purpose } from './purpose.js';

export interface Grant {
  /** UUID. */
  readonly id: string;
  /** Alias of the keystore. */
  readonly keystore: string;
  /** SSIN of who signs. */
  readonly responsible: string;
  /** SSIN of who may. */
  readonly person: string;
  readonly purposes: readonly Purpose[];
  /** Last day, `YYYY-MM-DD` (UTC); without it, until it is revoked. */
  readonly until?: string;
  /** ISO 8601. */
  readonly issuedAt: string;
}

/** A grant as it is kept. */
export interface SignedGrant {
  /** The signed bytes, base64. */
  readonly statementBase64: string;
  readonly algorithm: SignatureAlgorithm;
  readonly signatureBase64: string;
  /** The signer's certificate, then the issuers that the card carries. */
  readonly certificatesBase64: readonly string[];
}

/** What a grant is held against. */
export interface GrantTerms {
  /** Alias of the keystore that is meant. */
  readonly keystore: string;
  /** SSIN of the one who may grant. */
  readonly responsible: string;
  /** Configured roots of identity cards. */
  readonly roots: readonly Certificate[];
  /** Whether the pinned Belgian roots count too: everywhere but in the sandbox. */
  readonly pinned: boolean;
  readonly now: Date;
}

export type GrantVerdict =
  | { readonly state: 'valid'; readonly grant: Grant }
  | { readonly state: 'expired'; readonly grant: Grant }
  | { readonly state: 'refused'; readonly reason: GrantFault };

/** `altered` = not what was signed; `foreign` = for another keystore or by another person. */
export type GrantFault = 'altered' | 'foreign' | 'untrusted' | 'early';

/** Signatures of an eID serve many ends: this line keeps a grant from being anything else, and the reverse. */
const PREFIX = 'topaz access grant 1\n';
const ALGORITHMS: readonly SignatureAlgorithm[] = ['rsa-pss-sha256', 'rsa-sha256', 'ecdsa-sha256', 'ecdsa-sha384', 'ecdsa-sha512']; // prettier-ignore
const MAX_STATEMENT = 4096;
const MAX_CERTIFICATES = 8;
/** Clocks of two machines differ. */
const LEEWAY_MS = 5 * 60_000;

/**
 * Signs a grant.
 *
 * @param signer The Authentication key of the responsible's card.
 * @throws TopazError errors of the card.
 */
export async function signGrant(grant: Grant, signer: Signer): Promise<SignedGrant> {
  const statement = Buffer.from(PREFIX + JSON.stringify(grant));
  const algorithm = signer.algorithms.find((known) => ALGORITHMS.includes(known)) ?? 'rsa-sha256';
  const signature = await signer.sign(algorithm, statement);
  return {
    statementBase64: statement.toString('base64'),
    algorithm,
    signatureBase64: Buffer.from(signature).toString('base64'),
    certificatesBase64: signer.chain.map(({ der }) => Buffer.from(der).toString('base64')),
  };
}

/** What a grant is worth here and now. Never throws for what it is given. */
export function verifyGrant(signed: SignedGrant, terms: GrantTerms): GrantVerdict {
  const refused = (reason: GrantFault): GrantVerdict => ({ state: 'refused', reason });
  const statement = Buffer.from(signed.statementBase64, 'base64');
  const grant = readStatement(statement);
  const certificates = readCertificates(signed.certificatesBase64);
  const [signer] = certificates;
  if (grant === undefined || signer === undefined || !isSigned(signed, statement, signer)) {
    return refused('altered');
  }
  const holder = readHolder(signer.subject);
  if (
    grant.keystore !== terms.keystore ||
    grant.responsible !== terms.responsible ||
    holder?.isEid !== true ||
    holder.identifier.id !== terms.responsible
  ) {
    return refused('foreign');
  }
  const issuedAt = new Date(grant.issuedAt);
  if (issuedAt.getTime() > terms.now.getTime() + LEEWAY_MS) {
    return refused('early');
  }
  const pinned = terms.pinned ? certificates.filter(isBelgianRoot) : [];
  // At the moment of signing: a card ends before what its holder granted does.
  if (buildPath(signer, certificates, [...terms.roots, ...pinned], issuedAt) === undefined) {
    return refused('untrusted');
  }
  const today = terms.now.toISOString().slice(0, 10);
  return { state: grant.until !== undefined && grant.until < today ? 'expired' : 'valid', grant };
}

/** What a statement says, whatever its signature is worth; `undefined` when it says nothing. */
export const claimOf = ({ statementBase64 }: SignedGrant): Grant | undefined =>
  readStatement(Buffer.from(statementBase64, 'base64'));

function isSigned(signed: SignedGrant, statement: Uint8Array, signer: Certificate): boolean {
  try {
    return (
      ALGORITHMS.includes(signed.algorithm) &&
      isSignatureOf(signer, signed.algorithm, statement, Buffer.from(signed.signatureBase64, 'base64')) // prettier-ignore
    );
  } catch {
    // An algorithm that this key cannot have.
    return false;
  }
}

function readCertificates(texts: readonly string[]): readonly Certificate[] {
  try {
    return texts.slice(0, MAX_CERTIFICATES).map((text) => parseCertificate(Buffer.from(text, 'base64'))); // prettier-ignore
  } catch {
    return [];
  }
}

function readStatement(bytes: Buffer): Grant | undefined {
  const text = bytes.length > MAX_STATEMENT ? '' : bytes.toString('utf8');
  if (!text.startsWith(PREFIX)) {
    return undefined;
  }
  try {
    return readGrant(JSON.parse(text.slice(PREFIX.length)));
  } catch {
    return undefined;
  }
}

function readGrant(value: unknown): Grant | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const { id, keystore, responsible, person, purposes, until, issuedAt } = value as Readonly<Record<string, unknown>>; // prettier-ignore
  if (
    typeof id !== 'string' ||
    typeof keystore !== 'string' ||
    typeof responsible !== 'string' ||
    typeof person !== 'string' ||
    !isSsin(responsible) ||
    !isSsin(person) ||
    typeof issuedAt !== 'string' ||
    Number.isNaN(Date.parse(issuedAt)) ||
    !Array.isArray(purposes) ||
    !purposes.every((purpose): purpose is Purpose => typeof purpose === 'string' && isPurpose(purpose)) // prettier-ignore
  ) {
    return undefined;
  }
  if (until === undefined) {
    return { id, keystore, responsible, person, purposes, issuedAt };
  }
  return typeof until === 'string' && /^\d{4}-\d\d-\d\d$/.test(until)
    ? { id, keystore, responsible, person, purposes, until, issuedAt }
    : undefined;
}
