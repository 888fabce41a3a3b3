/**
 * Where a reader of a stream stands: the chunk at hand, and the elements that were entered. Everything but
 * filling is done at once, on bytes that are there.
 *
 * @module
 */

import { isEndMark, MAX_DEPTH, MAX_HEADER_BYTES, readHeader, type Header } from './header.js';
import { malformed } from './malformed.js';
import type { Pull } from './pull.js';
import { concat } from './writer.js';

/** An entered element. */
interface Frame {
  /** Where it ends; for an indefinite length, where whatever it stands in ends. */
  readonly end: number;
  readonly isIndefinite: boolean;
}

export class StreamCursor {
  readonly #pull: Pull;
  #chunk: Uint8Array = new Uint8Array();
  #at = 0;
  /** Position of the chunk in the stream. */
  #base = 0;
  #isOver = false;
  readonly #frames: Frame[] = [];

  constructor(pull: Pull) {
    this.#pull = pull;
  }

  /** Bytes at hand. */
  get available(): number {
    return this.#chunk.length - this.#at;
  }

  /** How many elements were entered. */
  get depth(): number {
    return this.#frames.length;
  }

  /** Whether a header may be cut off by the end of the chunk: {@link fillHeader} comes first. */
  get needsMore(): boolean {
    return this.available < MAX_HEADER_BYTES && !this.#isOver;
  }

  fillHeader(): Promise<boolean> {
    return this.fill(MAX_HEADER_BYTES);
  }

  /** Makes `count` bytes (a few) available at once; `false` when the source ends before. */
  async fill(count: number): Promise<boolean> {
    while (this.available < count && !this.#isOver) {
      // Copied first: the source may use the memory of this chunk for the next one.
      const left = this.#chunk.slice(this.#at);
      const chunk = await this.#pull();
      this.#base += this.#at;
      this.#at = 0;
      this.#isOver = chunk === undefined;
      this.#chunk =
        chunk === undefined ? left : left.length === 0 ? plain(chunk) : concat(left, chunk);
    }
    return this.available >= count;
  }

  /** The next bytes, which are at hand; a view. */
  take(size: number): Uint8Array {
    this.#at += size;
    return this.#chunk.subarray(this.#at - size, this.#at);
  }

  /** The header at hand; it is not consumed. */
  header(): Header {
    const header = readHeader(this.#chunk, this.#at, this.#chunk.length, false);
    if (this.#base + header.start + (header.length ?? 0) > this.#limit) {
      throw malformed('length beyond the end');
    }
    return header;
  }

  /** Bytes of the element with this header, which is at hand; `undefined` for an indefinite length. */
  sizeOf({ start, length }: Header): number | undefined {
    return length === undefined ? undefined : start - this.#at + length;
  }

  /** Goes to the value of the header at hand. */
  skip({ start }: Header): void {
    this.#at = start;
  }

  /** Enters the element whose header was just consumed. */
  push({ length }: Header): void {
    if (this.#frames.length >= MAX_DEPTH) {
      throw malformed('nested too deeply');
    }
    this.#frames.push(
      length === undefined
        ? { end: this.#limit, isIndefinite: true }
        : { end: this.#base + this.#at + length, isIndefinite: false },
    );
  }

  /** Whether the element entered last holds nothing more; needs what a header needs. */
  isEnd(): boolean {
    const frame = this.#frames.at(-1);
    if (frame?.isIndefinite !== true) {
      return frame !== undefined && this.#base + this.#at >= frame.end;
    }
    return isEndMark(this.#chunk, this.#at, this.#chunk.length);
  }

  /** Leaves the element entered last, at its end. */
  pop(): void {
    const frame = this.#frames.pop();
    this.#at += frame?.isIndefinite === true ? 2 : 0;
    if (frame !== undefined && this.#base + this.#at > frame.end) {
      throw malformed('length beyond the end');
    }
  }

  /** Where the element entered last ends. */
  get #limit(): number {
    return this.#frames.at(-1)?.end ?? Infinity;
  }
}

/** Not a Buffer, whose `slice` shares memory and whose views are slow to make. */
const plain = ({ buffer, byteOffset, length }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, length);
