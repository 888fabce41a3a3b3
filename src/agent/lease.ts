/**
 * How long the keys stay unlocked: until nobody used them for a while, and at most until the assertion ends.
 *
 * Time asleep counts: the wall clock is looked at. Setting that clock back does not help either: a clock
 * that only goes forward is looked at too.
 *
 * @module
 */

export type LockReason = 'idle' | 'ended';

export interface LeaseOptions {
  readonly idleMs: number;
  /** End of the assertion, wall clock of this machine, in milliseconds. */
  readonly endsAt: number;
  /** Wall clock in milliseconds. */
  readonly wall: () => number;
  /** Milliseconds of a clock that is never set. */
  readonly monotonic: () => number;
}

export class Lease {
  readonly #options: LeaseOptions;
  readonly #endsAfter: number;
  #usedAt: number;
  #usedMonotonic: number;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#usedAt = options.wall();
    this.#usedMonotonic = options.monotonic();
    this.#endsAfter = this.#usedMonotonic + options.endsAt - this.#usedAt;
  }

  /** The keys were used: the idle time starts anew. */
  use(): void {
    this.#usedAt = this.#options.wall();
    this.#usedMonotonic = this.#options.monotonic();
  }

  /** Last use, wall clock. */
  get usedAt(): number {
    return this.#usedAt;
  }

  /** When it will lock if nobody uses the keys any more, wall clock. */
  get locksAt(): number {
    return Math.min(this.#usedAt + this.#options.idleMs, this.#options.endsAt);
  }

  /** Why the keys must go now, or `undefined`. */
  over(): LockReason | undefined {
    const wall = this.#options.wall();
    const monotonic = this.#options.monotonic();
    if (wall >= this.#options.endsAt || monotonic >= this.#endsAfter) {
      return 'ended';
    }
    const idle = Math.max(wall - this.#usedAt, monotonic - this.#usedMonotonic);
    return idle >= this.#options.idleMs ? 'idle' : undefined;
  }
}
