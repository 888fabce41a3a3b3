/** How the time of a piece of work grows with its input. */

/**
 * Time for double the input over time for the input: 2 when linear, 4 when quadratic.
 *
 * Processor time, not wall time, so that other work on the machine does not count; the best of several rounds,
 * interleaved, so that a garbage collection in one of them does not count either. A machine that is shared
 * disturbs a whole series at times: the best of three series is taken, which quadratic work never passes.
 */
export function growth<T>(make: (n: number) => T, work: (input: T) => void, n: number): number {
  const [small, large] = [make(n), make(2 * n)];
  let best = Infinity;
  for (let series = 0; series < 3 && best > CLEARLY_LINEAR; series += 1) {
    best = Math.min(best, growthOf(work, small, large));
  }
  return best;
}

const CLEARLY_LINEAR = 2.4;

function growthOf<T>(work: (input: T) => void, small: T, large: T): number {
  const times: { small: number[]; large: number[] } = { small: [], large: [] };
  for (let round = 0; round < 6; round += 1) {
    times.small.push(processorTime(work, small));
    times.large.push(processorTime(work, large));
  }
  // The first round warms up; below a millisecond there is nothing but noise.
  return Math.min(...times.large.slice(1)) / Math.max(Math.min(...times.small.slice(1)), 1000);
}

function processorTime<T>(work: (input: T) => void, input: T): number {
  const before = process.cpuUsage();
  work(input);
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
