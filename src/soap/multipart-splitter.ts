/**
 * Splits a `multipart/related` body while it arrives. Chunks may end anywhere; what is kept back is never more
 * than a delimiter and the headers of one part, so a part of any size passes through. Time is linear in the
 * bytes: boundaries are found with `Buffer.indexOf`, and no byte is searched more than a few times.
 *
 * @module
 */

import { replyInvalid } from './reply-invalid.js';

export interface PartHead {
  /** Names in lower case; of two with one name, the first. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What a chunk brought. `data` are bytes of the part that was opened last; they share the chunk's memory. */
export type PartEvent =
  | { readonly kind: 'open'; readonly head: PartHead }
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'close' };

export interface SplitLimits {
  /** @default 500 */
  readonly maxParts?: number | undefined;
  /** Of the headers of one part. @default 16 KiB */
  readonly maxHeaderBytes?: number | undefined;
}

const MAX_PARTS = 500;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_BOUNDARY = 256;
/** White space that may follow a boundary; more of it is content. */
const MAX_PADDING = 200;

const LF = 0x0a;
const CR = 0x0d;
const DASH = 0x2d;
const SPACE = 0x20;
const TAB = 0x09;
const NOTHING = Buffer.alloc(0);

interface Delimiter {
  /** Where the part before it ends. */
  readonly start: number;
  /** Where the part after it begins. */
  readonly end: number;
  readonly last: boolean;
}

/** A delimiter that may begin at `start`; the next chunk decides. */
interface Undecided {
  readonly start: number;
}

/** One body. Every method throws TopazError `E_REPLY_INVALID`; after that the splitter is of no use. */
export class MultipartSplitter {
  readonly #mark: Buffer;
  readonly #lineAndMark: Buffer;
  readonly #maxParts: number;
  readonly #maxHeaderBytes: number;
  #state: 'preamble' | 'headers' | 'content' | 'epilogue' = 'preamble';
  #held: Buffer = NOTHING;
  /** Whether the first byte of what is searched next begins a line. */
  #atLineStart = true;
  #header: Buffer | undefined;
  #headerLength = 0;
  #parts = 0;

  /** @param boundary As the `Content-Type` gives it, without quotes. */
  constructor(boundary: string, limits: SplitLimits = {}) {
    if (boundary === '' || boundary.length > MAX_BOUNDARY) {
      throw replyInvalid('the boundary of the parts is missing');
    }
    this.#mark = Buffer.from(`--${boundary}`);
    this.#lineAndMark = Buffer.concat([Buffer.of(CR, LF), this.#mark]);
    this.#maxParts = limits.maxParts ?? MAX_PARTS;
    this.#maxHeaderBytes = limits.maxHeaderBytes ?? MAX_HEADER_BYTES;
  }

  push(chunk: Uint8Array): readonly PartEvent[] {
    const events: PartEvent[] = [];
    this.#read(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength), events, false);
    return events;
  }

  /** To be called after the last chunk. */
  end(): readonly PartEvent[] {
    const events: PartEvent[] = [];
    this.#read(NOTHING, events, true);
    if (this.#state === 'preamble') {
      throw replyInvalid('the first boundary is missing');
    }
    if (this.#state === 'headers') {
      throw replyInvalid('the headers of a part do not end');
    }
    if (this.#state === 'content') {
      throw replyInvalid('it ends in the middle of a part');
    }
    if (this.#parts === 0) {
      throw replyInvalid('it has no part');
    }
    return events;
  }

