/**
 * Keys in use: everything that signs or unwraps goes through two small interfaces, so that a service
 * never sees where a key lives (eID card, PKCS#12 file, simulated card, session agent).
 *
 * @module
 */

import type { Certificate } from '../x509/certificate.js';

/** `rsa-sha1` exists for one documented escape of the SAML 1.1 STS and nothing else. */
export type SignatureAlgorithm =
  'rsa-sha1' | 'rsa-sha256' | 'rsa-pss-sha256' | 'ecdsa-sha256' | 'ecdsa-sha384' | 'ecdsa-sha512';

/** A private key that can sign, wherever it lives. */
export interface Signer {
  readonly certificate: Certificate;
  /** Leaf first, then issuers as far as known; holds at least the leaf. */
  readonly chain: readonly Certificate[];
  /** What this key can do, best first. */
  readonly algorithms: readonly SignatureAlgorithm[];
  /**
   * Signs `data` (the message, not a digest).
   *
   * @returns RSA: the signature block. ECDSA: raw `r || s`, each half left-padded to the curve size
   *   (XML-DSig form; `rawToDerSignature` of `src/der` makes the ASN.1 form).
   */
  sign(algorithm: SignatureAlgorithm, data: Uint8Array): Promise<Uint8Array>;
  /**
   * The same at once, where the key is in memory: for work that has nothing else to do meanwhile, and for which the
   * way to another thread and back costs a good part of a signature.
   */
  readonly signNow?: (algorithm: SignatureAlgorithm, data: Uint8Array) => Uint8Array;
}

/** Padding of a wrapped key. Everything of eHealth is `pkcs1`; OAEP is read so that it can be named. */
export type KeyPadding = 'pkcs1' | 'oaep-sha1' | 'oaep-sha256';

/** The private key of an encryption certificate: takes the padding off a wrapped key. */
export interface Decrypter {
  readonly certificate: Certificate;
  /**
   * Implicit rejection: a bad padding yields a pseudo-random key of `keyLength` bytes and never an
   * error of its own, by one code path. So does a padding that this key cannot take off.
   *
   * @param padding Of the wrapped key. @default 'pkcs1'
   */
  unwrap(encryptedKey: Uint8Array, keyLength: number, padding?: KeyPadding): Promise<Uint8Array>;
}

/** Secret keys of messages without known recipients (KGSS), found by the name that a message gives. */
export interface SecretKeySource {
  /** @returns `undefined` when there is none of that name for us. */
  find(keyIdentifier: Uint8Array): Promise<Uint8Array | undefined>;
}
