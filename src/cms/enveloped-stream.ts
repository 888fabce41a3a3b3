/**
 * EnvelopedData (RFC 5652 §6) from a stream: first for whom, then the ciphertext, chunk by chunk.
 *
 * @module
 */

import { OID_ENVELOPED_DATA } from '../der/oids.js';
import { drain, type Pull } from '../der/pull.js';
import { malformed, type DerNode } from '../der/reader.js';
import { StreamReader } from '../der/stream-reader.js';
import {
  isContext,
  isType,
  readOctetString,
  readOid,
  readSequence,
  readSet,
  readSmallInteger,
} from '../der/values.js';
import { readAlgorithm, type AlgorithmIdentifier } from './algorithms.js';
import { readEntity, type EntityIdentifier } from './entity.js';
import {
  enterContentInfo,
  isSequence,
  isTagged,
  leaveContentInfo,
  takeTagged,
} from './signed-stream.js';

/** A recipient with a public key (KeyTransRecipientInfo). */
export interface KeyTransRecipient {
  readonly recipient: EntityIdentifier;
  readonly algorithm: AlgorithmIdentifier;
  readonly encryptedKey: Uint8Array;
}

/** Whoever holds a secret key (KEKRecipientInfo). */
export interface SecretKeyRecipient {
  readonly keyIdentifier: Uint8Array;
  readonly algorithm: AlgorithmIdentifier;
  readonly encryptedKey: Uint8Array;
}

/** For whom, and how; recipients of other kinds (passwords, agreed keys) are left out. */
export interface Envelope {
  readonly recipients: readonly KeyTransRecipient[];
  readonly secretKeys: readonly SecretKeyRecipient[];
  readonly cipher: AlgorithmIdentifier;
}

const MAX_RECIPIENTS = 10_000;

/**
 * Reads the ContentInfo of an EnvelopedData, BER or DER, to the end of the source.
 *
 * @param open Takes the ciphertext; what it leaves is read to its end all the same.
 * @throws TopazError `E_ASN1_MALFORMED`; errors of the source and of `open` pass through.
 */
export async function readEnvelopedStream(
  source: Pull,
  open: (envelope: Envelope, encrypted: Pull) => Promise<void>,
): Promise<void> {
  const reader = new StreamReader(source);
  await enterContentInfo(reader, OID_ENVELOPED_DATA);
  await reader.enter(isSequence);
  if (readSmallInteger(await reader.element()) > 4) {
    throw malformed('enveloped data of an unknown version');
  }
  await takeTagged(reader, 0); // certificates of the sender, not used
  const infos = readSet(await reader.element());
  if (infos.length > MAX_RECIPIENTS) {
    throw malformed('too many recipients');
  }
  await reader.enter(isSequence);
  readOid(await reader.element());
  const envelope: Envelope = {
    recipients: infos.filter((node) => isType(node, 'SEQUENCE')).map((node) => readKeyTrans(node)),
    secretKeys: infos.filter((node) => isContext(node, 2)).map((node) => readSecretKey(node)),
    cipher: readAlgorithm(await reader.element()),
  };
  const encrypted = await reader.openString(isTagged(0));
  await open(envelope, encrypted);
  await drain(encrypted);
  await reader.leave();
  await takeTagged(reader, 1); // attributes that nobody protects
  await leaveContentInfo(reader);
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

function readSecretKey({ children }: DerNode): SecretKeyRecipient {
  const [version, identifier, algorithm, encryptedKey, ...rest] = children;
  if (readSmallInteger(version) > 4 || rest.length > 0) {
    throw malformed('recipient of a wrong form');
  }
  return {
    keyIdentifier: readOctetString(readSequence(identifier)[0]),
    algorithm: readAlgorithm(algorithm),
    encryptedKey: readOctetString(encryptedKey),
  };
}
