/**
 * `--watch`: the same again after a while, until it is enough.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises';

import type { Command } from 'commander';

import { parseDuration } from '../../../cli/duration.js';
import type { Run } from '../../../cli/run.js';
import { TopazError } from '../../../errors.js';

export interface WatchFlags {
  watch?: boolean;
  every?: string;
  until?: string;
}

/** The mailbox may not be asked more often. */
const LEAST_MS = 30_000;
const EVERY_MS = 15 * 60_000;

/** Adds them. */
export const withWatch = (command: Command, what: string): Command =>
  command
    .option('--watch', what)
    .option('--every <duration>', 'with --watch: how often, 15m without it, at least 30s')
    .option('--until <duration>', 'with --watch: for how long; without it until you stop it');

export interface Watch {
  readonly everyMs: number;
  readonly untilMs: number;
}

/**
 * How often, and for how long; `undefined` without `--watch`.
 *
 * @param inSandbox There, nothing is too often.
 * @throws TopazError `E_USAGE`.
 */
export function parseWatch(
  { watch, every, until }: WatchFlags,
  inSandbox: boolean,
): Watch | undefined {
  if (watch !== true) {
    if (every !== undefined || until !== undefined) {
      throw new TopazError('E_USAGE', '--every and --until belong to --watch', {
        hint: 'add --watch',
      });
    }
    return undefined;
  }
  const everyMs = every === undefined ? EVERY_MS : parseDuration(every, '--every');
  if (everyMs < LEAST_MS && !inSandbox) {
    throw new TopazError('E_USAGE', '--every is at least 30s', { hint: '--every 15m' });
  }
  return { everyMs, untilMs: until === undefined ? Infinity : parseDuration(until, '--until') };
}

/** Waits for the next time. @returns Whether there is one: not when it is interrupted, nor when it is over. */
export async function waitForNext(
  run: Run,
  watch: Watch | undefined,
  startedAt: number,
): Promise<boolean> {
  const { signal } = run.ctx;
  if (watch === undefined || signal.aborted) {
    return false;
  }
  if (run.now().getTime() - startedAt + watch.everyMs > watch.untilMs) {
    return false;
  }
  await sleep(watch.everyMs, undefined, { signal }).catch(() => undefined);
  return !run.ctx.signal.aborted;
}
