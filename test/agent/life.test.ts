/** How a real agent ends, and that a profile never has two. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { prepareFolder } from '../../src/agent/address.js';
import { agentStatus, closeAgent } from '../../src/agent/client.js';
import type { HeldKeystore } from '../../src/agent/client.js';
import { agentLock, readRecord, recordFile, writeRecord } from '../../src/agent/record.js';
import { stopAgent } from '../../src/agent/stop.js';
import { createAgentWorld, heldBy, isAlive, until } from './world.js';
import type { AgentWorld } from './world.js';

let world: AgentWorld;
beforeEach(async () => {
  world = await createAgentWorld();
});
afterEach(() => world.close());

const held = (): Promise<HeldKeystore> => heldBy(world);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const locked = expect.objectContaining({ code: 'E_SESSION_LOCKED', exitCode: 4 });

describe('locks', () => {
  /** The keys are gone, the place is free, and the record says that there was an agent. */
  async function expectLocked(pid: number, signer: HeldKeystore['signer']): Promise<void> {
    expect(await until(() => !isAlive(pid))).toBe(true);
    await expect(signer.sign('rsa-sha256', bytes('late'))).rejects.toEqual(locked);
    expect(await agentStatus(world.socket)).toBeUndefined();
    expect([world.socket, agentLock(world.state)].filter(existsSync)).toEqual([]);
    expect(await readRecord(world.state)).toMatchObject({ pid, assertionId: '_assertion' });
  }

  test('after a while without use; each use starts it anew, asking for the status does not', async () => {
    const pid = await world.start({ idleMs: 1500 });
    const { signer } = await held();
    for (let uses = 0; uses < 3; uses += 1) {
      await sleep(600);
      await signer.sign('rsa-sha256', bytes('still there'));
    }
    const idleSince = performance.now();
    while (performance.now() - idleSince < 5000 && (await agentStatus(world.socket).catch(() => undefined)) !== undefined) {
      await sleep(50);
    }
    expect(performance.now() - idleSince).toBeLessThan(5000);
    await expectLocked(pid, signer);
  }); // prettier-ignore

  test('at the end of the assertion, however busy it is', async () => {
    const pid = await world.start({ endsAt: Date.now() + 1000 });
    const { signer } = await held();
    while (Date.now() % 10_000 >= 0 && isAlive(pid)) {
      await signer.sign('rsa-sha256', bytes('busy')).catch(() => undefined);
    }
    await expectLocked(pid, signer);
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('on %s', async (signal) => {
    const pid = await world.start();
    const { signer } = await held();
    process.kill(pid, signal);
    await expectLocked(pid, signer);
  });

  test('on close', async () => {
    const pid = await world.start();
    const { signer } = await held();
    expect(await closeAgent(world.socket)).toBe(true);
    await expectLocked(pid, signer);
    expect(await closeAgent(world.socket)).toBeUndefined();
  });

  test.each([
    ['its home is removed', () => rm(world.state, { recursive: true })],
    ['its record is removed', () => rm(recordFile(world.state))],
    ['its socket is removed', () => rm(world.socket)],
    ['another socket takes its place', () => rename(world.socket, `${world.socket}.moved`)],
  ])('when %s', async (_, remove) => {
    const pid = await world.start();
    await remove();
    expect(await until(() => !isAlive(pid))).toBe(true);
  });

  test('lets what it is answering end', async () => {
    const pid = await world.start();
    const { signer } = await held();
    const signing = Array.from({ length: 20 }, () =>
      signer.sign('rsa-sha256', bytes('x')).then(() => 'signed', (error: unknown) => (error as { code: string }).code),
    ); // prettier-ignore
    await Promise.race(signing);
    process.kill(pid, 'SIGTERM');
    const outcomes = new Set(await Promise.all(signing));
    outcomes.delete('signed');
    outcomes.delete('E_SESSION_LOCKED');
    expect([...outcomes]).toEqual([]);
  });
});

describe('one agent per profile', () => {
  test('a second one waits for the first, and takes over when that one leaves', async () => {
    const first = await world.start();
    const second = world.start();
    await sleep(300);
    expect((await agentStatus(world.socket))?.pid).toBe(first);
    await closeAgent(world.socket);
    const pid = await second;
    expect(pid).not.toBe(first);
    expect((await agentStatus(world.socket))?.pid).toBe(pid);
  });

  test('a second one gives up when the first stays, and leaves it alone', async () => {
    const first = await world.start();
    await expect(world.start()).rejects.toMatchObject({ code: 'E_LOCKED' });
    expect((await agentStatus(world.socket))?.pid).toBe(first);
  });

  test('of six started at once, one serves at a time and none is left over', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => world.start()));
    const pids = outcomes.flatMap((outcome) => outcome.status === 'fulfilled' ? [outcome.value] : []);
    expect(pids).toHaveLength(1);
    expect((await agentStatus(world.socket))?.pid).toBe(pids[0]);
  }); // prettier-ignore

  test('one that was killed hinders nobody', async () => {
    const first = await world.start();
    process.kill(first, 'SIGKILL');
    expect(await until(() => !isAlive(first))).toBe(true);
    expect(existsSync(world.socket)).toBe(true);
    expect(await agentStatus(world.socket)).toBeUndefined();
    const before = performance.now();
    const second = await world.start();
    expect(performance.now() - before).toBeLessThan(2000);
    expect((await agentStatus(world.socket))?.pid).toBe(second);
  });

  test('one that does not answer is ended all the same', async () => {
    const pid = await world.start();
    process.kill(pid, 'SIGSTOP');
    expect(await stopAgent(world.state, { timeoutMs: 200 })).toBe(true);
    expect(await until(() => !isAlive(pid))).toBe(true);
    expect(await readRecord(world.state)).toBeUndefined();
    expect(await stopAgent(world.state)).toBe(false);
  });

  test('a process that has the number of an agent of old is left alone', async () => {
    const other = spawn('sleep', ['60']);
    const { pid } = other;
    if (pid === undefined) throw new Error('no process');
    try {
      await prepareFolder(world.socket);
      await writeRecord(world.state, {
        pid,
        socket: world.socket,
        assertionId: '_1',
        keystores: [],
      });
      expect(await stopAgent(world.state)).toBe(false);
      expect(isAlive(pid)).toBe(true);
    } finally {
      other.kill();
    }
  });

  test('one that does not answer counts as locked', async () => {
    const pid = await world.start();
    process.kill(pid, 'SIGSTOP');
    try {
      await expect(agentStatus(world.socket, { timeoutMs: 200 })).rejects.toEqual(locked);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });
});
