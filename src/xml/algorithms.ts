/**
 * Algorithm names of XML signatures. Sent: exclusive C14N, SHA-256, RSA or ECDSA (sts-session §0).
 *
 * @module
 */

import type { SignatureAlgorithm, Signer } from '../keys/keys.js';

export const C14N_EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
export const ENVELOPED_SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
export const DIGEST_SHA1 = 'http://www.w3.org/2000/09/xmldsig#sha1';
export const DIGEST_SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';

/** Digests that are accepted; SHA-1 only where the caller lets it through. Sent: SHA-256. */
export const DIGEST_HASHES: ReadonlyMap<string, string> = new Map([
  [DIGEST_SHA1, 'sha1'],
  [DIGEST_SHA256, 'sha256'],
  ['http://www.w3.org/2001/04/xmldsig-more#sha384', 'sha384'],
  ['http://www.w3.org/2001/04/xmlenc#sha512', 'sha512'],
]);

/** URI of each signature algorithm. */
export const SIGNATURE_URIS: Readonly<Record<SignatureAlgorithm, string>> = {
  'rsa-sha1': 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
  'rsa-sha256': 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'rsa-pss-sha256': 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
  'ecdsa-sha256': 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256',
  'ecdsa-sha384': 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384',
  'ecdsa-sha512': 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512',
};

/** What the official connector signs with: SHA-256, whatever the curve (sts-session §2.4). */
export const defaultAlgorithm = ({ certificate }: Signer): SignatureAlgorithm =>
  certificate.keyType === 'ec' ? 'ecdsa-sha256' : 'rsa-sha256';
