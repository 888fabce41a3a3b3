/**
 * Values out of ASN.1 elements: each function checks the tag and the form of the content and refuses
 * anything else with `E_ASN1_MALFORMED`. A missing element (`undefined`) is refused in the same way, so
 * that a parser can write `const [version, serial] = readSequence(node)` and go on.
 *
 * @module
 */

import { concat } from './writer.js';
import { malformed, type DerNode } from './reader.js';

const TAGS = {
  BOOLEAN: 1,
  INTEGER: 2,
  'BIT STRING': 3,
  'OCTET STRING': 4,
  NULL: 5,
  OID: 6,
  ENUMERATED: 10,
  UTF8String: 12,
  SEQUENCE: 16,
  SET: 17,
  NumericString: 18,
  PrintableString: 19,
  T61String: 20,
  IA5String: 22,
  UTCTime: 23,
  GeneralizedTime: 24,
  VisibleString: 26,
  BMPString: 30,
} as const;

/** Names of the universal types that {@link expectTag} knows. */
export type TypeName = keyof typeof TAGS;

/** More than any serial number or RSA modulus in sight. */
const MAX_INTEGER_BYTES = 4096;
const MAX_OID_BYTES = 128;

/** The element itself, once its type is sure. */
export function expectTag(node: DerNode | undefined, type: TypeName): DerNode {
  if (node === undefined) {
    throw malformed(`${type} is missing`);
  }
  if (node.tagClass !== 0 || node.tag !== TAGS[type]) {
    throw malformed(`expected ${type}`);
  }
  return node;
}

/** Whether this is `[n]`, of whatever form. */
export function isContext(node: DerNode | undefined, n: number): node is DerNode {
  return node?.tagClass === 2 && node.tag === n;
}

/** Whether this is an element of that universal type. */
export function isType(node: DerNode | undefined, type: TypeName): node is DerNode {
  return node?.tagClass === 0 && node.tag === TAGS[type];
}

/** The elements of a SEQUENCE. */
export const readSequence = (node: DerNode | undefined): readonly DerNode[] =>
  expectTag(node, 'SEQUENCE').children;

/** The elements of a SET, in the order read. */
export const readSet = (node: DerNode | undefined): readonly DerNode[] =>
  expectTag(node, 'SET').children;

/** A signed integer in the shortest form. */
export function readInteger(node: DerNode | undefined): bigint {
  const { content } = expectTag(node, 'INTEGER');
  const [first, second] = content;
  if (first === undefined || content.length > MAX_INTEGER_BYTES) {
    throw malformed('integer of a wrong length');
  }
  if (second !== undefined && (first === 0 ? second < 0x80 : first === 0xff && second >= 0x80)) {
    throw malformed('integer not in the shortest form');
  }
  const value = BigInt(`0x${Buffer.from(content).toString('hex')}`);
  return first < 0x80 ? value : value - (1n << BigInt(content.length * 8));
}

/** An integer that a program counts with: 0 … 2^31-1 (versions, iterations, sizes). */
export function readSmallInteger(node: DerNode | undefined): number {
  const { content } = expectTag(node, 'INTEGER');
  const [only] = content;
  if (only !== undefined && content.length === 1 && only < 0x80) {
    return only;
  }
  const value = readInteger(node);
  if (value < 0n || value > 0x7fffffffn) {
    throw malformed('integer out of range');
  }
  return Number(value);
}

/** Object identifiers are few and read over and over: by a sum of their bytes, to be compared. */
const identifiers = new Map<number, { readonly content: Uint8Array; readonly dotted: string }>();
const MAX_IDENTIFIERS = 512;

/** Dotted form, for example `1.2.840.113549.1.1.11`. */
export function readOid(node: DerNode | undefined): string {
  const { content } = expectTag(node, 'OID');
  const { length } = content;
  if (length === 0 || length > MAX_OID_BYTES || (content[length - 1] ?? 0) >= 0x80) {
    throw malformed('object identifier of a wrong length');
  }
  let sum = length;
  for (const byte of content) {
    sum = (Math.imul(sum, 31) + byte) | 0;
  }
  const known = identifiers.get(sum);
  if (known !== undefined && sameBytes(known.content, content)) {
    return known.dotted;
  }
  const dotted = decodeOid(content);
  if (identifiers.size < MAX_IDENTIFIERS) {
    identifiers.set(sum, { content: Uint8Array.from(content), dotted });
  }
  return dotted;
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);

function decodeOid(content: Uint8Array): string {
  const arcs: bigint[] = [];
  let arc = 0n;
  let fresh = true;
  for (const byte of content) {
    if (fresh && byte === 0x80) {
      throw malformed('object identifier not in the shortest form');
    }
    arc = arc * 128n + BigInt(byte & 0x7f);
    fresh = byte < 0x80;
    if (fresh) {
      arcs.push(arc);
      arc = 0n;
    }
  }
  const [root = 0n, ...rest] = arcs;
  const top = root < 80n ? root / 40n : 2n;
  return [top, root - top * 40n, ...rest].join('.');
}

