/**
 * Enveloped signatures: of the requests of the registration authority and of the inner SAML request
 * (certificate-lifecycle §3.1, sts-session §2.3).
 *
 * @module
 */

import type { SignatureAlgorithm, Signer } from '../keys/keys.js';
import { defaultAlgorithm } from './algorithms.js';
import { namespace } from './build.js';
import { canonicalBytes } from './c14n.js';
import { NS_DS } from './namespaces.js';
import { attribute } from './query.js';
import { makeSignature } from './signature.js';
import type { XmlElement } from './tree.js';

export interface SignOptions {
  readonly signer: Signer;
  /** @default rsa-sha256 or ecdsa-sha256, by the key. */
  readonly algorithm?: SignatureAlgorithm | undefined;
  /** The attribute of the root that names it. */
  readonly idAttribute: 'Id' | 'RequestID' | 'AssertionID';
  /** Where the schema wants the signature among the children. */
  readonly position: 'first' | 'last';
  readonly signatureId?: string | undefined;
  /** KeyInfo holds the whole chain, leaf first. @default false: the leaf alone */
  readonly includeChain?: boolean | undefined;
}

const ds = namespace('ds', NS_DS);

/**
 * Adds an enveloped signature to an element.
 *
 * @returns The signed element. It must be written as it is: no child may be added afterwards.
 * @throws TypeError when the root has no id: a bug of the caller. Errors of the signer pass through.
 */
export async function signXml(root: XmlElement, options: SignOptions): Promise<XmlElement> {
  const { signer, idAttribute, position, signatureId, includeChain = false } = options;
  const id = attribute(root, idAttribute);
  if (id === undefined || id === '') {
    throw new TypeError(`the element to sign has no ${idAttribute}`);
  }
  const certificates = includeChain ? signer.chain : [signer.certificate];
  const keyInfo = ds(
    'KeyInfo',
    {},
    ds(
      'X509Data',
      {},
      certificates.map(({ der }) => ds('X509Certificate', {}, Buffer.from(der).toString('base64'))),
    ),
  );
  const signature = await makeSignature(
    signer,
    options.algorithm ?? defaultAlgorithm(signer),
    [{ id, canonical: canonicalBytes(root).bytes, enveloped: true }],
    keyInfo,
    signatureId,
  );
  return {
    ...root,
    children: position === 'first' ? [signature, ...root.children] : [...root.children, signature],
  };
}
