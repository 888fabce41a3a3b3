/**
 * Takes large base64 out of an envelope while it arrives, as if it had been sent beside it: where it stood, an
 * `xop:Include` stands (mycarenet §3.3). So an answer costs the same memory whichever way its documents travel.
 *
 * It knows no more XML than where a text ends. What looks like a document and is none is put back; what stands in
 * a comment is lost there, where nobody reads it.
 *
 * @module
 */

import { readFile, rm } from 'node:fs/promises';

import { NS_XOP } from '../xml/namespaces.js';
import { referenceTo } from './content-id.js';
import { joined } from './multipart.js';
import type { PartSink, PartWriter, StoredPart } from './part-store.js';
import { replyInvalid } from './reply-invalid.js';
import { base64Decoder, TransferError } from './transfer-encoding.js';
import type { Base64Decoder } from './transfer-encoding.js';

const LESS = 0x3c;
const GREATER = 0x3e;
const NOTHING = new Uint8Array();

export interface InlineLimits {
  /** Texts with more bytes of base64 are taken out. */
  readonly thresholdBytes: number;
  /** Of the envelope that is left. */
  readonly maxEnvelopeBytes: number;
}

/** A text that is being taken out. */
interface Taken {
  readonly id: string;
  readonly sink: PartSink;
  readonly decoder: Base64Decoder;
}

/** One answer. After an error, `abort` closes what is open. */
export class InlineParts {
  readonly #writer: PartWriter;
  readonly #newId: () => string;
  readonly #limits: InlineLimits;
  readonly #envelope: Uint8Array[] = [];
  readonly #parts: StoredPart[] = [];
  /** A text from its beginning, not yet long enough; `undefined` inside of a tag, and in a text that is none. */
  #begun: Uint8Array[] | undefined;
  #begunBytes = 0;
  #envelopeBytes = 0;
  #taken: Taken | undefined;

  constructor(writer: PartWriter, newId: () => string, limits: InlineLimits) {
    this.#writer = writer;
    this.#newId = newId;
    this.#limits = limits;
  }

  async push(chunk: Uint8Array): Promise<void> {
    let rest = chunk;
    while (rest.length > 0) {
      rest = this.#taken === undefined ? await this.#pass(rest) : await this.#take(this.#taken, rest);
    }
  } // prettier-ignore

  /** @returns The envelope, and what was taken out of it. */
  async end(): Promise<{ readonly root: Uint8Array; readonly parts: readonly StoredPart[] }> {
    if (this.#taken !== undefined) {
      // It breaks off in the middle: whoever reads the envelope will say so.
      await this.#putBack(this.#taken, NOTHING);
    }
    this.#flush();
    return { root: joined(this.#envelope), parts: this.#parts };
  }

  async abort(): Promise<void> {
    await this.#taken?.sink.abort();
  }

  /** Markup and short texts. @returns What is left of the chunk. */
  async #pass(chunk: Uint8Array): Promise<Uint8Array> {
    const end = chunk.lastIndexOf(GREATER);
    const tag = chunk.lastIndexOf(LESS);
    if (tag > end) {
      // A tag is open.
      this.#keep(chunk, undefined);
    } else if (end >= 0) {
      this.#keep(chunk.subarray(0, end + 1), []);
      this.#collect(chunk.subarray(end + 1));
    } else if (this.#begun === undefined) {
      this.#keep(chunk, undefined);
    } else {
      this.#collect(chunk);
    }
    if (this.#begun !== undefined && this.#begunBytes > this.#limits.thresholdBytes) {
      const text = joined(this.#begun);
      this.#begun = undefined;
      return this.#begin(text);
    }
    return NOTHING;
  }

  #collect(bytes: Uint8Array): void {
    if (bytes.length > 0) {
      this.#begun?.push(bytes);
      this.#begunBytes += bytes.length;
    }
  }

  async #begin(text: Uint8Array): Promise<Uint8Array> {
    // What comes out is copied at once: one buffer does for all of it.
    const decoder = base64Decoder({ reuse: true });
    const plain = decoded(decoder, text);
    if (plain === undefined) {
      this.#keep(text, undefined);
      return NOTHING;
    }
    const id = this.#newId();
    this.#taken = { id, sink: this.#writer.begin({ id, contentType: '', headers: {} }), decoder };
    await this.#taken.sink.write(plain);
    return NOTHING;
  }

  /** @returns What follows the text, where it ends in this chunk. */
  async #take(taken: Taken, chunk: Uint8Array): Promise<Uint8Array> {
    const { id, sink, decoder } = taken;
    const end = chunk.indexOf(LESS);
    const plain = decoded(decoder, end < 0 ? chunk : chunk.subarray(0, end));
    if (plain === undefined) {
      return this.#putBack(taken, chunk);
    }
    await sink.write(plain);
    if (end < 0) {
      return NOTHING;
    }
    if (decoder.held() !== '') {
      return this.#putBack(taken, chunk.subarray(end));
    }
    this.#parts.push(await sink.end());
    this.#taken = undefined;
    this.#keep(Buffer.from(`<xop:Include xmlns:xop="${NS_XOP}" href="${referenceTo(id)}"/>`), undefined);
    return chunk.subarray(end);
  } // prettier-ignore

  /** The text was no base64 after all. White space in it is gone; its bytes are not. */
  async #putBack({ sink, decoder }: Taken, chunk: Uint8Array): Promise<Uint8Array> {
    this.#taken = undefined;
    const part = await sink.end();
    const bytes = part.kind === 'memory' ? part.bytes : await readFile(part.path);
    if (part.kind === 'file') {
      await rm(part.path, { force: true });
    }
    this.#keep(Buffer.from(Buffer.from(bytes).toString('base64') + decoder.held()), undefined);
    return chunk;
  }

  /** @param begun What a text begins with, where one begins after these bytes. */
  #keep(bytes: Uint8Array, begun: Uint8Array[] | undefined): void {
    this.#flush();
    this.#add(bytes);
    this.#begun = begun;
  }

  #flush(): void {
    for (const piece of this.#begun ?? []) {
      this.#add(piece);
    }
    this.#begun = undefined;
    this.#begunBytes = 0;
  }

  #add(bytes: Uint8Array): void {
    this.#envelopeBytes += bytes.length;
    if (this.#envelopeBytes > this.#limits.maxEnvelopeBytes) {
      throw replyInvalid(`its envelope is larger than ${this.#limits.maxEnvelopeBytes} bytes`);
    }
    this.#envelope.push(bytes);
  }
}

/** @returns `undefined` where the text is not base64; then nothing of it was taken. */
function decoded(decoder: Base64Decoder, text: Uint8Array): Uint8Array | undefined {
  try {
    return decoder.push(text);
  } catch (error) {
    if (error instanceof TransferError) {
      return undefined;
    }
    throw error;
  }
}
