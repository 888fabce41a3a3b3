/**
 * `topaz ehbox sync --watch`: synchronises again and again until it is told to stop. What goes away by waiting is
 * waited out, longer each time; what needs a person ends it.
 *
 * @module
 */

import { parseDuration } from '../../cli/duration.js';
import type { Run } from '../../cli/run.js';
import { sameAddress } from '../../ehbox/address.js';
import { fetchBoxInfo } from '../../ehbox/client.js';
import { isTransient, isUnauthenticated } from '../../ehbox/retry.js';
import type { SyncResult } from '../../ehbox/sync.js';
import { TopazError } from '../../errors.js';
import { openSync, pause, showResult, syncOnce } from './run-sync.js';
import type { OpenSync } from './run-sync.js';
import type { SyncFlags } from './sync.js';

const DEFAULT_EVERY = '15m';
/** The service is shared by everybody. */
const LEAST_MS = 60_000;
/** After failures in a row: twice as long each time, up to this many times the ordinary wait. */
const MAX_FACTOR = 8;
/** The wait after the first failure. */
const FIRST_WAIT_MS = 60_000;

/** @throws TopazError `E_INTERRUPTED` when it was told to stop; otherwise what needs a person. */
export async function runWatch(run: Run, options: SyncFlags): Promise<void> {
  const everyMs = await interval(run, options.every ?? DEFAULT_EVERY);
  const { signal } = run.ctx;
  let open: OpenSync | undefined;
  let failures = 0;
  while (!signal.aborted) {
    let problem: TopazError | undefined;
    try {
      const session: OpenSync = open === undefined ? await openSync(run, options) : await refreshed(run, open);
      open = session;
      const result = await syncOnce(run, session, options);
      await showResult(run, session.connected, result, options);
      problem = unfinished(result);
    } catch (error) {
      if (!(error instanceof TopazError) || !isWorthWaiting(error, open !== undefined)) {
        throw error;
      }
      problem = error;
    }
    if (problem !== undefined && isUnauthenticated(problem)) {
      // A session that a person opens meanwhile is found at the next turn.
      open = undefined;
    }
    failures = problem === undefined ? 0 : failures + 1;
    const waitMs =
      problem === undefined
        ? everyMs
        : Math.min(FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 20), everyMs * MAX_FACTOR);
    if (problem !== undefined && !aborted(signal)) {
      run.warn(
        run.t('ehbox.watch.waiting', {
          reason: `${problem.message} [${problem.code}]`,
          minutes: Math.max(1, Math.round(waitMs / 60_000)),
        }),
      );
    }
    await pause(waitMs, signal);
  }
  throw new TopazError('E_INTERRUPTED', 'stopped; what was fetched is stored', {
    hint: 'topaz ehbox sync goes on where it stopped',
  });
} // prettier-ignore

/** It changes while one waits. */
const aborted = (signal: AbortSignal): boolean => signal.aborted;

async function interval(run: Run, text: string): Promise<number> {
  const ms = parseDuration(text, '--every');
  const { environment } = await run.profile();
  if (ms < LEAST_MS && environment !== 'sandbox') {
    throw new TopazError('E_USAGE', '--every is at least one minute', { hint: 'add --every 15m' });
  }
  return Math.max(ms, 100);
}

/** How full the box is now, and whether it is still the same one. */
async function refreshed(run: Run, open: OpenSync): Promise<OpenSync> {
  const { call, url, security, box, info } = open.connected;
  const now = await fetchBoxInfo(call, url, { security, box, signal: run.ctx.signal });
  if (!sameAddress(now.box, info.box)) {
    throw new TopazError('E_BOX_MISMATCH', 'the session opens another eHealthBox than before', {
      hint: 'start the command again',
    });
  }
  return { ...open, connected: { ...open.connected, info: now } };
}

/** What is left for the next turn. */
const unfinished = ({ stopped }: SyncResult): TopazError | undefined => stopped;

/** At the first turn, only what the network does; later also a session that has ended, a lock, a full disk. */
function isWorthWaiting(error: TopazError, started: boolean): boolean {
  return (
    isTransient(error) ||
    (started &&
      (isUnauthenticated(error) ||
        ['E_LOCKED', 'E_DISK_FULL', 'E_SERVICE_REFUSED', 'E_SOAP_FAULT'].includes(error.code)))
  );
}
