/**
 * Reader of BER from a stream (X.690): the frame is entered element by element, small elements are read
 * whole, and the octets of a large string come in chunks, whatever pieces it was written in.
 *
 * Memory is bounded: one chunk of the source, one buffer for short pieces, one small element. Depth is
 * bounded. The first fault is final: every later call fails in the same way, so that whoever reads an inner
 * layer cannot hide the fault of an outer one.
 *
 * @module
 */

import type { Header } from './header.js';
import { malformed } from './malformed.js';
import type { Pull } from './pull.js';
import { readBer, type DerNode } from './reader.js';
import { StreamCursor } from './stream-cursor.js';
import { concat } from './writer.js';

/** The string whose octets are being read. */
interface OpenString {
  /** Entered elements below it. */
  readonly depth: number;
  /** Octets left of the piece at hand. */
  left: number;
  /** Written as one piece: chunks are views. */
  readonly isWhole: boolean;
  buffer: Uint8Array | undefined;
}

/** Certificates of a long chain, thousands of recipients. */
const MAX_ELEMENT_BYTES = 8 * 1024 * 1024;
const MAX_ELEMENT_NODES = 300_000;
/** Shorter pieces are copied together. */
const MIN_VIEW_BYTES = 16 * 1024;
const BUFFER_BYTES = 64 * 1024;
const OCTET_STRING = 4;
const END_MARK = Uint8Array.of(0, 0);

export class StreamReader {
  readonly #cursor: StreamCursor;
  #string: OpenString | undefined;
  #fault: Error | undefined;

  constructor(pull: Pull) {
    this.#cursor = new StreamCursor(pull);
  }

