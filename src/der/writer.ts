/**
 * Writer of DER: each function gives one whole element as bytes, and the composed ones take the bytes of
 * their parts, so that an encoding reads like its ASN.1 module.
 *
 * @module
 */

import { TopazError } from '../errors.js';

const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;

/** All parts behind each other, in a fresh array. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) {
    length += part.length;
  }
  const whole = new Uint8Array(length);
  fill(whole, 0, parts);
  return whole;
}

function fill(whole: Uint8Array, start: number, parts: readonly Uint8Array[]): void {
  let at = start;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
}

/** One element: a tag byte (numbers below 31), the length in its shortest form, the content. */
export function tlv(tagByte: number, ...content: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of content) {
    length += part.length;
  }
  const size = lengthSize(length);
  const element = new Uint8Array(1 + size + length);
  writeHeader(element, tagByte, length, size);
  fill(element, 1 + size, content);
  return element;
}

/** The head of an element whose content is written later. */
export function tlvHeader(tagByte: number, length: number): Uint8Array {
  const size = lengthSize(length);
  const header = new Uint8Array(1 + size);
  writeHeader(header, tagByte, length, size);
  return header;
}

/** Bytes that a length takes. */
function lengthSize(length: number): number {
  let size = 1;
  if (length >= 0x80) {
    for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) {
      size += 1;
    }
  }
  return size;
}

function writeHeader(element: Uint8Array, tagByte: number, length: number, size: number): void {
  element[0] = tagByte;
  if (size === 1) {
    element[1] = length;
    return;
  }
  element[1] = 0x80 | (size - 1);
  for (let at = size, rest = length; at > 1; at -= 1) {
    element[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => tlv(0x30, ...parts);

/** A SET in the order given: for a SET with one element, or with the sorted elements of another. */
export const set = (...parts: readonly Uint8Array[]): Uint8Array => tlv(0x31, ...parts);

/** A SET OF, sorted as DER asks (X.690 §11.6). */
export const setOf = (...parts: readonly Uint8Array[]): Uint8Array =>
  set(...parts.toSorted((a, b) => Buffer.compare(a, b)));

/** A signed integer of any size. */
export function integer(value: bigint | number): Uint8Array {
  const number = BigInt(value);
  let length = 1;
  while (BigInt.asIntN(length * 8, number) !== number) {
    length += 1;
  }
  const hex = BigInt.asUintN(length * 8, number)
    .toString(16)
    .padStart(length * 2, '0');
  return tlv(0x02, Buffer.from(hex, 'hex'));
}

/** A non-negative integer from its big-endian bytes (moduli, serial numbers, halves of a signature). */
export function unsignedInteger(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  const shortest = start < 0 ? Uint8Array.of(0) : bytes.subarray(start);
  return tlv(0x02, (shortest[0] ?? 0) >= 0x80 ? concat(Uint8Array.of(0), shortest) : shortest);
}

/** Object identifiers are few and written over and over. */
const identifiers = new Map<string, Uint8Array>();
const MAX_IDENTIFIERS = 512;

/** An object identifier from its dotted form. */
export function oid(dotted: string): Uint8Array {
  const known = identifiers.get(dotted);
  if (known !== undefined) {
    return known;
  }
  const encoded = encodeOid(dotted);
  if (identifiers.size < MAX_IDENTIFIERS) {
    identifiers.set(dotted, encoded);
  }
  return encoded;
}

function encodeOid(dotted: string): Uint8Array {
  if (!/^[0-2](?:\.(?:0|[1-9]\d*))+$/.test(dotted)) {
    throw new TopazError('E_INTERNAL', 'not an object identifier');
  }
  const [top = 0n, second = 0n, ...rest] = dotted.split('.').map((arc) => BigInt(arc));
  return tlv(0x06, ...[top * 40n + second, ...rest].map((arc) => base128(arc)));
}

export const octetString = (bytes: Uint8Array): Uint8Array => tlv(0x04, bytes);

/** @param unused How many low bits of the last byte do not count. */
export const bitString = (bytes: Uint8Array, unused = 0): Uint8Array =>
  tlv(0x03, concat(Uint8Array.of(unused), bytes));

export const nullValue = (): Uint8Array => Uint8Array.of(0x05, 0x00);

export const booleanValue = (value: boolean): Uint8Array =>
  Uint8Array.of(0x01, 0x01, value ? 0xff : 0x00);

export const utf8String = (text: string): Uint8Array => tlv(0x0c, Buffer.from(text, 'utf8'));

/** Whether every character belongs to PrintableString. */
export const isPrintable = (text: string): boolean => /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text);

/** @throws TopazError `E_INTERNAL` for a character outside the set: callers ask {@link isPrintable}. */
export function printableString(text: string): Uint8Array {
  if (!isPrintable(text)) {
    throw new TopazError('E_INTERNAL', 'text outside PrintableString');
  }
  return tlv(0x13, Buffer.from(text, 'latin1'));
}

/** @throws TopazError `E_INTERNAL` for a character outside ASCII. */
export function ia5String(text: string): Uint8Array {
  if (Buffer.byteLength(text) !== text.length) {
    throw new TopazError('E_INTERNAL', 'text outside IA5String');
  }
  return tlv(0x16, Buffer.from(text, 'latin1'));
}

/** UTF-16 big-endian (names in PKCS#12). */
export const bmpString = (text: string): Uint8Array =>
  tlv(0x1e, Buffer.from(text, 'utf16le').swap16());

/** UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5); whole seconds. */
export function time(date: Date): Uint8Array {
  const year = date.getUTCFullYear();
  return year >= 1950 && year < 2050 ? utcTime(date) : generalizedTime(date);
}

/** @throws TopazError `E_INTERNAL` for a year outside 1950–2049. */
export function utcTime(date: Date): Uint8Array {
  const year = date.getUTCFullYear();
  if (!(year >= 1950 && year < 2050)) {
    throw new TopazError('E_INTERNAL', 'year outside UTCTime');
  }
  return tlv(UTC_TIME, Buffer.from(`${digits(date).slice(2)}Z`, 'latin1'));
}

/** GeneralizedTime in whole seconds. */
export const generalizedTime = (date: Date): Uint8Array =>
  tlv(GENERALIZED_TIME, Buffer.from(`${digits(date)}Z`, 'latin1'));

/** `[n]` around whole elements (explicit tag, or an implicit one over a SEQUENCE or SET). */
export const context = (n: number, ...parts: readonly Uint8Array[]): Uint8Array =>
  tlv(0xa0 | n, ...parts);

/** `[n]` in place of the tag of a primitive element. */
export const contextPrimitive = (n: number, bytes: Uint8Array): Uint8Array => tlv(0x80 | n, bytes);

function base128(arc: bigint): Uint8Array {
  const bytes = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) {
    bytes.unshift(Number(rest & 0x7fn) | 0x80);
  }
  return Uint8Array.from(bytes);
}

/** `YYYYMMDDHHMMSS` in UTC. */
const digits = (date: Date): string => date.toISOString().slice(0, 19).replace(/[-T:]/g, '');
