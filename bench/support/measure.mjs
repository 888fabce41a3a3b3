/**
 * How the benches measure: candidates take turns in one run, so that the noise of a shared machine meets
 * all of them, and only ratios of medians are reported.
 */
import { spawn } from 'node:child_process';

/** The median of numbers. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Runs every candidate once per round, in an order that turns (or by chance), and gives each one's median.
 *
 * @param {Record<string, () => number | Promise<number>>} candidates - each gives its own figure (for example ms).
 * @param {number} rounds
 * @param {{random?: boolean}} [options]
 * @returns {Promise<Record<string, number>>} the median of each.
 */
export async function takeTurns(candidates, rounds, { random = false } = {}) {
  const names = Object.keys(candidates);
  const seen = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    const order = random
      ? names.map((name) => [Math.random(), name]).sort(([a], [b]) => a - b)
      : names.map((_, place) => [place, names[(place + round) % names.length]]);
    for (const [, name] of order) {
      seen[name].push(await candidates[name]());
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(seen[name])]));
}

/** Milliseconds that a piece of work takes, by the clock. */
export async function wallMs(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * Runs a program to its end.
 *
 * @returns {Promise<{wallMs: number, stdout: string}>}
 * @throws when it ends with another status than 0.
 */
export function runProgram(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const out = [];
    const err = [];
    child.stdout?.on('data', (chunk) => out.push(chunk));
    child.stderr?.on('data', (chunk) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) {
        resolve({ wallMs: performance.now() - start, stdout: Buffer.concat(out).toString() });
      } else {
        const said = Buffer.concat(err).toString().slice(-500);
        reject(new Error(`${command} ended with ${code}: ${said}`));
      }
    });
  });
}

/**
 * User and system time of a process, as the shell counts them. It may end with any status.
 *
 * @returns {Promise<number>} milliseconds.
 */
export async function processorMs(command, args, options = {}) {
  const { stdout } = await runProgram(
    'bash',
    [
      '-c',
      'TIMEFORMAT="%3U %3S"; { time "$@" >/dev/null 2>&1; } 2>&1 || true',
      'bench',
      command,
      ...args,
    ],
    options,
  );
  const [user, system] = stdout.trim().split('\n').at(-1).split(' ').map(Number);
  return (user + system) * 1000;
}
