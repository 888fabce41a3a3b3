/**
 * What a running agent leaves in the state folder of its profile: where it listens, and which keystores it
 * was given. It stays when the agent locks, so that a command can tell "locked" from "never unlocked". It
 * holds no secret.
 *
 * @module
 */

import { readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';

import { writeFileAtomic } from '../disk/atomic.js';
import { systemCode } from '../errors.js';

const SCHEMA = 'topaz.agent/1';

export interface AgentRecord {
  readonly pid: number;
  /** Socket or named pipe. */
  readonly socket: string;
  /** Of the session that it was started for. */
  readonly assertionId: string;
  /** Files of the keystores that were unlocked. */
  readonly keystores: readonly string[];
}

/** File of the record; it goes with the state folder, and the agent goes with it. */
export const recordFile = (state: string): string => join(state, 'agent.json');

/** Held by an agent for as long as it lives: a profile has one agent, never two. */
export const agentLock = (state: string): string => join(state, 'agent.lock');

export const writeRecord = (state: string, record: AgentRecord): Promise<void> =>
  writeFileAtomic(recordFile(state), `${JSON.stringify({ schema: SCHEMA, ...record })}\n`);

/** `undefined` when there is none; a damaged one counts as none. */
export async function readRecord(state: string): Promise<AgentRecord | undefined> {
  let text: string;
  try {
    text = await readFile(recordFile(state), 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) {
      return undefined;
    }
    throw error;
  }
  try {
    return recordOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export async function removeRecord(state: string): Promise<void> {
  await unlink(recordFile(state)).catch(() => undefined);
}

function recordOf(value: unknown): AgentRecord | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const json: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(value));
  const { schema, pid, socket, assertionId, keystores } = json;
  return schema === SCHEMA &&
    typeof pid === 'number' &&
    Number.isSafeInteger(pid) &&
    pid > 1 &&
    typeof socket === 'string' &&
    typeof assertionId === 'string' &&
    Array.isArray(keystores) &&
    keystores.every((path) => typeof path === 'string')
    ? { pid, socket, assertionId, keystores }
    : undefined;
}
