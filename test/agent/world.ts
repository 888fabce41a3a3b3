/**
 * Real agents (`dist/agent.js`) with the doctor's keystore of the fixtures, each in a state folder of its own.
 *
 * @module
 */

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { agentAddress, prepareFolder } from '../../src/agent/address.js';
import { agentStatus } from '../../src/agent/client.js';
import type { HeldKeystore } from '../../src/agent/client.js';
import type { AgentRules, UnlockedKeystore } from '../../src/agent/handover.js';
import { recordFile } from '../../src/agent/record.js';
import { startAgent } from '../../src/agent/start.js';
import type { StartOptions } from '../../src/agent/start.js';
import type { Keystore } from '../../src/keystore/keystore.js';
import { doctorKeystore } from '../keystore/fixtures.js';

export const HOUR = 3_600_000;

export class AgentWorld {
  readonly state: string;
  readonly socket: string;
  readonly #pids: number[] = [];

  constructor(state: string, socket: string) {
    this.state = state;
    this.socket = socket;
  }

  keystore(keystore: Keystore = doctorKeystore(), alias = 'doctor'): UnlockedKeystore {
    return { alias, path: join(this.state, `${alias}.p12`), digest: 'ab'.repeat(32), keystore };
  }

  rules(rules: Partial<AgentRules> = {}): AgentRules {
    const endsAt = rules.endsAt ?? Date.now() + HOUR;
    return {
      state: this.state,
      socket: this.socket,
      profile: 'cabinet',
      environment: 'acc',
      assertionId: '_assertion',
      notOnOrAfter: new Date(endsAt).toISOString(),
      endsAt,
      idleMs: HOUR,
      tickMs: 100,
      requestMs: 500,
      takeoverMs: 1000,
      ...rules,
    };
  }

  async start(
    rules: Partial<AgentRules> = {},
    options: StartOptions = {},
    keystores: readonly UnlockedKeystore[] = [this.keystore()],
  ): Promise<number> {
    await prepareFolder(this.socket);
    const pid = await startAgent({ rules: this.rules(rules), keystores }, options);
    this.#pids.push(pid);
    return pid;
  }

  /** Sends bytes as they are, and gives all that comes back until the agent hangs up. */
  async raw(bytes: Uint8Array, { end = false } = {}): Promise<Buffer> {
    const socket = await this.open();
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => void chunks.push(Buffer.from(chunk)));
    const closed = new Promise<void>((done) => socket.once('close', () => { done(); })); // prettier-ignore
    socket.write(bytes);
    if (end) socket.end();
    await closed;
    return Buffer.concat(chunks);
  }

  open(): Promise<Socket> {
    return new Promise((done, fail) => {
      const socket = connect(this.socket);
      socket.once('error', fail);
      socket.once('connect', () => {
        socket.on('error', () => undefined);
        done(socket);
      });
    });
  }

  async close(): Promise<void> {
    await rm(recordFile(this.state), { force: true });
    for (const pid of this.#pids) {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    }
    await rm(this.state, { recursive: true, force: true });
  }
}

export async function createAgentWorld(): Promise<AgentWorld> {
  const state = await mkdtemp(join(tmpdir(), 'topaz-agent-'));
  return new AgentWorld(state, await agentAddress(state, { env: {} }));
}

/** Neither gone nor a zombie that nobody has waited for. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** The sockets of a process, its pipe to whoever started it included. */
export const openSockets = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/fd`)
    .map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
    .filter((target) => target.startsWith('socket:'));

/** The first keystore that the agent behind a socket holds. */
export async function heldBy({ socket }: AgentWorld): Promise<HeldKeystore> {
  const [keystore] = (await agentStatus(socket))?.keystores ?? [];
  if (keystore === undefined) throw new Error('no keystore is held');
  return keystore;
}

/** Waits until it is so, at most five seconds. */
export async function until(holds: () => boolean | Promise<boolean>, ms = 5000): Promise<boolean> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    if (await holds()) return true;
    await sleep(20);
  }
  return false;
}
