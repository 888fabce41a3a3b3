/**
 * Reader of ASN.1 encodings (X.690): strict DER for what is signed or compared, BER for the files and
 * messages of others (indefinite lengths, strings in pieces).
 *
 * Invariants: no byte outside the input is read, depth and number of elements are bounded, the nodes
 * are views on the input (nothing is copied), and anything that does not fit is `E_ASN1_MALFORMED`.
 *
 * @module
 */

import { TopazError } from '../errors.js';

/** 0 universal, 1 application, 2 context-specific, 3 private. */
export type TagClass = 0 | 1 | 2 | 3;

/** One element (tag, length, value) as it was read. */
export interface DerNode {
  readonly tagClass: TagClass;
  /** Tag number without class and form. */
  readonly tag: number;
  readonly constructed: boolean;
  /** The whole element with tag and length, and the end mark of an indefinite length. */
  readonly bytes: Uint8Array;
  /** The value alone, without the end mark of an indefinite length. */
  readonly content: Uint8Array;
  /** Elements inside; empty for a primitive element. */
  readonly children: readonly DerNode[];
}

/** Options of {@link readBer}. */
export interface BerOptions {
  /** `true` ignores bytes after the first element. @default false */
  readonly trailing?: boolean | undefined;
}

const MAX_DEPTH = 48;
const MAX_NODES = 1_000_000;
const MAX_TAG = 0x0fffffff;
const MAX_LENGTH_BYTES = 4;

/** Universal types that DER writes as primitive: everything known but SEQUENCE, SET and EXTERNAL. */
const CONSTRUCTED_TYPES: ReadonlySet<number> = new Set([8, 11, 16, 17]);
/** Universal types that BER may write in pieces. */
const STRING_TYPES: ReadonlySet<number> = new Set([
  3, 4, 12, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 30,
]);

interface State {
  readonly bytes: Uint8Array;
  readonly strict: boolean;
  nodes: number;
}

interface Header {
  readonly tagClass: TagClass;
  readonly tag: number;
  readonly constructed: boolean;
  /** `undefined` for an indefinite length. */
  readonly length: number | undefined;
  /** Where the value begins. */
  readonly start: number;
}

/**
 * Reads exactly one element in DER: shortest lengths, definite lengths, no strings in pieces.
 *
 * @throws TopazError `E_ASN1_MALFORMED`, also for bytes after the element.
 */
export function readDer(bytes: Uint8Array): DerNode {
  return readOne(bytes, true, false);
}

/**
 * Reads one element in BER.
 *
 * @throws TopazError `E_ASN1_MALFORMED`, also for bytes after the element unless `trailing` is set.
 */
export function readBer(bytes: Uint8Array, { trailing = false }: BerOptions = {}): DerNode {
  return readOne(bytes, false, trailing);
}

/** The error for everything that is not well formed; the same code for readers of single values. */
export function malformed(reason: string): TopazError {
  return new TopazError('E_ASN1_MALFORMED', `malformed ASN.1: ${reason}`);
}

function readOne(bytes: Uint8Array, strict: boolean, trailing: boolean): DerNode {
  const node = readElement({ bytes, strict, nodes: 0 }, 0, bytes.length, 0);
  if (!trailing && node.bytes.length !== bytes.length) {
    throw malformed('bytes after the element');
  }
  return node;
}

function readElement(state: State, offset: number, end: number, depth: number): DerNode {
  if (depth > MAX_DEPTH) {
    throw malformed('nested too deeply');
  }
  state.nodes += 1;
  if (state.nodes > MAX_NODES) {
    throw malformed('too many elements');
  }
  const { bytes } = state;
  const header = readHeader(state, offset, end);
  const { tagClass, tag, constructed, length, start } = header;
  checkForm(header, state.strict);
  if (length === undefined) {
    const children: DerNode[] = [];
    let at = start;
    while (!isEndMark(bytes, at, end)) {
      const child = readElement(state, at, end, depth + 1);
      children.push(child);
      at += child.bytes.length;
    }
    const content = bytes.subarray(start, at);
    return { tagClass, tag, constructed, bytes: bytes.subarray(offset, at + 2), content, children };
  }
  const stop = start + length;
  const children: DerNode[] = [];
  for (let at = start; constructed && at < stop;) {
    const child = readElement(state, at, stop, depth + 1);
    children.push(child);
    at += child.bytes.length;
  }
  return {
    tagClass,
    tag,
    constructed,
    bytes: bytes.subarray(offset, stop),
    content: bytes.subarray(start, stop),
    children,
  };
}

function readHeader(state: State, offset: number, end: number): Header {
  const first = byteAt(state.bytes, offset, end);
  const { tag, next } =
    (first & 0x1f) === 0x1f
      ? readLongTag(state.bytes, offset + 1, end)
      : { tag: first & 0x1f, next: offset + 1 };
  const constructed = (first & 0x20) !== 0;
  const { length, start } = readLength(state, next, end, constructed);
  return { tagClass: tagClassOf(first), tag, constructed, length, start };
}

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
  { bytes, strict }: State,
  offset: number,
  end: number,
  constructed: boolean,
): { length: number | undefined; start: number } {
  const first = byteAt(bytes, offset, end);
  if (first === 0x80) {
    if (strict || !constructed) {
      throw malformed('indefinite length');
    }
    return { length: undefined, start: offset + 1 };
  }
  const start = first < 0x80 ? offset + 1 : offset + 1 + (first & 0x7f);
  const length = first < 0x80 ? first : readLongLength(bytes, offset + 1, start, end, strict);
  if (length > end - start) {
    throw malformed('length beyond the end');
  }
  return { length, start };
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

function checkForm({ tagClass, tag, constructed }: Header, strict: boolean): void {
  if (tagClass !== 0) {
    return;
  }
  if (tag === 0) {
    throw malformed('end mark without an indefinite length');
  }
  const mayBeConstructed = CONSTRUCTED_TYPES.has(tag) || (!strict && STRING_TYPES.has(tag));
  if (constructed ? !mayBeConstructed : CONSTRUCTED_TYPES.has(tag)) {
    throw malformed(`type ${tag} in the wrong form`);
  }
}

const isEndMark = (bytes: Uint8Array, at: number, end: number): boolean =>
  byteAt(bytes, at, end) === 0 && byteAt(bytes, at + 1, end) === 0;

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