/** The bytes of an OCTET STRING; pieces of a constructed one are joined. */
export const readOctetString = (node: DerNode | undefined): Uint8Array =>
  stringBytes(expectTag(node, 'OCTET STRING'));

/** The bytes of a BIT STRING that holds whole bytes (keys, signatures). */
export function readBitString(node: DerNode | undefined): Uint8Array {
  const { unused, bytes } = readBits(node);
  if (unused !== 0) {
    throw malformed('bit string with unused bits');
  }
  return bytes;
}

/** A BIT STRING of any length: the bytes and how many bits of the last one do not count. */
export function readBits(node: DerNode | undefined): { unused: number; bytes: Uint8Array } {
  const { constructed, content, children } = expectTag(node, 'BIT STRING');
  if (constructed) {
    const pieces = children.map((child) => readBits(child));
    if (pieces.slice(0, -1).some((piece) => piece.unused !== 0)) {
      throw malformed('bit string with unused bits inside');
    }
    return {
      unused: pieces.at(-1)?.unused ?? 0,
      bytes: concat(...pieces.map((piece) => piece.bytes)),
    };
  }
  const [unused] = content;
  if (unused === undefined || unused > 7 || (content.length === 1 && unused !== 0)) {
    throw malformed('bit string of a wrong form');
  }
  return { unused, bytes: content.subarray(1) };
}

/** The text of a PrintableString, UTF8String, IA5String, T61String (read as Latin-1), BMPString … */
export function readText(node: DerNode | undefined): string {
  if (node?.tagClass !== 0) {
    throw malformed('expected text');
  }
  const bytes = stringBytes(node);
  switch (node.tag) {
    case TAGS.UTF8String:
      return decodeUtf8(bytes);
    case TAGS.BMPString:
      return decodeBmp(bytes);
    case TAGS.T61String:
      return Buffer.from(bytes).toString('latin1');
    case TAGS.NumericString:
    case TAGS.PrintableString:
    case TAGS.IA5String:
    case TAGS.VisibleString:
      if (bytes.some((byte) => byte >= 0x80)) {
        throw malformed('text outside its character set');
      }
      return Buffer.from(bytes).toString('latin1');
    default:
      throw malformed('expected text');
  }
}

/** UTCTime (1950–2049) or GeneralizedTime, both in UTC. */
export function readTime(node: DerNode | undefined): Date {
  const isUtc = isType(node, 'UTCTime');
  const { content } = isUtc ? node : expectTag(node, 'GeneralizedTime');
  const text = Buffer.from(content).toString('latin1');
  const form = isUtc ? /^\d{10}(\d{2})?Z$/ : /^\d{14}(\.\d{1,9})?Z$/;
  if (!form.test(text)) {
    throw malformed('time of a wrong form');
  }
  const [year, from] = isUtc ? [Number(text.slice(0, 2)), 2] : [Number(text.slice(0, 4)), 4];
  // Seconds may be left out of a UTCTime in BER.
  const two = (pair: number): number => Number(text.slice(from + 2 * pair, from + 2 * pair + 2));
  const [month, day, hour, minute] = [two(0), two(1), two(2), two(3)];
  const second = text.length === 11 ? 0 : two(4);
  const fraction = isUtc ? 0 : Number(`0${text.slice(14, -1)}`);
  const full = isUtc ? year + (year < 50 ? 2000 : 1900) : year;
  const date = new Date(Date.UTC(2000, month - 1, day, hour, minute, second));
  date.setUTCFullYear(full, month - 1, day);
  date.setUTCMilliseconds(Math.floor(fraction * 1000));
  const fits =
    month >= 1 && month <= 12 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!fits || hour > 23 || minute > 59 || second > 59) {
    throw malformed('no such time');
  }
  return date;
}

/** DER knows two values: 00 and FF. */
export function readBoolean(node: DerNode | undefined): boolean {
  const { content } = expectTag(node, 'BOOLEAN');
  const [value] = content;
  if (content.length !== 1 || (value !== 0 && value !== 0xff)) {
    throw malformed('boolean of a wrong form');
  }
  return value === 0xff;
}

/**
 * The bytes of a string of any type: as they are, or the joined pieces of a constructed one. Also for
 * `[n] IMPLICIT OCTET STRING`, whose pieces are ordinary OCTET STRINGs.
 */
export function stringBytes(node: DerNode): Uint8Array {
  if (!node.constructed) {
    return node.content;
  }
  const pieceTag = node.tagClass === 0 ? node.tag : TAGS['OCTET STRING'];
  return concat(
    ...node.children.map((child) => {
      if (child.tagClass !== 0 || (child.tag !== pieceTag && child.tag !== TAGS['OCTET STRING'])) {
        throw malformed('string with a piece of another type');
      }
      return stringBytes(child);
    }),
  );
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed('text outside its character set');
  }
}

function decodeBmp(bytes: Uint8Array): string {
  if (bytes.length % 2 !== 0) {
    throw malformed('text outside its character set');
  }
  return Buffer.from(bytes).swap16().toString('utf16le');
}
