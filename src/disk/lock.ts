/**
 * An exclusive lock between processes: a file made with O_EXCL that names its holder (pid, host and the
 * start time of that process). It is taken over only when the holder ran on this host and is gone.
 *
 * @module
 */

import { randomBytes } from 'node:crypto';
import { link, readFile, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';

import { systemCode, TopazError } from '../errors.js';
import { diskError } from './atomic.js';

export interface LockOptions {
  /** How long to wait for another holder. @default 10000 */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

export interface Lock {
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly started: string;
}

const POLL_MS = 50;

/**
 * Takes the lock, waiting for another holder at most `timeoutMs`.
 *
 * @throws TopazError `E_LOCKED` that names the holder.
 */
export async function acquireLock(
  path: string,
  { timeoutMs = 10_000, signal }: LockOptions = {},
): Promise<Lock> {
  const mine = JSON.stringify({
    pid: process.pid,
    host: hostname(),
    started: await startOf(process.pid),
  });
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    if (await tryCreate(path, mine)) {
      return { release: () => unlink(path).catch(() => undefined) };
    }
    const { text, holder } = await readHolder(path);
    if (holder !== undefined && (await isGone(holder))) {
      await takeAway(path, text);
      continue;
    }
    if (performance.now() >= deadline) {
      throw new TopazError('E_LOCKED', `${path} is in use by another command`, {
        facts: holder === undefined ? [] : [`held by process ${holder.pid} on ${holder.host}`],
        hint: 'wait for it to end, or stop that process',
        details: holder === undefined ? undefined : { pid: holder.pid, host: holder.host },
      });
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Runs `work` while holding the lock. */
export async function withLock<T>(
  path: string,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const lock = await acquireLock(path, options);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/** `unclear` = a file that names no holder. */
export type LockState = 'free' | 'held' | 'stale' | 'unclear';

/** What stands in the place of a lock, without waiting for it. `stale` = its holder ran here and is gone. */
export async function lockState(path: string): Promise<LockState> {
  const { text, holder } = await readHolder(path);
  if (holder === undefined) {
    return text === '' ? 'free' : 'unclear';
  }
  return (await isGone(holder)) ? 'stale' : 'held';
}

/** Takes a lock away whose holder is gone. @returns Whether it did. */
export async function removeStaleLock(path: string): Promise<boolean> {
  const { text, holder } = await readHolder(path);
  if (holder === undefined || !(await isGone(holder))) {
    return false;
  }
  await takeAway(path, text);
  return (await lockState(path)) !== 'stale';
}

async function tryCreate(path: string, content: string): Promise<boolean> {
  // Written under another name first and linked, so that a reader never sees an empty lock.
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(temporary, content, { flag: 'wx', mode: 0o600 });
    await link(temporary, path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') {
      return false;
    }
    throw diskError(error, path);
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

async function readHolder(path: string): Promise<{ text: string; holder: Holder | undefined }> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    const value: unknown = JSON.parse(text);
    return { text, holder: isHolder(value) ? value : undefined };
  } catch {
    return { text, holder: undefined };
  }
}

function isHolder(value: unknown): value is Holder {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    'host' in value &&
    typeof value.host === 'string' &&
    'started' in value &&
    typeof value.started === 'string'
  );
}

async function isGone({ pid, host, started }: Holder): Promise<boolean> {
  if (host !== hostname()) {
    return false;
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) === 'ESRCH';
  }
  // Process ids are used again: the start time tells whether it is the same process.
  const now = await startOf(pid);
  return started !== '' && now !== '' && now !== started;
}

/** Only one of several waiters takes a stale lock away: the one whose own marker file is made first. */
async function takeAway(path: string, seen: string): Promise<void> {
  const marker = `${path}.takeover`;
  try {
    await writeFile(marker, '', { flag: 'wx', mode: 0o600 });
  } catch {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    // A marker that stays was left by a crash in the few instructions below.
    await unlink(marker).catch(() => undefined);
    return;
  }
  try {
    const { text } = await readHolder(path);
    if (text === seen) {
      await unlink(path).catch(() => undefined);
    }
  } finally {
    await unlink(marker).catch(() => undefined);
  }
}

/** Start of a process in clock ticks since boot (Linux, field 22 of `stat`); '' where it is unknown. */
async function startOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
