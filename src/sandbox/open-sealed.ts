/**
 * The sandbox's own opening of what is sealed for one of its services: three layers, each judged more
 * strictly than the official library does, with code of its own (etee §3 and §5). Only what an official
 * sender writes is let through; whose certificate it is, is for the caller to ask.
 *
 * @module
 */

import { constants, createDecipheriv, createHash, privateDecrypt, verify } from 'node:crypto';

import {
  OID_AES128_CBC,
  OID_CONTENT_TYPE,
  OID_DATA,
  OID_ENVELOPED_DATA,
  OID_MESSAGE_DIGEST,
  OID_RSA,
  OID_RSA_PSS,
  OID_RSA_SHA256,
  OID_SHA256,
  OID_SIGNED_DATA,
  OID_SIGNING_TIME,
} from '../der/oids.js';
import { readBer } from '../der/reader.js';
import type { DerNode } from '../der/reader.js';
import {
  isContext,
  readInteger,
  readOctetString,
  readOid,
  readSequence,
  readSet,
  readTime,
  stringBytes,
} from '../der/values.js';
import { parseCertificate } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import type { Credential } from './seal.js';

/** Why a sealed content is refused; the text says what was found. */
export class SealedContentError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SealedContentError';
  }
}

export interface OpenedContent {
  readonly content: Uint8Array;
  /** Certificate of the outer layer, not judged. */
  readonly signer: Certificate;
  /** The certificates beside it. */
  readonly others: readonly Certificate[];
  readonly signingTime: Date;
}

const KEY_BYTES = 16;
const PADDING_BYTES = 11;
const PSS_SALT = 32;

/**
 * Opens a sealed content.
 *
 * @param key Of the service that it is sealed for.
 * @throws SealedContentError
 */
export function openSealed(sealed: Uint8Array, key: Credential): OpenedContent {
  try {
    const outer = readSigned(sealed);
    const signer = outer.certificates.find(
      ({ serial, issuer }) => serial === outer.serial && same(issuer.der, outer.issuer),
    );
    if (signer === undefined) {
      throw new SealedContentError('the outer layer has no certificate of its signer');
    }
    const signingTime = verifyLayer(outer, signer, 'outer');
    const inner = readSigned(decrypt(outer.content, key));
    if (inner.certificates.length > 0 || inner.serial !== outer.serial) {
      throw new SealedContentError('the inner layer is signed by another certificate');
    }
    // One signature algorithm in both layers: the official receiver tells the kind of sender by it.
    if (policyOf(inner) !== policyOf(outer)) {
      throw new SealedContentError('the two layers are signed in different ways');
    }
    verifyLayer(inner, signer, 'inner');
    const others = outer.certificates.filter((entry) => entry !== signer);
    return { content: inner.content, signer, others, signingTime };
  } catch (error) {
    if (error instanceof SealedContentError) {
      throw error;
    }
    throw new SealedContentError('the sealed content is damaged, or sealed for another key');
  }
}

/** The encryption certificate inside a token that our registration authority signed. */
export function readToken(token: Uint8Array, ra: Certificate): Certificate {
  try {
    const { content, signature } = readSigned(token);
    if (verify('sha256', content, ra.publicKey, signature)) {
      return parseCertificate(content);
    }
  } catch {
    // Falls through: no token is as bad as one of somebody else.
  }
  throw new SealedContentError('not a token of the ETK-RA');
}

interface SignedLayer {
  readonly content: Uint8Array;
  readonly certificates: readonly Certificate[];
  readonly issuer: Uint8Array;
  readonly serial: bigint;
  /** `[0]` as written; `undefined` without signed attributes. */
  readonly attributes: DerNode | undefined;
  readonly algorithm: readonly DerNode[];
  readonly signature: Uint8Array;
}

function contentOf(bytes: Uint8Array, type: string): DerNode {
  const [oid, wrapped] = readSequence(readBer(bytes));
  const content = isContext(wrapped, 0) ? wrapped.children[0] : undefined;
  if (readOid(oid) !== type || content === undefined) {
    throw new SealedContentError('a layer of the sealed content has another type');
  }
  return content;
}

function readSigned(bytes: Uint8Array): SignedLayer {
  const [, digests, encapsulated, ...rest] = readSequence(contentOf(bytes, OID_SIGNED_DATA));
  const [contentType, wrapped] = readSequence(encapsulated);
  const [contentNode] = isContext(wrapped, 0) ? wrapped.children : [];
  const certificates = isContext(rest[0], 0) ? (rest.shift()?.children ?? []) : [];
  const signers = readSet(rest[0]);
  const [info] = signers;
  if (readOid(contentType) !== OID_DATA || info === undefined || signers.length !== 1) {
    throw new SealedContentError('a layer has not exactly one signer, or another content type');
  }
  const digestsRead = readSet(digests).map((node) => readOid(readSequence(node)[0]));
  const [, sid, digest, ...more] = readSequence(info);
  const attributes = isContext(more[0], 0) ? more.shift() : undefined;
  const [algorithm, signature] = more;
  if (readOid(readSequence(digest)[0]) !== OID_SHA256 || digestsRead.join() !== OID_SHA256) {
    throw new SealedContentError('a digest is not SHA-256');
  }
  const [issuer, serial] = readSequence(sid);
  return {
    content: readOctetString(contentNode),
    certificates: certificates.map((node) => parseCertificate(node.bytes)),
    issuer: issuer?.bytes ?? new Uint8Array(),
    serial: readInteger(serial),
    attributes,
    algorithm: readSequence(algorithm),
    signature: readOctetString(signature),
  };
}

