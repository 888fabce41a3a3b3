/**
 * CMS messages of a test, whole: made from parts, also wrong ones, and taken apart. The product writes and
 * reads streams.
 *
 * @module
 */

import { SHA256_IDENTIFIER } from '../../src/cms/algorithms.js';
import type { AlgorithmIdentifier } from '../../src/cms/algorithms.js';
import { decryptContent, startEncryption } from '../../src/cms/content-cipher.js';
import { encodeContentInfo } from '../../src/cms/content-info.js';
import { readEnvelopedStream, type Envelope } from '../../src/cms/enveloped-stream.js';
import { encodeKeyTrans } from '../../src/cms/recipient-info.js';
import { readSignedStream, type SignedStream } from '../../src/cms/signed-stream.js';
import { OID_DATA, OID_ENVELOPED_DATA, OID_SIGNED_DATA } from '../../src/der/oids.js';
import { pullBytes, type Pull } from '../../src/der/pull.js';
import {
  concat,
  context,
  contextPrimitive,
  integer,
  octetString,
  oid,
  sequence,
  setOf,
} from '../../src/der/writer.js';
import type { Certificate } from '../../src/x509/certificate.js';

export interface SignedDataParts {
  readonly contentType: string;
  readonly content: Uint8Array;
  readonly certificates: readonly Uint8Array[];
  readonly signerInfos: readonly Uint8Array[];
}

export const encodeSignedData = ({
  contentType,
  content,
  certificates,
  signerInfos,
}: SignedDataParts): Uint8Array =>
  encodeContentInfo(
    OID_SIGNED_DATA,
    sequence(
      integer(1),
      setOf(SHA256_IDENTIFIER),
      sequence(oid(contentType), context(0, octetString(content))),
      certificates.length === 0 ? concat() : context(0, ...certificates),
      setOf(...signerInfos),
    ),
  );

/** AES-128-CBC under a fresh key. */
export function encryptContent(content: Uint8Array): {
  readonly key: Uint8Array;
  readonly algorithm: Uint8Array;
  readonly encrypted: Uint8Array;
} {
  const { key, algorithm, cipher } = startEncryption();
  return { key, algorithm, encrypted: Buffer.concat([cipher.update(content), cipher.final()]) };
}

export function encodeEnvelopedData(
  content: Uint8Array,
  recipients: readonly Certificate[],
): Uint8Array {
  const { key, algorithm, encrypted } = encryptContent(content);
  return encodeContentInfo(
    OID_ENVELOPED_DATA,
    sequence(
      integer(0),
      setOf(...recipients.map((certificate) => encodeKeyTrans(certificate, key))),
      sequence(oid(OID_DATA), algorithm, contextPrimitive(0, encrypted)),
    ),
  );
}

/** Everything that a source gives. */
export async function gather(pull: Pull): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let chunk = await pull(); chunk !== undefined; chunk = await pull()) {
    // A chunk is valid until the next one.
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}

export async function readSigned(
  bytes: Uint8Array,
  chunkBytes?: number,
): Promise<SignedStream & { readonly octets: Buffer }> {
  let octets: Buffer = Buffer.alloc(0);
  const data = await readSignedStream(pullBytes(bytes, chunkBytes), async (content) => {
    octets = await gather(content);
  });
  return { ...data, octets };
}

export async function readEnveloped(
  bytes: Uint8Array,
  chunkBytes?: number,
): Promise<Envelope & { readonly encrypted: Buffer }> {
  let read: (Envelope & { readonly encrypted: Buffer }) | undefined;
  await readEnvelopedStream(pullBytes(bytes, chunkBytes), async (envelope, encrypted) => {
    read = { ...envelope, encrypted: await gather(encrypted) };
  });
  return read!;
}

/** `undefined` for a content that cannot be decrypted. */
export const decrypt = (
  cipher: AlgorithmIdentifier,
  key: Uint8Array,
  encrypted: Uint8Array,
): Promise<Buffer | undefined> =>
  gather(decryptContent(cipher, key, pullBytes(encrypted))).catch(() => undefined);
