/**
 * Frames of CMS messages: the bytes before and after a content that is written in between, chunk by chunk.
 *
 * DER names all lengths beforehand, so the length of the content must be known; BER leaves them open, and
 * writes the content in pieces. The official library reads both (etee §3.5).
 *
 * @module
 */

import { OID_DATA, OID_ENVELOPED_DATA, OID_SIGNED_DATA } from '../der/oids.js';
import { concat, context, integer, oid, setOf, tlvHeader } from '../der/writer.js';
import { SHA256_IDENTIFIER } from './algorithms.js';

export interface Frame {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
}

/** One of the two ways of writing. */
export interface Encoding {
  /** An element around a frame; `hole` is the length of the content. */
  wrap(tagByte: number, inside: Frame, hole: number): Frame;
  /** The innermost element: an OCTET STRING, or an implicit tag in its place. */
  string(tagByte: number, hole: number): Frame;
  /** What goes before each chunk of the content. */
  piece(length: number): Uint8Array;
}

const NOTHING: Frame = { head: new Uint8Array(), tail: new Uint8Array() };
const END_MARK = new Uint8Array(2);
const CONSTRUCTED = 0x20;

const SEQUENCE = 0x30;
const OCTET_STRING = 0x04;
/** `[0]`: constructed around elements, primitive in place of an OCTET STRING. */
const EXPLICIT_0 = 0xa0;
const IMPLICIT_0 = 0x80;

export const DER: Encoding = {
  wrap: (tagByte, { head, tail }, hole) => ({
    head: concat(tlvHeader(tagByte, head.length + hole + tail.length), head),
    tail,
  }),
  string: (tagByte, hole) => DER.wrap(tagByte, NOTHING, hole),
  piece: () => NOTHING.head,
};

export const BER: Encoding = {
  wrap: (tagByte, { head, tail }) => ({
    head: concat(Uint8Array.of(tagByte, 0x80), head),
    tail: concat(tail, END_MARK),
  }),
  string: (tagByte, hole) => BER.wrap(tagByte | CONSTRUCTED, NOTHING, hole),
  piece: (length) => tlvHeader(OCTET_STRING, length),
};

const beside = (before: Uint8Array, { head, tail }: Frame, after: Uint8Array): Frame => ({
  head: concat(before, head),
  tail: concat(tail, after),
});

export interface SignedParts {
  /** As {@link certificateSet} gives them. */
  readonly certificates: Uint8Array;
  /** DER of the SignerInfo. */
  readonly signerInfo: Uint8Array;
}

/** DER certificates in the order given: the official receiver depends on it (etee §3.4). */
export const certificateSet = (certificates: readonly Uint8Array[]): Uint8Array =>
  certificates.length === 0 ? NOTHING.head : context(0, ...certificates);

/** The ContentInfo of a SignedData over data, with one signer and SHA-256. */
export function signedFrame(
  encoding: Encoding,
  hole: number,
  { certificates, signerInfo }: SignedParts,
): Frame {
  const wrap = (tagByte: number, inside: Frame): Frame => encoding.wrap(tagByte, inside, hole);
  const content = wrap(EXPLICIT_0, encoding.string(OCTET_STRING, hole));
  const encapsulated = wrap(SEQUENCE, beside(oid(OID_DATA), content, NOTHING.tail));
  const signedData = beside(
    concat(integer(1), setOf(SHA256_IDENTIFIER)),
    encapsulated,
    concat(certificates, setOf(signerInfo)),
  );
  return contentInfo(encoding, hole, OID_SIGNED_DATA, signedData);
}

export interface EnvelopedParts {
  /** 0, or 2 with a recipient that is not named by issuer and serial number (RFC 5652 §6.1). */
  readonly version: 0 | 2;
  /** DER of each RecipientInfo. */
  readonly recipientInfos: readonly Uint8Array[];
  /** DER of the cipher's algorithm identifier. */
  readonly algorithm: Uint8Array;
}

/** The ContentInfo of an EnvelopedData over data; `hole` is the length of the ciphertext. */
export function envelopedFrame(
  encoding: Encoding,
  hole: number,
  { version, recipientInfos, algorithm }: EnvelopedParts,
): Frame {
  const wrap = (tagByte: number, inside: Frame): Frame => encoding.wrap(tagByte, inside, hole);
  const encrypted = beside(
    concat(oid(OID_DATA), algorithm),
    encoding.string(IMPLICIT_0, hole),
    NOTHING.tail,
  );
  const envelopedData = beside(
    concat(integer(version), setOf(...recipientInfos)),
    wrap(SEQUENCE, encrypted),
    NOTHING.tail,
  );
  return contentInfo(encoding, hole, OID_ENVELOPED_DATA, envelopedData);
}

function contentInfo(encoding: Encoding, hole: number, type: string, inside: Frame): Frame {
  const content = encoding.wrap(EXPLICIT_0, encoding.wrap(SEQUENCE, inside, hole), hole);
  return encoding.wrap(SEQUENCE, beside(oid(type), content, NOTHING.tail), hole);
}

/** Bytes of a content in its frame. */
export const framedLength = ({ head, tail }: Frame, hole: number): number =>
  head.length + hole + tail.length;