  /**
   * Enters a constructed element that `is` accepts.
   *
   * @throws TopazError `E_ASN1_MALFORMED`, as every method here; errors of the source pass through.
   */
  async enter(is: (header: Header) => boolean): Promise<void> {
    try {
      const header = await this.#next();
      if (!header.constructed || !is(header)) {
        throw malformed('element of another type');
      }
      this.#cursor.push(header);
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** Leaves the element entered last, at its end. */
  async leave(): Promise<void> {
    try {
      await this.#ready();
      if (!this.#cursor.isEnd()) {
        throw malformed('element with too many parts');
      }
      this.#cursor.pop();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** The header of the next element, which stays to be read; `undefined` at the end of the one entered. */
  async peek(): Promise<Header | undefined> {
    try {
      await this.#ready();
      return this.#cursor.isEnd() ? undefined : this.#cursor.header();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** The next element as a whole, copied. */
  async element(): Promise<DerNode> {
    try {
      return readBer(await this.#whole(), { maxNodes: MAX_ELEMENT_NODES });
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** As {@link element}, without a look at what is inside. */
  async bytes(): Promise<Uint8Array> {
    try {
      return await this.#whole();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /**
   * Opens a string of octets (an OCTET STRING, or an implicit tag that `is` accepts). It must be read to
   * its end before anything else.
   */
  async openString(is: (header: Header) => boolean): Promise<Pull> {
    try {
      const header = await this.#next();
      if (!is(header)) {
        throw malformed('expected octets');
      }
      const { depth } = this.#cursor;
      const isWhole = !header.constructed;
      if (header.constructed) {
        this.#cursor.push(header);
      }
      const left = isWhole ? (header.length ?? 0) : 0;
      this.#string = { depth, left, isWhole, buffer: undefined };
    } catch (error) {
      throw this.#fail(error);
    }
    return async () => {
      try {
        this.#check();
        return await this.#octets();
      } catch (error) {
        throw this.#fail(error);
      }
    };
  }

  /** Reads to the end of the source, where only zero bytes may follow (etee §3.5). */
  async finish(): Promise<void> {
    try {
      this.#check();
      const cursor = this.#cursor;
      while (cursor.available > 0 || (await cursor.fill(1))) {
        if (cursor.take(cursor.available).some((byte) => byte !== 0)) {
          throw malformed('bytes after the message');
        }
      }
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #check(): void {
    if (this.#fault !== undefined) {
      throw this.#fault;
    }
  }

  #fail(error: unknown): Error {
    this.#fault ??= error instanceof Error ? error : malformed('the source failed');
    return this.#fault;
  }

  /** A header can be looked at. Nothing is awaited where it is there already: most of them are. */
  #ready(): Promise<unknown> | undefined {
    this.#check();
    return this.#cursor.needsMore ? this.#cursor.fillHeader() : undefined;
  }

  /** The next header, consumed. */
  async #next(): Promise<Header> {
    await this.#ready();
    if (this.#cursor.isEnd()) {
      throw malformed('element is missing');
    }
    const header = this.#cursor.header();
    this.#cursor.skip(header);
    return header;
  }

  async #whole(): Promise<Uint8Array> {
    await this.#ready();
    const cursor = this.#cursor;
    if (cursor.isEnd()) {
      throw malformed('element is missing');
    }
    const size = cursor.sizeOf(cursor.header());
    if (size !== undefined && size <= cursor.available) {
      return copyOf(cursor.take(size));
    }
    const parts: Uint8Array[] = [];
    await this.#collect(parts, { left: MAX_ELEMENT_BYTES });
    return concat(...parts);
  }

  /** Copies one element as it was written, with all that is inside an indefinite length. */
  async #collect(parts: Uint8Array[], budget: { left: number }): Promise<void> {
    const cursor = this.#cursor;
    if (cursor.needsMore) {
      await cursor.fillHeader();
    }
    const header = cursor.header();
    const size = cursor.sizeOf({ ...header, length: header.length ?? 0 }) ?? 0;
    budget.left -= size;
    if (budget.left < 0) {
      throw malformed('element too large');
    }
    for (let left = size; left > 0;) {
      if (cursor.available === 0 && !(await cursor.fill(1))) {
        throw malformed('cut off');
      }
      const part = copyOf(cursor.take(Math.min(left, cursor.available)));
      parts.push(part);
      left -= part.length;
    }
    if (header.length === undefined) {
      cursor.push(header);
      for (;;) {
        if (cursor.needsMore) {
          await cursor.fillHeader();
        }
        if (cursor.isEnd()) {
          break;
        }
        await this.#collect(parts, budget);
      }
      cursor.pop();
      parts.push(END_MARK);
    }
  }

  async #octets(): Promise<Uint8Array | undefined> {
    const string = this.#string;
    if (string === undefined) {
      return undefined;
    }
    const cursor = this.#cursor;
    let gathered = 0;
    for (;;) {
      if (string.left === 0) {
        const isThere = this.#nextPiece(string);
        if (isThere === undefined) {
          await cursor.fillHeader();
        } else if (!isThere) {
          this.#string = undefined;
          return gathered === 0 ? undefined : string.buffer?.subarray(0, gathered);
        }
        continue;
      }
      if (cursor.available === 0) {
        if (gathered >= MIN_VIEW_BYTES) {
          return string.buffer?.subarray(0, gathered);
        }
        if (!(await cursor.fill(1))) {
          throw malformed('cut off');
        }
      }
      const size = Math.min(string.left, cursor.available);
      if (gathered === 0 && (string.isWhole || size >= MIN_VIEW_BYTES)) {
        string.left -= size;
        return cursor.take(size);
      }
      string.buffer ??= new Uint8Array(BUFFER_BYTES);
      const fits = Math.min(size, BUFFER_BYTES - gathered);
      string.buffer.set(cursor.take(fits), gathered);
      gathered += fits;
      string.left -= fits;
      if (gathered === BUFFER_BYTES) {
        return string.buffer;
      }
    }
  }

  /**
   * Goes to the next piece of a string: `true` when there is one, `false` at its end, `undefined` when more
   * of the source is needed to tell.
   */
  #nextPiece(string: OpenString): boolean | undefined {
    const cursor = this.#cursor;
    for (;;) {
      if (cursor.depth === string.depth) {
        return false;
      }
      if (cursor.needsMore) {
        return undefined;
      }
      if (cursor.isEnd()) {
        cursor.pop();
        continue;
      }
      const header = cursor.header();
      if (header.tagClass !== 0 || header.tag !== OCTET_STRING) {
        throw malformed('string with a piece of another type');
      }
      cursor.skip(header);
      if (header.constructed) {
        cursor.push(header);
      } else {
        string.left = header.length ?? 0;
        return true;
      }
    }
  }
}

/** In the pool of small buffers: an array of its own costs more than the copy. */
function copyOf(view: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = Buffer.from(view);
  return new Uint8Array(buffer, byteOffset, length);
}
