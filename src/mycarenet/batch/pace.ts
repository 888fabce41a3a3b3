/**
 * How fast a batch may go: so many questions at a time, so many a second. No official limit is known; a
 * platform for everybody is not to be flooded (mycarenet §6).
 *
 * @module
 */

export interface PaceOptions {
  /** A second, on average; tries of one question count too. */
  readonly rate: number;
  /** A clock that only goes forward, in milliseconds. */
  readonly elapsed: () => number;
  /** Waits so many milliseconds, or until the signal. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** Makes a gate: who passes it waits for a turn. Turns are spread evenly; time that nobody used is not saved up. */
export function createPace({ rate, elapsed, sleep }: PaceOptions): () => Promise<void> {
  const interval = 1000 / rate;
  let next = 0;
  return async () => {
    const now = elapsed();
    const turn = Math.max(now, next);
    next = turn + interval;
    if (turn > now) {
      await sleep(turn - now);
    }
  };
}

/**
 * Works on items in their order, at most `limit` at a time. Ends at the first failure of the work itself, after
 * what had begun has ended.
 */
export async function inParallel<T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (;;) {
      const next = iterator.next();
      if (next.done === true || failures.length > 0) {
        return;
      }
      try {
        await work(next.value);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  if (failures.length > 0) {
    throw failures[0];
  }
}
