/**
 * Signature algorithms → what a card is asked to do (eid-pkcs11 §1, §4): `CKM_ECDSA` over our own digest for
 * EC keys; the hashed RSA mechanism, or `CKM_RSA_PKCS` over a DigestInfo where the module lacks it.
 *
 * @module
 */

import { constants, createHash, verify } from 'node:crypto';

import { TopazError } from '../errors.js';
import type { SignatureAlgorithm } from '../keys/keys.js';
import { CKM } from '../pkcs11/constants.js';
import type { Certificate } from '../x509/certificate.js';

interface Plan {
  readonly keyType: 'rsa' | 'ec';
  readonly hash: 'sha1' | 'sha256' | 'sha384' | 'sha512';
  readonly mechanism: number;
}

const PLANS: Readonly<Record<SignatureAlgorithm, Plan>> = {
  'rsa-sha256': { keyType: 'rsa', hash: 'sha256', mechanism: CKM.SHA256_RSA_PKCS },
  'rsa-pss-sha256': { keyType: 'rsa', hash: 'sha256', mechanism: CKM.SHA256_RSA_PKCS_PSS },
  'rsa-sha1': { keyType: 'rsa', hash: 'sha1', mechanism: CKM.SHA1_RSA_PKCS },
  'ecdsa-sha256': { keyType: 'ec', hash: 'sha256', mechanism: CKM.ECDSA },
  'ecdsa-sha384': { keyType: 'ec', hash: 'sha384', mechanism: CKM.ECDSA },
  'ecdsa-sha512': { keyType: 'ec', hash: 'sha512', mechanism: CKM.ECDSA },
};
const ORDER: readonly SignatureAlgorithm[] = [
  'rsa-sha256',
  'rsa-pss-sha256',
  'rsa-sha1',
  'ecdsa-sha256',
  'ecdsa-sha384',
  'ecdsa-sha512',
];

/** DigestInfo up to the digest (RFC 8017 §9.2 note 1). */
const DIGEST_INFO: Readonly<Partial<Record<Plan['hash'], string>>> = {
  sha1: '3021300906052b0e03021a05000414',
  sha256: '3031300d060960864801650304020105000420',
};

/** What a key of this type can do behind a module with these mechanisms, best first. */
export function cardAlgorithms(
  keyType: 'rsa' | 'ec',
  mechanisms: readonly number[],
): readonly SignatureAlgorithm[] {
  return ORDER.filter((algorithm) => {
    const plan = PLANS[algorithm];
    return plan.keyType === keyType && mechanismFor(plan, mechanisms) !== undefined;
  });
}

function mechanismFor(plan: Plan, mechanisms: readonly number[]): number | undefined {
  if (mechanisms.includes(plan.mechanism)) {
    return plan.mechanism;
  }
  const plain = plan.mechanism === CKM.SHA256_RSA_PKCS || plan.mechanism === CKM.SHA1_RSA_PKCS;
  return plain && mechanisms.includes(CKM.RSA_PKCS) ? CKM.RSA_PKCS : undefined;
}

/**
 * Mechanism and data for `C_Sign`.
 *
 * @throws TopazError `E_CARD_ERROR` when this key or module cannot do it.
 */
export function signingRequest(
  algorithm: SignatureAlgorithm,
  keyType: 'rsa' | 'ec',
  mechanisms: readonly number[],
  data: Uint8Array,
): { mechanism: number; data: Uint8Array } {
  const plan = PLANS[algorithm];
  const mechanism = plan.keyType === keyType ? mechanismFor(plan, mechanisms) : undefined;
  if (mechanism === undefined) {
    throw new TopazError('E_CARD_ERROR', `this card or module cannot sign with ${algorithm}`, {
      hint: 'install the eID middleware: OpenSC cannot sign with newer cards',
      details: { algorithm, keyType },
    });
  }
  const digest = (): Uint8Array => createHash(plan.hash).update(data).digest();
  switch (mechanism) {
    case CKM.ECDSA:
      return { mechanism, data: digest() };
    case CKM.RSA_PKCS:
      return {
        mechanism,
        data: Buffer.concat([Buffer.from(DIGEST_INFO[plan.hash] ?? '', 'hex'), digest()]),
      };
    default:
      return { mechanism, data };
  }
}

/** Whether the signature is the card's own: catches a wrong card and a wrong form before use. */
export function isSignatureOf(
  certificate: Certificate,
  algorithm: SignatureAlgorithm,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  const key = certificate.publicKey;
  const { hash } = PLANS[algorithm];
  switch (algorithm) {
    case 'rsa-pss-sha256':
      return verify(
        hash,
        data,
        { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
        signature,
      );
    case 'rsa-sha1':
    case 'rsa-sha256':
      return verify(hash, data, key, signature);
    default:
      return verify(hash, data, { key, dsaEncoding: 'ieee-p1363' }, signature);
  }
}
