/**
 * Takes a delivered certificate into its keystore: checked against the key, the contract's name and the
 * trusted roots before anything is replaced.
 *
 * @module
 */

import { invalid } from '../certra/ra-frame.js';
import { TopazError } from '../errors.js';
import type { Keystore } from '../keystore/keystore.js';
import { buildPath } from '../x509/chain.js';
import type { Certificate } from '../x509/certificate.js';
import { readHolder } from '../x509/holder.js';
import { namesEqual } from '../x509/name.js';
import { subjectOf } from './applicant-contract.js';

const DIGITAL_SIGNATURE = 0x80;

export interface InstallOptions {
  /** DN of the contract, where it is known. */
  readonly dn: string | undefined;
  /** Roots that may stand behind eHealth certificates. */
  readonly roots: readonly Certificate[];
  readonly now: Date;
}

/**
 * The keystore with its certificate in place of the placeholder.
 *
 * @param chain As delivered: leaf first, without root.
 * @throws TopazError `E_REPLY_INVALID` when the certificate is for another key or another name,
 *   `E_CERT_NOT_YET_VALID`, `E_CERT_EXPIRED`, `E_CERT_UNTRUSTED`.
 */
export function installChain(
  keystore: Keystore,
  chain: readonly [Certificate, ...Certificate[]],
  { dn, roots, now }: InstallOptions,
): Keystore {
  const [leaf, ...issuers] = chain;
  const [placeholder] = keystore.authentication.chain;
  if (Buffer.compare(leaf.publicKeyInfo, placeholder.publicKeyInfo) !== 0) {
    throw invalid('the certificate that eHealth delivered is for another key');
  }
  const holder = readHolder(leaf.subject);
  if (holder?.isEid !== false || (dn !== undefined && !namesEqual(leaf.subject, subjectOf(dn)))) {
    throw invalid('the certificate that eHealth delivered is for another name');
  }
  if (((leaf.keyUsage ?? DIGITAL_SIGNATURE) & DIGITAL_SIGNATURE) === 0) {
    throw invalid('the certificate that eHealth delivered cannot authenticate');
  }
  checkValidity(leaf, now);
  const path = buildPath(leaf, issuers, roots, now);
  if (path === undefined) {
    throw new TopazError(
      'E_CERT_UNTRUSTED',
      'the certificate was not issued under a root that this profile trusts',
      {
        facts: ['nothing was changed in the keystore'],
        hint: 'check the environment, and trust.ehealthRoots of the profile',
      },
    );
  }
  // The path without what was not delivered: the root stays outside, as other programs have it.
  const kept = path.slice(1).filter((entry) => issuers.some((issuer) => isSame(issuer, entry)));
  return {
    ...keystore,
    state: 'ready',
    authentication: { ...keystore.authentication, chain: [leaf, ...kept] },
  };
}

const isSame = (a: Certificate, b: Certificate): boolean => Buffer.compare(a.der, b.der) === 0;

function checkValidity({ notBefore, notAfter }: Certificate, now: Date): void {
  if (now < notBefore) {
    throw new TopazError('E_CERT_NOT_YET_VALID', 'the certificate is not valid yet', {
      facts: [`valid from ${notBefore.toISOString()}`],
      hint: 'check the clock of this machine, or finalize after that moment',
    });
  }
  if (now > notAfter) {
    throw new TopazError('E_CERT_EXPIRED', 'the certificate of this request has expired', {
      facts: [`valid until ${notAfter.toISOString()}`],
      hint: 'topaz cert request',
    });
  }
}
