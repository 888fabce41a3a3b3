/**
 * The pieces of an XML signature that every kind shares.
 *
 * @module
 */

import { hash } from 'node:crypto';

import type { SignatureAlgorithm, Signer } from '../keys/keys.js';
import {
  C14N_EXCLUSIVE,
  DIGEST_SHA1,
  DIGEST_SHA256,
  ENVELOPED_SIGNATURE,
  SIGNATURE_URIS,
} from './algorithms.js';
import { namespace } from './build.js';
import { canonicalBytes } from './c14n.js';
import { NS_DS } from './namespaces.js';
import type { XmlElement } from './tree.js';

const ds = namespace('ds', NS_DS);

export interface Reference {
  /** Id without `#`. */
  readonly id: string;
  /** Canonical form of what is referred to, in UTF-8. */
  readonly canonical: Uint8Array;
  readonly enveloped: boolean;
}

/** Signs references; `KeyInfo` is the caller's. No white space anywhere. */
export async function makeSignature(
  signer: Signer,
  algorithm: SignatureAlgorithm,
  references: readonly Reference[],
  keyInfo: XmlElement,
  signatureId: string | undefined,
): Promise<XmlElement> {
  const signedInfo = ds(
    'SignedInfo',
    {},
    ds('CanonicalizationMethod', { Algorithm: C14N_EXCLUSIVE }),
    ds('SignatureMethod', { Algorithm: SIGNATURE_URIS[algorithm] }),
    references.map((reference) => referenceElement(reference, algorithm)),
  );
  const value = await signer.sign(algorithm, canonicalBytes(signedInfo).bytes);
  return ds(
    'Signature',
    { Id: signatureId },
    signedInfo,
    ds('SignatureValue', {}, Buffer.from(value).toString('base64')),
    keyInfo,
  );
}

function referenceElement(
  { id, canonical, enveloped }: Reference,
  algorithm: SignatureAlgorithm,
): XmlElement {
  // The escape for the SAML 1.1 STS is SHA-1 throughout, as the official connector sends it.
  const sha1 = algorithm === 'rsa-sha1';
  const digest = hash(sha1 ? 'sha1' : 'sha256', canonical, 'base64');
  return ds(
    'Reference',
    { URI: `#${id}` },
    ds(
      'Transforms',
      {},
      enveloped ? ds('Transform', { Algorithm: ENVELOPED_SIGNATURE }) : undefined,
      ds('Transform', { Algorithm: C14N_EXCLUSIVE }),
    ),
    ds('DigestMethod', { Algorithm: sha1 ? DIGEST_SHA1 : DIGEST_SHA256 }),
    ds('DigestValue', {}, digest),
  );
}