/** @returns The signing time. */
function verifyLayer(layer: SignedLayer, signer: Certificate, name: 'outer' | 'inner'): Date {
  const { attributes } = layer;
  if (attributes === undefined) {
    throw new SealedContentError(`the ${name} layer has no signed attributes`);
  }
  const values = new Map(
    attributes.children.map((node): [string, DerNode | undefined] => {
      const [type, set] = readSequence(node);
      return [readOid(type), readSet(set)[0]];
    }),
  );
  const digest = createHash('sha256').update(layer.content).digest();
  const claimed = readOctetString(values.get(OID_MESSAGE_DIGEST));
  if (readOid(values.get(OID_CONTENT_TYPE)) !== OID_DATA || !same(claimed, digest)) {
    throw new SealedContentError(`the ${name} layer does not match its digest`);
  }
  // Signed as SET, written as [0]; an order that is not that of DER was not what was signed.
  const sorted = [...attributes.children].sort((a, b) => Buffer.compare(a.bytes, b.bytes));
  if (!sorted.every((node, at) => node === attributes.children[at])) {
    throw new SealedContentError(`the attributes of the ${name} layer are not in DER order`);
  }
  const signed = Buffer.concat([Uint8Array.of(0x31), attributes.bytes.subarray(1)]);
  if (!verify('sha256', signed, verifyKey(layer, signer), layer.signature)) {
    throw new SealedContentError(`the signature of the ${name} layer is wrong`);
  }
  return readTime(values.get(OID_SIGNING_TIME));
}

/** PSS is how an eHealth certificate signs, PKCS#1 how an eID does (etee §3.2). */
function policyOf({ algorithm: [oid] }: SignedLayer): 'pss' | 'pkcs1' {
  switch (readOid(oid)) {
    case OID_RSA_PSS:
      return 'pss';
    case OID_RSA:
    case OID_RSA_SHA256:
      return 'pkcs1';
    default:
      throw new SealedContentError('a signature is neither PSS nor PKCS#1');
  }
}

const verifyKey = (layer: SignedLayer, { publicKey }: Certificate) =>
  policyOf(layer) === 'pss'
    ? { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: PSS_SALT }
    : { key: publicKey, padding: constants.RSA_PKCS1_PADDING };

function decrypt(bytes: Uint8Array, { certificate, privateKey }: Credential): Uint8Array {
  const [, recipients, encrypted] = readSequence(contentOf(bytes, OID_ENVELOPED_DATA));
  const ours = readSet(recipients)
    .filter((node) => node.tagClass === 0)
    .map((node) => readSequence(node))
    .find(([, rid]) => {
      const [issuer, serial] = readSequence(rid);
      return (
        readInteger(serial) === certificate.serial &&
        same(issuer?.bytes ?? new Uint8Array(), certificate.subject.der)
      );
    });
  const [, cipher, content] = readSequence(encrypted);
  const [cipherOid, iv] = readSequence(cipher);
  if (ours === undefined) {
    throw new SealedContentError('not sealed for this service');
  }
  const [, , keyAlgorithm, wrapped] = ours;
  if (readOid(readSequence(keyAlgorithm)[0]) !== OID_RSA || readOid(cipherOid) !== OID_AES128_CBC) {
    throw new SealedContentError('another cipher than RSA PKCS#1 v1.5 and AES-128-CBC');
  }
  const block = privateDecrypt(
    { key: privateKey, padding: constants.RSA_NO_PADDING },
    readOctetString(wrapped),
  );
  const padding = block.subarray(2, block.length - KEY_BYTES - 1);
  const isPadded =
    block[0] === 0 &&
    block[1] === 2 &&
    padding.length >= PADDING_BYTES - 3 &&
    !padding.includes(0) &&
    block[block.length - KEY_BYTES - 1] === 0;
  if (!isPadded || !isContext(content, 0)) {
    throw new SealedContentError('the key of the content is damaged');
  }
  const key = block.subarray(block.length - KEY_BYTES);
  const decipher = createDecipheriv('aes-128-cbc', key, readOctetString(iv));
  return Buffer.concat([decipher.update(stringBytes(content)), decipher.final()]);
}

const same = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;
