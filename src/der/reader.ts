/**
 * Reader of ASN.1 encodings (X.690): strict DER for what is signed or compared, BER for the files and
 * messages of others (indefinite lengths, strings in pieces).
 *
 * Invariants: no byte outside the input is read, depth and number of elements are bounded, the nodes
 * are views on the input (nothing is copied), and anything that does not fit is `E_ASN1_MALFORMED`.
 *
 * @module
 */

import { isEndMark, MAX_DEPTH, readHeader, type Header, type TagClass } from './header.js';
import { malformed } from './malformed.js';

// Whoever reads elements reports them in the same way.
export { malformed } from './malformed.js';

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
  /** Elements inside; each costs some hundred bytes of memory. @default 1000000 */
  readonly maxNodes?: number | undefined;
}

const MAX_NODES = 1_000_000;

interface State {
  readonly bytes: Uint8Array;
  readonly strict: boolean;
  /** Elements that may still be read. */
  nodesLeft: number;
}

/**
 * Reads exactly one element in DER: shortest lengths, definite lengths, no strings in pieces.
 *
 * @throws TopazError `E_ASN1_MALFORMED`, also for bytes after the element.
 */
export function readDer(bytes: Uint8Array): DerNode {
  return readOne(bytes, true, { trailing: false, maxNodes: MAX_NODES });
}

/**
 * Reads one element in BER.
 *
 * @throws TopazError `E_ASN1_MALFORMED`, also for bytes after the element unless `trailing` is set.
 */
export function readBer(
  bytes: Uint8Array,
  { trailing = false, maxNodes = MAX_NODES }: BerOptions = {},
): DerNode {
  return readOne(bytes, false, { trailing, maxNodes });
}

function readOne(
  bytes: Uint8Array,
  strict: boolean,
  { trailing, maxNodes }: { readonly trailing: boolean; readonly maxNodes: number },
): DerNode {
  const node = readElement({ bytes, strict, nodesLeft: maxNodes }, 0, bytes.length, 0);
  if (!trailing && node.end !== bytes.length) {
    throw malformed('bytes after the element');
  }
  return node;
}

/** Most elements of a message are passed over: a view is made when it is asked for. */
class Element implements DerNode {
  readonly tagClass: TagClass;
  readonly tag: number;
  readonly constructed: boolean;
  readonly children: readonly DerNode[];
  /** Behind the whole element. */
  readonly end: number;
  // Not `#`: private names cost more to make than the rest of an element.
  private readonly source: Uint8Array;
  private readonly offset: number;
  private readonly start: number;
  private readonly stop: number;

  constructor(
    source: Uint8Array,
    offset: number,
    { tagClass, tag, constructed, start }: Header,
    { stop, end, children }: { stop: number; end: number; children: readonly DerNode[] },
  ) {
    this.tagClass = tagClass;
    this.tag = tag;
    this.constructed = constructed;
    this.children = children;
    this.end = end;
    this.source = source;
    this.offset = offset;
    this.start = start;
    this.stop = stop;
  }

  get bytes(): Uint8Array {
    return this.source.subarray(this.offset, this.end);
  }

  get content(): Uint8Array {
    return this.source.subarray(this.start, this.stop);
  }
}

const NONE: readonly DerNode[] = [];

function readElement(state: State, offset: number, end: number, depth: number): Element {
  if (depth > MAX_DEPTH) {
    throw malformed('nested too deeply');
  }
  state.nodesLeft -= 1;
  if (state.nodesLeft < 0) {
    throw malformed('too many elements');
  }
  const { bytes } = state;
  const header = readHeader(bytes, offset, end, state.strict);
  const { constructed, length, start } = header;
  if (length !== undefined && length > end - start) {
    throw malformed('length beyond the end');
  }
  if (length !== undefined && !constructed) {
    const stop = start + length;
    return new Element(bytes, offset, header, { stop, end: stop, children: NONE });
  }
  const children: DerNode[] = [];
  const stop = length === undefined ? undefined : start + length;
  let at = start;
  while (stop === undefined ? !isEndMark(bytes, at, end) : at < stop) {
    const child = readElement(state, at, stop ?? end, depth + 1);
    children.push(child);
    at = child.end;
  }
  return new Element(bytes, offset, header, { stop: at, end: stop ?? at + 2, children });
}
