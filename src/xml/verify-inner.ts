/**
 * The signature that a SAML request carries of its holder-of-key (sts-session §2.3). It may be missing only
 * where that key signs the message itself.
 *
 * @module
 */

import type { Certificate } from '../x509/certificate.js';
import { NS_DS, NS_SAML } from './namespaces.js';
import { children, walk } from './query.js';
import type { XmlElement } from './tree.js';
import { invalid } from './verify-errors.js';
import { verifySignature } from './verify-signature.js';
import { certificateIn, onlyOf } from './verify-token.js';

export interface InnerRules {
  /** Who signed the message. */
  readonly signer: Certificate;
  readonly ids: ReadonlyMap<string, XmlElement>;
  readonly requireInner: boolean;
  readonly allowSha1?: boolean | undefined;
}

/** @throws TopazError `E_SIGNATURE_INVALID`; `E_ASN1_MALFORMED` for a certificate. */
export function checkInnerRequest(
  request: XmlElement,
  root: XmlElement,
  { signer, ids, requireInner, allowSha1 }: InnerRules,
): void {
  const confirmations = [...walk(request)].filter(
    ({ name, namespace }) => name === 'SubjectConfirmation' && namespace === NS_SAML,
  );
  const [confirmation, ...others] = confirmations;
  if (confirmation === undefined || others.length > 0) {
    throw invalid('the SAML request does not name one holder');
  }
  const holder = certificateIn(onlyOf(confirmation, NS_DS, 'KeyInfo'));
  const [signature, ...more] = children(request, NS_DS, 'Signature');
  if (signature === undefined) {
    if (requireInner || Buffer.compare(holder.der, signer.der) !== 0) {
      throw invalid('the SAML request carries no signature of its holder');
    }
    return;
  }
  const { covered } = verifySignature(signature, root, { trusted: [holder], ids, allowSha1 });
  if (more.length > 0 || !covered.has(request)) {
    throw invalid('the signature of the SAML request does not cover it alone');
  }
}
