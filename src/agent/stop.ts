/**
 * Ends the agent of a profile, also one that does not answer any more.
 *
 * @module
 */

import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { TopazError } from '../errors.js';
import { closeAgent } from './client.js';
import type { AskOptions } from './client.js';
import { agentLock, readRecord, removeRecord } from './record.js';

const ANSWER_MS = 3_000;
/** An agent that said yes is gone within this time. */
const GONE_MS = 3_000;
const POLL_MS = 20;

/**
 * Makes the keys go, and waits until they are gone.
 *
 * @param state State folder of the profile.
 * @returns Whether there were keys to drop.
 * @throws TopazError `E_AGENT_UNSAFE`.
 */
export async function stopAgent(state: string, options: AskOptions = {}): Promise<boolean> {
  const record = await readRecord(state);
  if (record === undefined) {
    return false;
  }
  let closed: boolean;
  try {
    closed =
      (await closeAgent(record.socket, undefined, { timeoutMs: ANSWER_MS, ...options })) ?? false;
  } catch (error) {
    if (!(error instanceof TopazError) || error.code !== 'E_SESSION_LOCKED') {
      throw error;
    }
    // Somebody listens at our socket and says nothing: the process that holds our lock.
    closed = await kill(state, record.pid);
  }
  const end = performance.now() + GONE_MS;
  while ((await holderOf(state)) === record.pid && isAlive(record.pid) && performance.now() < end) {
    await sleep(POLL_MS);
  }
  await removeRecord(state);
  return closed;
}

async function kill(state: string, pid: number): Promise<boolean> {
  if ((await holderOf(state)) !== pid) {
    return false;
  }
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

/** Process that holds the lock of the agent. */
async function holderOf(state: string): Promise<number | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(agentLock(state), 'utf8'));
    return typeof value === 'object' &&
      value !== null &&
      'pid' in value &&
      typeof value.pid === 'number'
      ? value.pid
      : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
