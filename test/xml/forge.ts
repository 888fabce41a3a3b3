/**
 * Signatures over anything, right for a reader who asks less: digests and value fit whatever SignedInfo says.
 * What is refused then is refused for what it is, and not for a wrong figure.
 */

import { createHash } from 'node:crypto';

import { NS_DS } from '../../src/xml/namespaces.js';
import { attribute, children, walk } from '../../src/xml/query.js';
import { canonicalize } from '../../src/xml/c14n.js';
import { readXml } from '../../src/xml/read.js';
import type { XmlElement } from '../../src/xml/tree.js';

const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
export const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
export const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';

const transform = (uri: string): string => `<ds:Transform Algorithm="${uri}"/>`;

/** A reference with an empty digest. */
export const reference = (id: string, isEnveloped = false): string =>
  `<ds:Reference URI="#${id}"><ds:Transforms>${isEnveloped ? transform(ENVELOPED) : ''}${transform(EXCLUSIVE)}` +
  `</ds:Transforms><ds:DigestMethod Algorithm="${SHA256}"/><ds:DigestValue></ds:DigestValue></ds:Reference>`;

/** A signature with empty values. */
export const signature = (references: string, keyInfo = '', method = RSA_SHA256): string =>
  `<ds:Signature xmlns:ds="${NS_DS}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="${EXCLUSIVE}"/>` +
  `<ds:SignatureMethod Algorithm="${method}"/>${references}</ds:SignedInfo>` +
  `<ds:SignatureValue></ds:SignatureValue>${keyInfo}</ds:Signature>`;

/**
 * Fills the first signature of a document whose values are empty.
 *
 * @param sign Gives the value for the canonical SignedInfo.
 */
export function seal(xml: string, sign: (data: Buffer) => Buffer): string {
  const root = readXml(xml);
  const found = unsealed(root);
  let text = xml;
  for (const each of children(child(found, 'SignedInfo'), NS_DS, 'Reference')) {
    const id = (attribute(each, 'URI') ?? '').replace(/^#/, '');
    const isSha1 = /xmldsig#sha1$/.test(attribute(child(each, 'DigestMethod'), 'Algorithm') ?? '');
    const digest = createHash(isSha1 ? 'sha1' : 'sha256')
      .update(canonicalize(byId(root, id) ?? root, { without: found }))
      .digest('base64');
    text = text.replace(EMPTY_DIGEST, `<ds:DigestValue>${digest}<`);
  }
  const info = child(unsealed(readXml(text)), 'SignedInfo');
  const value = sign(Buffer.from(canonicalize(info))).toString('base64');
  return text.replace(EMPTY_VALUE, `<ds:SignatureValue>${value}<`);
}

const EMPTY_DIGEST = '<ds:DigestValue><';
const EMPTY_VALUE = '<ds:SignatureValue><';

function unsealed(root: XmlElement): XmlElement {
  for (const element of walk(root)) {
    const isSignature = element.name === 'Signature' && element.namespace === NS_DS;
    if (isSignature && child(element, 'SignatureValue').children.length === 0) {
      return element;
    }
  }
  throw new Error('no signature to seal');
}

function child(parent: XmlElement, name: string): XmlElement {
  const [first] = children(parent, NS_DS, name);
  if (first === undefined) throw new Error(`no ${name}`);
  return first;
}

const byId = (root: XmlElement, id: string): XmlElement | undefined =>
  [...walk(root)].find(({ attributes }) =>
    attributes.some(({ name, value }) => /^id$|ID$/i.test(name) && value === id),
  );
