/** What a stranger gets from a real agent, and from which places a client turns away. */

import { randomBytes } from 'node:crypto';
import { chmod, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { agentStatus, closeAgent } from '../../src/agent/client.js';
import type { HeldKeystore } from '../../src/agent/client.js';
import { encodeFrame, PROTOCOL } from '../../src/agent/protocol.js';
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

// The agent itself does not look around meanwhile: it would end when its place changes.
describe('a place that cannot be trusted', () => {
  const unsafe = expect.objectContaining({ code: 'E_AGENT_UNSAFE', exitCode: 3 });

  test('a folder that others may enter: neither side goes on', async () => {
    await world.start({ tickMs: 60_000 });
    await chmod(dirname(world.socket), 0o755);
    await expect(agentStatus(world.socket)).rejects.toEqual(unsafe);
    await expect(world.start()).rejects.toEqual(unsafe);
  });

  test('a socket that others may write to', async () => {
    await world.start({ tickMs: 60_000 });
    await chmod(world.socket, 0o666);
    await expect(agentStatus(world.socket)).rejects.toEqual(unsafe);
  });

  test('a socket or folder of another user', async () => {
    await world.start({ tickMs: 60_000 });
    const uid = (process.getuid?.() ?? 0) + 1;
    await expect(agentStatus(world.socket, { uid })).rejects.toEqual(unsafe);
  });

  test('a symbolic link in place of the socket, or of its folder', async () => {
    await world.start({ tickMs: 60_000 });
    await rename(world.socket, `${world.socket}.real`);
    await symlink(`${world.socket}.real`, world.socket);
    await expect(agentStatus(world.socket)).rejects.toEqual(unsafe);
    await rename(dirname(world.socket), `${dirname(world.socket)}.real`);
    await symlink(`${dirname(world.socket)}.real`, dirname(world.socket));
    await expect(agentStatus(world.socket)).rejects.toEqual(unsafe);
  });

  test('a file in place of the socket', async () => {
    await world.start({ tickMs: 60_000 });
    await rm(world.socket);
    await writeFile(world.socket, '', { mode: 0o600 });
    await expect(agentStatus(world.socket)).rejects.toEqual(unsafe);
  });
});

describe('hostile bytes', () => {
  const length = (value: number): Buffer => {
    const buffer = Buffer.alloc(4);
    buffer.writeUInt32BE(value);
    return buffer;
  };
  const framed = (payload: Uint8Array): Buffer => Buffer.concat([length(payload.length), payload]);
  const header = (value: unknown): Buffer => {
    const json = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
    return framed(Buffer.concat([Buffer.from([json.length >> 8, json.length & 255]), json]));
  };

  test('nothing of it disturbs the agent', async () => {
    const pid = await world.start({ requestMs: 300 });
    const { signer, decrypters } = await held();
    const key = decrypters[0]!.certificate;
    const silent: readonly Uint8Array[] = [
      bytes('GET / HTTP/1.1\r\n\r\n'),
      randomBytes(5000),
      length(0),
      length(0xffffffff),
      length(1024 * 1024 + 1),
      framed(Buffer.from([0xff, 0xff, 0x7b])),
      header('{"v":1,'),
      header('null'),
      header('[]'),
      header('"sign"'),
      framed(Buffer.from([0, 4, 0xff, 0xfe, 0xfd, 0xfc])),
      Buffer.concat([encodeFrame({ v: PROTOCOL, op: 'status' }), bytes('more')]),
    ];
    for (const input of silent) {
      expect((await world.raw(input)).length).toBe(0);
    }
    const refused: readonly Record<string, unknown>[] = [
      {},
      { v: PROTOCOL },
      { v: PROTOCOL, op: 'sign' },
      { v: PROTOCOL, op: 'sign', algorithm: 'rsa-sha256', key: 'ff'.repeat(32) },
      { v: PROTOCOL, op: 'sign', algorithm: 'md5', key: 'x' },
      { v: PROTOCOL, op: 'sign', algorithm: { toString: 'x' }, key: [] },
      { v: PROTOCOL, op: 'unwrap', key: 'x', keyLength: 1e9 },
      { v: PROTOCOL, op: 'unwrap', key: 'x', keyLength: -1 },
      { v: PROTOCOL, op: 'unwrap', key: 'x', keyLength: '24' },
      { v: PROTOCOL, op: 'unwrap', key: 'x', keyLength: 24 },
      { v: PROTOCOL, op: 'unwrap', key: 'x', keyLength: 24, padding: 'none' },
      { v: PROTOCOL + 1, op: 'status' },
    ];
    for (const request of refused) {
      expect((await world.raw(header(request))).toString()).toContain('"ok":false');
    }
    expect(key.keyType).toBe('rsa');
    expect(await signer.sign('rsa-sha256', bytes('fine'))).toHaveLength(256);
    expect((await agentStatus(world.socket))?.pid).toBe(pid);
  }, 20_000);

  test('who is slow is cut off, byte by byte or silent', async () => {
    await world.start({ requestMs: 300 });
    const before = performance.now();
    expect((await world.raw(length(10))).length).toBe(0);
    expect((await world.raw(new Uint8Array(1))).length).toBe(0);
    expect(performance.now() - before).toBeLessThan(2000);
    const socket = await world.open();
    const frame = encodeFrame({ v: PROTOCOL, op: 'status' });
    for (const byte of frame) {
      if (socket.destroyed) break;
      socket.write(Uint8Array.of(byte));
      await sleep(20);
    }
    expect(socket.destroyed).toBe(true);
  });

  test('many at once keep nobody out for long', async () => {
    const pid = await world.start({ requestMs: 300 });
    const { signer } = await held();
    const crowd = await Promise.all(Array.from({ length: 100 }, () => world.open().catch(() => undefined)));
    expect(await signer.sign('rsa-sha256', bytes('through'))).toHaveLength(256);
    crowd.forEach((socket) => socket?.destroy());
    expect((await agentStatus(world.socket))?.pid).toBe(pid);
  }); // prettier-ignore

  test('an end in the middle, and an answer that nobody reads', async () => {
    await world.start({ requestMs: 300 });
    const frame = encodeFrame({ v: PROTOCOL, op: 'status' });
    expect((await world.raw(frame.subarray(0, 10), { end: true })).length).toBe(0);
    for (let index = 0; index < 20; index += 1) {
      const socket = await world.open();
      socket.write(frame);
      socket.destroy();
    }
    expect(await held()).toMatchObject({ alias: 'doctor' });
  });

  test('an answer that is none counts as locked', async () => {
    const pid = await world.start();
    await closeAgent(world.socket);
    await until(() => !isAlive(pid));
    for (const answer of [header({ ok: true }), length(0xffffffff)]) {
      const server = createServer((socket) => { socket.on('error', () => undefined).resume().end(answer); }); // prettier-ignore
      const mask = process.umask(0o077);
      await new Promise<void>((done) => server.listen(world.socket, done));
      process.umask(mask);
      await expect(agentStatus(world.socket, { timeoutMs: 200 })).rejects.toEqual(locked);
      await new Promise((done) => server.close(done));
    }
  }); // prettier-ignore
});
