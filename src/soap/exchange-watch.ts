/**
 * The clocks of one exchange: the whole, and the silence between two pieces of the answer. Whichever ends
 * first, or the caller's signal, ends the exchange.
 *
 * @module
 */

import type { Readable } from 'node:stream';

import { tooLarge } from './network-error.js';
import type { Situation } from './network-error.js';
import type { PostOptions } from './transport.js';

export class ExchangeWatch {
  readonly #control = new AbortController();
  readonly #options: PostOptions;
  readonly #total: NodeJS.Timeout;
  readonly #onAbort: () => void;
  #late: 'total' | 'idle' | undefined;
  #sourceError: unknown;

  constructor(options: PostOptions) {
    this.#options = options;
    // Not AbortSignal.any and AbortSignal.timeout: these keep what they watch until the timeout has passed.
    this.#total = setTimeout(() => {
      this.#end('total');
    }, options.timeoutMs);
    this.#onAbort = () => {
      this.#control.abort();
    };
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#control.signal;
  }

  /** What the maker of the request's body threw. */
  get sourceError(): unknown {
    return this.#sourceError;
  }

  sourceFailed(error: unknown): void {
    this.#sourceError = error;
  }

  situation(): Situation {
    const { signal, maxBytes } = this.#options;
    return { interrupted: signal?.aborted === true, late: this.#late, maxBytes };
  }

  /** The pieces of a stream, counted, with the clock of silence on while one is waited for. */
  async *pieces(stream: Readable): AsyncGenerator<Uint8Array> {
    const { idleMs, maxBytes } = this.#options;
    const iterator: AsyncIterator<Uint8Array, undefined> = stream.iterator({
      destroyOnReturn: false,
    });
    let silence: NodeJS.Timeout | undefined;
    let size = 0;
    const abort = (): void => {
      stream.destroy(new Error('the exchange was ended'));
    };
    this.signal.addEventListener('abort', abort, { once: true });
    try {
      for (;;) {
        silence = idleMs === undefined ? undefined : setTimeout(() => { this.#end('idle'); }, idleMs); // prettier-ignore
        const { done, value } = await iterator.next();
        clearTimeout(silence);
        if (done === true) {
          return;
        }
        size += value.length;
        if (size > maxBytes) {
          throw tooLarge();
        }
        yield value;
      }
    } finally {
      clearTimeout(silence);
      this.signal.removeEventListener('abort', abort);
    }
  }

  /** To be called once, whatever happened. */
  end(): void {
    clearTimeout(this.#total);
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
  }

  #end(why: 'total' | 'idle'): void {
    this.#late ??= why;
    this.#control.abort();
  }
}
