/** What bench/xml measures, bundled as the product is. */

import { createPrivateKey } from 'node:crypto';

import { createSigner } from '../../src/keys/software-keys.js';
import { secureEnvelope } from '../../src/soap/security.js';
import { parsePemCertificates } from '../../src/x509/pem.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { canonicalBytes } from '../../src/xml/c14n.js';
import { NS_DS, NS_SOAP, NS_WSSE } from '../../src/xml/namespaces.js';
import { requireChild } from '../../src/xml/query.js';
import { readXml } from '../../src/xml/read.js';
import type { XmlElement } from '../../src/xml/tree.js';
import { indexIds } from '../../src/xml/verify-ids.js';
import { verifyMessage } from '../../src/xml/verify-message.js';
import { verifySignature } from '../../src/xml/verify-signature.js';
import { writeXmlBytes } from '../../src/xml/write.js';

export { readXml };

/** A moment of the certificate's first minute. */
const momentOf = ({ notBefore }: Certificate): Date => new Date(notBefore.getTime() + 30_000);

/** Signs messages as the STS gets them: Body, Timestamp and BinarySecurityToken. */
export function createBenchSigner(keyPem: string, certificatePem: string) {
  const certificate = onlyCertificate(certificatePem);
  const signer = createSigner(createPrivateKey(keyPem), [certificate]);
  const now = momentOf(certificate);
  let count = 0;
  const newId = (): string => {
    count += 1;
    return `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
  };
  return async (payload: XmlElement): Promise<Uint8Array> =>
    writeXmlBytes(await secureEnvelope(payload, [], { kind: 'x509', signer }, { now, newId }));
}

/** Verifies with a key that is known, as xmlsec1 does; gives the signed Body. */
export function createVerifier(certificatePem: string): (bytes: Uint8Array) => XmlElement {
  const trusted = [onlyCertificate(certificatePem)];
  return (bytes) => {
    const root = readXml(bytes);
    const security = requireChild(requireChild(root, NS_SOAP, 'Header'), NS_WSSE, 'Security');
    const { covered } = verifySignature(requireChild(security, NS_DS, 'Signature'), root, {
      trusted,
      ids: indexIds(root),
      maxReferences: 8,
    });
    return bodyOf(covered.get(requireChild(root, NS_SOAP, 'Body'))?.element);
  };
}

/** Verifies with the whole policy of a service: structure, times, the token's certificate and its issuer. */
export function createStrictVerifier(caPem: string): (bytes: Uint8Array) => XmlElement {
  const root = onlyCertificate(caPem);
  const now = momentOf(root);
  const roots = [root];
  return (bytes) => bodyOf(verifyMessage(bytes, { token: 'x509', roots, sts: [], now }).body);
}

/** Everything that grows with a document: reading, ids, canonical form. */
export function readAndCanonicalize(bytes: Uint8Array): number {
  const root = readXml(bytes);
  return indexIds(root).size + canonicalBytes(root).bytes.length;
}

/** Whether it is refused. */
export function isRefused(bytes: Uint8Array): boolean {
  try {
    readXml(bytes);
    return false;
  } catch {
    return true;
  }
}

function bodyOf(element: XmlElement | undefined): XmlElement {
  if (element === undefined) {
    throw new Error('the body is not covered');
  }
  return element;
}

function onlyCertificate(pem: string): Certificate {
  const [certificate] = parsePemCertificates(pem);
  if (certificate === undefined) {
    throw new Error('no certificate');
  }
  return certificate;
}