  #read(chunk: Buffer, events: PartEvent[], isEnd: boolean): void {
    let rest: Buffer | undefined = chunk;
    while (rest !== undefined && this.#state !== 'epilogue') {
      rest =
        this.#state === 'headers'
          ? this.#readHeaders(rest, events)
          : this.#search(rest, events, isEnd);
    }
  }

  /** Passes content on up to the next delimiter. @returns What stands after it; `undefined` without one. */
  #search(chunk: Buffer, events: PartEvent[], isEnd: boolean): Buffer | undefined {
    const data = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = NOTHING;
    const found = this.#findDelimiter(data, isEnd);
    const isContent = this.#state === 'content';
    const contentEnd = found?.start ?? data.length;
    if (isContent && contentEnd > 0) {
      events.push({ kind: 'data', bytes: plain(data.subarray(0, contentEnd)) });
    }
    if (found === undefined || !('end' in found)) {
      this.#held = data.subarray(contentEnd);
      this.#atLineStart &&= contentEnd === 0;
      return undefined;
    }
    if (isContent) {
      events.push({ kind: 'close' });
    }
    this.#state = found.last ? 'epilogue' : 'headers';
    this.#headerLength = 0;
    return data.subarray(found.end);
  }

  /**
   * `--boundary` or `--boundary--` alone on a line, but for white space after it; line ends CRLF or LF. The
   * last line may end with the body. A line that goes on is content: another boundary may begin alike.
   */
  #findDelimiter(data: Buffer, isEnd: boolean): Delimiter | Undecided | undefined {
    const mark = this.#mark;
    for (let at = data.indexOf(mark); at >= 0; at = data.indexOf(mark, at + 1)) {
      if (at === 0 ? !this.#atLineStart : data[at - 1] !== LF) {
        continue;
      }
      const start = at >= 2 && data[at - 2] === CR ? at - 2 : Math.max(0, at - 1);
      const after = at + mark.length;
      const last = data[after] === DASH && data[after + 1] === DASH;
      let end = last ? after + 2 : after;
      const limit = end + MAX_PADDING;
      while (end < limit && (data[end] === SPACE || data[end] === TAB)) {
        end += 1;
      }
      const lineEnd = data[end] === CR && data[end + 1] === LF ? 2 : data[end] === LF ? 1 : 0;
      if (lineEnd > 0) {
        return { start, end: end + lineEnd, last };
      }
      const left = data.length - end;
      if (isEnd) {
        if (last && left === 0) {
          return { start, end, last };
        }
      } else if (left === 0 || (left === 1 && (data[end] === CR || data[end] === DASH))) {
        return { start };
      }
    }
    return isEnd ? undefined : this.#beginning(data);
  }

  /** The end of the data that may be the beginning of a delimiter. */
  #beginning(data: Buffer): Undecided | undefined {
    const mark = this.#mark;
    if (this.#atLineStart && data.length < mark.length && beginsWith(mark, data)) {
      return { start: 0 };
    }
    const line = this.#lineAndMark;
    for (let at = Math.max(0, data.length - line.length + 1); at < data.length; at += 1) {
      const byte = data[at];
      if (byte === CR || byte === LF) {
        if (beginsWith(byte === CR ? line : line.subarray(1), data.subarray(at))) {
          return { start: at };
        }
      }
    }
    return undefined;
  }

  /** Collects headers up to the empty line. @returns What stands after it; `undefined` without one. */
  #readHeaders(chunk: Buffer, events: PartEvent[]): Buffer | undefined {
    const header = (this.#header ??= Buffer.alloc(this.#maxHeaderBytes));
    const before = this.#headerLength;
    const copied = chunk.copy(header, before);
    this.#headerLength += copied;
    const head = header.subarray(0, this.#headerLength);
    const empty = emptyLine(head, Math.max(0, before - 3));
    if (empty === undefined) {
      if (copied < chunk.length) {
        throw replyInvalid('the headers of a part do not end');
      }
      return undefined;
    }
    this.#parts += 1;
    if (this.#parts > this.#maxParts) {
      throw replyInvalid(`it has more than ${this.#maxParts} parts`);
    }
    const text = head.subarray(0, empty.start).toString('latin1');
    events.push({ kind: 'open', head: { headers: this.#parseHeaders(text) } });
    this.#state = 'content';
    this.#atLineStart = true;
    return chunk.subarray(empty.end - before);
  }

  #parseHeaders(text: string): Readonly<Record<string, string>> {
    const headers: Record<string, string> = {};
    const mark = this.#mark.toString('latin1');
    for (const line of text.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
      if (line.startsWith(mark)) {
        throw replyInvalid('the headers of a part do not end');
      }
      const colon = line.indexOf(':');
      if (colon > 0) {
        headers[line.slice(0, colon).trim().toLowerCase()] ??= line.slice(colon + 1).trim();
      }
    }
    return headers;
  }
}

/**
 * The empty line that ends headers; some writers mix line ends, and whichever comes first counts. A part
 * without headers begins with it.
 */
function emptyLine(head: Buffer, from: number): { start: number; end: number } | undefined {
  if (head[0] === LF) {
    return { start: 0, end: 1 };
  }
  if (head[0] === CR && head[1] === LF) {
    return { start: 0, end: 2 };
  }
  for (let at = head.indexOf(LF, from); at >= 0; at = head.indexOf(LF, at + 1)) {
    const next = head[at + 1] === CR ? at + 2 : at + 1;
    if (head[next] === LF) {
      return { start: head[at - 1] === CR ? at - 1 : at, end: next + 1 };
    }
  }
  return undefined;
}

const beginsWith = (whole: Buffer, beginning: Buffer): boolean =>
  beginning.length <= whole.length && whole.subarray(0, beginning.length).equals(beginning);

/** The same bytes, not a copy. */
const plain = ({ buffer, byteOffset, length }: Buffer): Uint8Array =>
  new Uint8Array(buffer, byteOffset, length);
