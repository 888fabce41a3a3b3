/**
 * EnvelopedData (RFC 5652 §6): an encrypted content and its key, wrapped for each recipient.
 *
 * @module
 */

import { constants, publicEncrypt } from 'node:crypto';

import { OID_DATA, OID_ENVELOPED_DATA } from '../der/oids.js';
import { malformed, type DerNode } from '../der/reader.js';
import {
  isContext,
  isType,
  readOctetString,
  readOid,
  readSequence,
  readSet,
  readSmallInteger,
  stringBytes,
} from '../der/values.js';
import { contextPrimitive, integer, octetString, oid, sequence, setOf } from '../der/writer.js';
import type { Certificate } from '../x509/certificate.js';
import { readAlgorithm, RSA_IDENTIFIER, type AlgorithmIdentifier } from './algorithms.js';
import { encryptContent } from './content-cipher.js';
import { encodeContentInfo, readContentInfo } from './content-info.js';
import { encodeIssuerAndSerial, readEntity, type EntityIdentifier } from './entity.js';

/** A recipient with a public key (KeyTransRecipientInfo). */
export interface KeyTransRecipient {
  readonly recipient: EntityIdentifier;
  readonly algorithm: AlgorithmIdentifier;
  readonly encryptedKey: Uint8Array;
}

export interface EnvelopedData {
  /** Recipients with a public key; those of other kinds (secret keys, passwords) are left out. */
  readonly recipients: readonly KeyTransRecipient[];
  readonly cipher: AlgorithmIdentifier;
  /** The ciphertext, its pieces joined. */
  readonly encrypted: Uint8Array;
}

const MAX_RECIPIENTS = 10_000;

/**
 * Reads the ContentInfo of an EnvelopedData, BER or DER.
 *
 * @throws TopazError `E_ASN1_MALFORMED`
 */
export function readEnvelopedData(bytes: Uint8Array): EnvelopedData {
  const [version, ...rest] = readSequence(readContentInfo(bytes, OID_ENVELOPED_DATA));
  if (readSmallInteger(version) > 4) {
    throw malformed('enveloped data of an unknown version');
  }
  if (isContext(rest[0], 0)) {
    rest.shift(); // certificates of the sender, not used
  }
  const [recipientInfos, encryptedContentInfo, unprotected, ...more] = rest;
  if (more.length > 0 || (unprotected !== undefined && !isContext(unprotected, 1))) {
    throw malformed('enveloped data of a wrong form');
  }
  const infos = readSet(recipientInfos);
  if (infos.length > MAX_RECIPIENTS) {
    throw malformed('too many recipients');
  }
  return {
    recipients: infos.filter((node) => isType(node, 'SEQUENCE')).map((node) => readKeyTrans(node)),
    ...readEncrypted(encryptedContentInfo),
  };
}

function readKeyTrans(node: DerNode): KeyTransRecipient {
  const [version, recipient, algorithm, encryptedKey, ...rest] = readSequence(node);
  if (readSmallInteger(version) > 2 || rest.length > 0) {
    throw malformed('recipient of a wrong form');
  }
  return {
    recipient: readEntity(recipient),
    algorithm: readAlgorithm(algorithm),
    encryptedKey: readOctetString(encryptedKey),
  };
}

function readEncrypted(node: DerNode | undefined): Pick<EnvelopedData, 'cipher' | 'encrypted'> {
  const [contentType, cipher, content, ...rest] = readSequence(node);
  readOid(contentType);
  if (!isContext(content, 0) || rest.length > 0) {
    throw malformed('encrypted content of a wrong form');
  }
  return { cipher: readAlgorithm(cipher), encrypted: stringBytes(content) };
}

/**
 * Encrypts a content (AES-128-CBC) for the holders of RSA certificates (PKCS#1 v1.5).
 *
 * @returns DER of the ContentInfo.
 */
export function encodeEnvelopedData(
  content: Uint8Array,
  recipients: readonly Certificate[],
): Uint8Array {
  const { key, algorithm, encrypted } = encryptContent(content);
  try {
    return encodeContentInfo(
      OID_ENVELOPED_DATA,
      sequence(
        integer(0),
        setOf(...recipients.map((certificate) => keyTrans(certificate, key))),
        sequence(oid(OID_DATA), algorithm, contextPrimitive(0, encrypted)),
      ),
    );
  } finally {
    key.fill(0);
  }
}

const keyTrans = (certificate: Certificate, key: Uint8Array): Uint8Array =>
  sequence(
    integer(0),
    encodeIssuerAndSerial(certificate),
    RSA_IDENTIFIER,
    octetString(
      publicEncrypt({ key: certificate.publicKey, padding: constants.RSA_PKCS1_PADDING }, key),
    ),
  );
