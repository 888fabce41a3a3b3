/** How the time of a piece of work grows with its input. */

/**
 * Time for double the input over time for the input: 2 when linear, 4 when quadratic.
 *
 * Processor time, not wall time, so that other work on the machine does not count; medians, interleaved.
 */
export function growth<T>(make: (n: number) => T, work: (input: T) => void, n: number): number {
  const [small, large] = [make(n), make(2 * n)];
  const times: { small: number[]; large: number[] } = { small: [], large: [] };
  for (let round = 0; round < 8; round += 1) {
    times.small.push(processorTime(work, small));
    times.large.push(processorTime(work, large));
  }
  // The first round warms up.
  return median(times.large.slice(1)) / median(times.small.slice(1));
}

function processorTime<T>(work: (input: T) => void, input: T): number {
  const before = process.cpuUsage();
  work(input);
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
