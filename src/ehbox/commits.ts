/**
 * Commits that run beside the next requests: the disk works while the line does. A few at a time, and only so
 * many bytes, so that neither the memory nor what a crash could cost grows with the box.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import type { SoapReply } from '../soap/call.js';
import type { FullMessage } from './message.js';
import type { MailboxMirror, MessageKey } from './mirror.js';

const AT_ONCE = 6;
const MAX_BYTES = 8 * 1024 * 1024;
/** Messages that are marked as stored in one go. Until then `raw/` tells it, to the next run too. */
const MARKS = 50;

export interface CommitOptions {
  /** Commits at the same time. @default 6 */
  readonly atOnce?: number | undefined;
  readonly onStored: (key: MessageKey, message: FullMessage) => Promise<void>;
  readonly now: () => Date;
}

export class Commits {
  /** In the order of their commits. */
  readonly stored: MessageKey[] = [];
  readonly #mirror: MailboxMirror;
  readonly #options: CommitOptions;
  readonly #running = new Set<Promise<void>>();
  #bytes = 0;
  #unmarked = new Map<string, { readonly key: MessageKey; readonly at: Date }>();
  #failure: { readonly error: unknown } | undefined;

  constructor(mirror: MailboxMirror, options: CommitOptions) {
    this.#mirror = mirror;
    this.#options = options;
  }

  /** Whether one of them failed: nothing more can be stored. */
  get isBroken(): boolean {
    return this.#failure !== undefined;
  }

  /** Begins a commit; waits until there is room for another one. */
  async add(key: MessageKey, reply: SoapReply, message: FullMessage): Promise<void> {
    const { length } = reply.raw;
    this.#bytes += length;
    const work = this.#commit(key, reply, message)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .then(() => {
        this.#running.delete(work);
        this.#bytes -= length;
      });
    this.#running.add(work);
    while (
      this.#running.size >= (this.#options.atOnce ?? AT_ONCE) ||
      (this.#bytes > MAX_BYTES && this.#running.size > 0)
    ) {
      await Promise.race(this.#running);
    }
    if (this.#unmarked.size >= MARKS && !this.isBroken) {
      await this.#mark();
    }
  }

  /**
   * Waits for all of them.
   *
   * @returns The trouble that one of them met.
   * @throws what is no TopazError.
   */
  async finish(): Promise<TopazError | undefined> {
    await Promise.all(this.#running);
    try {
      await this.#mark();
    } catch (error) {
      this.#failure ??= { error };
    }
    const error = this.#failure?.error;
    if (error === undefined || error instanceof TopazError) {
      return error;
    }
    throw error instanceof Error ? error : new Error('a commit failed', { cause: error });
  }

  async #commit(
    key: MessageKey,
    { status, headers, raw }: SoapReply,
    message: FullMessage,
  ): Promise<void> {
    await this.#mirror.commitRaw(key, { status, headers, body: raw });
    this.#mirror.journal.add({ event: 'stored', ...key });
    this.#unmarked.set(key.id, { key, at: this.#options.now() });
    this.stored.push(key);
    await this.#options.onStored(key, message);
  }

  async #mark(): Promise<void> {
    const marks = [...this.#unmarked.values()];
    this.#unmarked = new Map();
    if (marks.length > 0) {
      await markStored(this.#mirror, marks);
    }
  }
}

/** Notes that contents are there; the commit itself was the folder `raw/`. */
export async function markStored(
  mirror: MailboxMirror,
  marks: readonly { readonly key: MessageKey; readonly at: Date }[],
): Promise<void> {
  const times = new Map(marks.map(({ key, at }) => [key.id, at]));
  await mirror.updateMetas(
    marks.map(({ key }) => key),
    (meta) => ({
      ...meta,
      storedAt: times.get(meta.id)?.toISOString(),
      failures: undefined,
      lostBeforeFetch: undefined,
    }),
    // A state that a power cut takes away is made again: the answer is there.
    { durable: false },
  );
}
