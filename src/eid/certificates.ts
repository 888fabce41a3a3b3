/**
 * The certificates of a card: their validity, and the chain of what the card carries.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import type { KeyLabel } from '../pkcs11/constants.js';
import { isSignedBy } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';

/**
 * Leaf first, then the CA and the root of the card as far as each signed the one before.
 */
export function certificateChain(
  leaf: Certificate,
  authority: Certificate | undefined,
  root: Certificate | undefined,
): readonly Certificate[] {
  const chain = [leaf];
  for (const issuer of [authority, root]) {
    const last = chain.at(-1);
    if (issuer !== undefined && last !== undefined && isSignedBy(last, issuer.publicKey)) {
      chain.push(issuer);
    }
  }
  return chain;
}

/**
 * Checked before a PIN is asked: an expired card costs no try.
 *
 * @throws TopazError `E_CERT_EXPIRED`, `E_CERT_NOT_YET_VALID`.
 */
export function checkValidity(
  { notBefore, notAfter }: Certificate,
  label: KeyLabel,
  now: Date,
): void {
  if (now > notAfter) {
    throw new TopazError('E_CERT_EXPIRED', `the ${label} certificate of this card has expired`, {
      facts: [`valid until ${day(notAfter)}`],
      hint: 'ask the municipality for a new card',
    });
  }
  if (now < notBefore) {
    throw new TopazError(
      'E_CERT_NOT_YET_VALID',
      `the ${label} certificate of this card is not valid yet`,
      { facts: [`valid from ${day(notBefore)}`], hint: 'check the clock of this machine' },
    );
  }
}

const day = (date: Date): string => date.toISOString().slice(0, 10);
