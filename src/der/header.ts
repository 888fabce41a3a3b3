/**
 * Tag and length of one ASN.1 element (X.690 §8.1), for the readers of whole encodings and of streams.
 *
 * @module
 */

import { malformed } from './malformed.js';

/** 0 universal, 1 application, 2 context-specific, 3 private. */
export type TagClass = 0 | 1 | 2 | 3;

export interface Header {
  readonly tagClass: TagClass;
  /** Tag number without class and form. */
  readonly tag: number;
  readonly constructed: boolean;
  /** `undefined` for an indefinite length. */
  readonly length: number | undefined;
  /** Where the value begins. */
  readonly start: number;
}

/** No header that is accepted has more bytes. */
export const MAX_HEADER_BYTES = 10;
/** Elements inside elements. */
export const MAX_DEPTH = 48;

const MAX_TAG = 0x0fffffff;
const MAX_LENGTH_BYTES = 4;

/** Universal types that DER writes as primitive: everything known but SEQUENCE, SET and EXTERNAL. */
const CONSTRUCTED_TYPES: ReadonlySet<number> = new Set([8, 11, 16, 17]);
/** Universal types that BER may write in pieces. */
const STRING_TYPES: ReadonlySet<number> = new Set([
  3, 4, 12, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 30,
]);

/**
 * Reads the header at `offset`; whether the value fits is for the caller to see.
 *
 * @param strict DER: definite lengths in their shortest form, no strings in pieces.
 * @throws TopazError `E_ASN1_MALFORMED`, also for a header that is cut off at `end`.
 */
export function readHeader(
  bytes: Uint8Array,
  offset: number,
  end: number,
  strict: boolean,
): Header {
  const first = byteAt(bytes, offset, end);
  const long = (first & 0x1f) === 0x1f ? readLongTag(bytes, offset + 1, end) : undefined;
  const tag = long?.tag ?? first & 0x1f;
  const constructed = (first & 0x20) !== 0;
  const { length, start } = readLength(bytes, long?.next ?? offset + 1, end, {
    strict,
    constructed,
  });
  const tagClass = tagClassOf(first);
  if (tagClass === 0) {
    checkForm(tag, constructed, strict);
  }
  return { tagClass, tag, constructed, length, start };
}

/** Whether an indefinite length ends here. */
export const isEndMark = (bytes: Uint8Array, at: number, end: number): boolean =>
  byteAt(bytes, at, end) === 0 && byteAt(bytes, at + 1, end) === 0;

function readLongTag(
  bytes: Uint8Array,
  offset: number,
  end: number,
): { tag: number; next: number } {
  let tag = 0;
  for (let at = offset; ; at += 1) {
    const byte = byteAt(bytes, at, end);
    if (at === offset && byte === 0x80) {
      throw malformed('tag number with leading zeros');
    }
    tag = tag * 128 + (byte & 0x7f);
    if (tag > MAX_TAG) {
      throw malformed('tag number too large');
    }
    if ((byte & 0x80) === 0) {
      if (tag < 31) {
        throw malformed('tag number not in the shortest form');
      }
      return { tag, next: at + 1 };
    }
  }
}

function readLength(
  bytes: Uint8Array,
  offset: number,
  end: number,
  { strict, constructed }: { readonly strict: boolean; readonly constructed: boolean },
): { length: number | undefined; start: number } {
  const first = byteAt(bytes, offset, end);
  if (first === 0x80) {
    if (strict || !constructed) {
      throw malformed('indefinite length');
    }
    return { length: undefined, start: offset + 1 };
  }
  if (first < 0x80) {
    return { length: first, start: offset + 1 };
  }
  const start = offset + 1 + (first & 0x7f);
  return { length: readLongLength(bytes, offset + 1, start, end, strict), start };
}

function readLongLength(
  bytes: Uint8Array,
  offset: number,
  stop: number,
  end: number,
  strict: boolean,
): number {
  // BER allows leading zeros; they count against the limit, nobody pads a length further.
  if (stop - offset > MAX_LENGTH_BYTES) {
    throw malformed('length too large');
  }
  let length = 0;
  for (let at = offset; at < stop; at += 1) {
    length = length * 256 + byteAt(bytes, at, end);
  }
  if (strict && (length < 0x80 || byteAt(bytes, offset, end) === 0)) {
    throw malformed('length not in the shortest form');
  }
  return length;
}

function checkForm(tag: number, constructed: boolean, strict: boolean): void {
  if (tag === 0) {
    throw malformed('end mark without an indefinite length');
  }
  const mayBeConstructed = CONSTRUCTED_TYPES.has(tag) || (!strict && STRING_TYPES.has(tag));
  if (constructed ? !mayBeConstructed : CONSTRUCTED_TYPES.has(tag)) {
    throw malformed(`type ${tag} in the wrong form`);
  }
}

function byteAt(bytes: Uint8Array, at: number, end: number): number {
  const byte = at < end ? bytes[at] : undefined;
  if (byte === undefined) {
    throw malformed('cut off');
  }
  return byte;
}

function tagClassOf(first: number): TagClass {
  const value = first >> 6;
  return value === 0 ? 0 : value === 1 ? 1 : value === 2 ? 2 : 3;
}
