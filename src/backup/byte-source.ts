/**
 * Bytes that come in pieces of any size, taken in the sizes that a format wants.
 *
 * @module
 */

export class ByteSource {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #held: Uint8Array[] = [];
  #length = 0;
  #ended = false;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** The next `count` bytes; fewer only at the end. */
  async take(count: number): Promise<Buffer> {
    await this.#fill(count);
    const whole = Buffer.concat(this.#held, this.#length);
    const taken = whole.subarray(0, count);
    const rest = whole.subarray(count);
    this.#held = rest.length === 0 ? [] : [rest];
    this.#length = rest.length;
    return taken;
  }

  /** Whether nothing is left. */
  async isAtEnd(): Promise<boolean> {
    await this.#fill(1);
    return this.#length === 0;
  }

  async #fill(count: number): Promise<void> {
    while (this.#length < count && !this.#ended) {
      const next: IteratorResult<Uint8Array, unknown> = await this.#pieces.next();
      if (next.done === true) {
        this.#ended = true;
      } else if (next.value.length > 0) {
        this.#held.push(next.value);
        this.#length += next.value.length;
      }
    }
  }
}
