/**
 * SignedData (RFC 5652 §5.1) from a stream: the content goes to a consumer chunk by chunk and is hashed on
 * its way; certificates and signers, which come after it, are handed out at the end.
 *
 * @module
 */

import { createHash, type Hash } from 'node:crypto';

import type { Header } from '../der/header.js';
import { OID_SHA256, OID_SIGNED_DATA } from '../der/oids.js';
import { drain, tap, type Pull } from '../der/pull.js';
import { malformed, type DerNode } from '../der/reader.js';
import { StreamReader } from '../der/stream-reader.js';
import { readOid, readSet } from '../der/values.js';
import { digestName, readAlgorithm, type DigestName } from './algorithms.js';
import { checkSignedVersion, MAX_CERTIFICATES, readSigners } from './signed-data.js';
import type { SignerInfo } from './signer-info.js';
import type { SignedContent } from './verify.js';

export interface SignedStream {
  /** `undefined` when the content travels elsewhere (detached). */
  readonly content: SignedContent | undefined;
  /** DER of the certificates, in the order of the message. */
  readonly certificates: readonly Uint8Array[];
  readonly signers: readonly SignerInfo[];
}

export const isSequence = ({ tagClass, tag }: Header): boolean => tagClass === 0 && tag === 16;
export const isOctetString = ({ tagClass, tag }: Header): boolean => tagClass === 0 && tag === 4;
export const isTagged =
  (n: number) =>
  ({ tagClass, tag }: Header): boolean =>
    tagClass === 2 && tag === n;

/**
 * Reads the ContentInfo of a SignedData, BER or DER, to the end of the source.
 *
 * @param consume Takes the octets of the content; what it leaves is read to its end all the same. Not
 *   called for a detached one.
 * @throws TopazError `E_ASN1_MALFORMED`; errors of the source and of the consumer pass through.
 */
export async function readSignedStream(
  source: Pull,
  consume: (octets: Pull) => Promise<void>,
): Promise<SignedStream> {
  const reader = new StreamReader(source);
  await enterContentInfo(reader, OID_SIGNED_DATA);
  await reader.enter(isSequence);
  checkSignedVersion(await reader.element());
  const hashes = startHashes(
    readSet(await reader.element()).map((node) => readAlgorithm(node).oid),
  );
  const content = await readContent(reader, hashes, consume);
  const certificates = await readCertificates(reader);
  await takeTagged(reader, 1); // revocation lists, not used
  const signers = readSigners(await reader.element());
  await leaveContentInfo(reader);
  return { content, certificates, signers };
}

async function readCertificates(reader: StreamReader): Promise<readonly Uint8Array[]> {
  const header = await reader.peek();
  if (header === undefined || !isTagged(0)(header)) {
    return [];
  }
  await reader.enter(isTagged(0));
  const certificates: Uint8Array[] = [];
  for (let next = await reader.peek(); next !== undefined; next = await reader.peek()) {
    if (certificates.length === MAX_CERTIFICATES) {
      throw malformed('too many certificates');
    }
    const bytes = await reader.bytes();
    // Attribute certificates and other kinds have context tags.
    if (isSequence(next)) {
      certificates.push(bytes);
    }
  }
  await reader.leave();
  return certificates;
}

type Hashes = ReadonlyMap<DigestName, Hash>;

/** SHA-256 always: it is what a sealed message is signed with, whatever the list says. */
function startHashes(algorithms: readonly string[]): Hashes {
  const hashes = new Map<DigestName, Hash>();
  for (const algorithm of [...algorithms, OID_SHA256]) {
    const name = digestName(algorithm);
    if (name !== undefined && !hashes.has(name)) {
      hashes.set(name, createHash(name));
    }
  }
  return hashes;
}

async function readContent(
  reader: StreamReader,
  hashes: Hashes,
  consume: (octets: Pull) => Promise<void>,
): Promise<SignedContent | undefined> {
  await reader.enter(isSequence);
  const contentType = readOid(await reader.element());
  if ((await reader.peek()) === undefined) {
    await reader.leave();
    return undefined;
  }
  await reader.enter(isTagged(0));
  const octets = tap(await reader.openString(isOctetString), (chunk) => {
    hashes.forEach((hash) => hash.update(chunk));
  });
  await consume(octets);
  await drain(octets);
  await reader.leave();
  await reader.leave();
  const digests = new Map([...hashes].map(([name, hash]) => [name, hash.digest()]));
  return { contentType, digest: (name) => digests.get(name) };
}

/** The element `[n]`, where it is there. */
export async function takeTagged(reader: StreamReader, n: number): Promise<DerNode | undefined> {
  const header = await reader.peek();
  return header !== undefined && isTagged(n)(header) ? reader.element() : undefined;
}

/** Goes to the content of a ContentInfo. */
export async function enterContentInfo(reader: StreamReader, type: string): Promise<void> {
  await reader.enter(isSequence);
  if (readOid(await reader.element()) !== type) {
    throw malformed('message of another type');
  }
  await reader.enter(isTagged(0));
}

/** Leaves the content, `[0]` and the ContentInfo, and looks at what follows. */
export async function leaveContentInfo(reader: StreamReader): Promise<void> {
  await reader.leave();
  await reader.leave();
  await reader.leave();
  await reader.finish();
}
