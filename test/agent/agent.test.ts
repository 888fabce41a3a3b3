/** The agent as a real process: what it does with its keys, and what others see of it. */

import { constants, publicEncrypt, randomBytes, verify } from 'node:crypto';
import { openSync, closeSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { lstat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { agentStatus, closeAgent } from '../../src/agent/client.js';
import type { HeldKeystore } from '../../src/agent/client.js';
import { encodeFrame, PROTOCOL } from '../../src/agent/protocol.js';
import { readRecord, recordFile } from '../../src/agent/record.js';
import { keystoreDecrypters, keystoreSigner } from '../../src/keystore/keystore.js';
import { doctorKeystore, keyOf } from '../keystore/fixtures.js';
import { createAgentWorld, heldBy, isAlive, openSockets, until } from './world.js';
import type { AgentWorld } from './world.js';

let world: AgentWorld;
beforeEach(async () => {
  world = await createAgentWorld();
});
afterEach(() => world.close());

const held = (): Promise<HeldKeystore> => heldBy(world);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('keys', () => {
  test('signs as the keystore does, and verifies with its certificate', async () => {
    await world.start();
    const { signer } = await held();
    const own = keystoreSigner(doctorKeystore());
    const data = randomBytes(100_000);
    expect(signer.certificate.der).toEqual(own.certificate.der);
    expect(signer.chain.map(({ der }) => der)).toEqual(own.chain.map(({ der }) => der));
    expect(signer.algorithms).toEqual(own.algorithms);
    // PKCS#1 v1.5 is deterministic: the very same bytes.
    expect(await signer.sign('rsa-sha256', data)).toEqual(await own.sign('rsa-sha256', data));
    const { publicKey } = own.certificate;
    expect(verify('sha256', data, publicKey, await signer.sign('rsa-sha256', data))).toBe(true);
    await expect(signer.sign('ecdsa-sha256', data)).rejects.toMatchObject({
      code: 'E_KEYSTORE_INCOMPLETE',
    });
  });

  test('unwraps as the keystore does: good paddings, bad ones and nonsense alike', async () => {
    await world.start();
    const { decrypters } = await held();
    const own = keystoreDecrypters(doctorKeystore());
    expect(decrypters.map(({ certificate }) => certificate.der)).toEqual(
      own.map(({ certificate }) => certificate.der),
    );
    for (const [index, decrypter] of decrypters.entries()) {
      const key = randomBytes(24);
      const wrapped = publicEncrypt(
        { key: decrypter.certificate.publicKey, padding: constants.RSA_PKCS1_PADDING },
        key,
      );
      const broken = Uint8Array.from(wrapped, (byte, at) => (at === 100 ? byte ^ 1 : byte));
      expect(await decrypter.unwrap(wrapped, 24)).toEqual(Uint8Array.from(key));
      const oaep = publicEncrypt({ key: decrypter.certificate.publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, key); // prettier-ignore
      expect(await decrypter.unwrap(oaep, 24, 'oaep-sha256')).toEqual(Uint8Array.from(key));
      for (const input of [wrapped, broken, new Uint8Array(), randomBytes(300), randomBytes(256)]) {
        const [theirs, ours] = await Promise.all([
          decrypter.unwrap(input, 24),
          own[index]!.unwrap(input, 24),
        ]);
        expect(theirs).toEqual(ours);
        expect(theirs).toHaveLength(24);
      }
    }
  });

  test('eight at a time', async () => {
    await world.start();
    const { signer } = await held();
    const own = keystoreSigner(doctorKeystore());
    const work = Array.from({ length: 40 }, (_, index) => bytes(`message ${index}`));
    const signed = await Promise.all(work.map((data) => signer.sign('rsa-sha256', data)));
    const expected = await Promise.all(work.map((data) => own.sign('rsa-sha256', data)));
    expect(signed).toEqual(expected);
  });

  test('says what it holds and until when, and never a key', async () => {
    const pid = await world.start({ idleMs: 60_000 });
    const status = await agentStatus(world.socket);
    expect(status).toMatchObject({ pid, profile: 'cabinet', environment: 'acc', idleMs: 60_000 });
    const left = (status?.locksAt.getTime() ?? 0) - Date.now();
    expect(left).toBeGreaterThan(50_000);
    expect(left).toBeLessThanOrEqual(60_000);
    for (const op of ['export', 'keys', 'handover', 'eval', '__proto__']) {
      const reply = await world.raw(encodeFrame({ v: PROTOCOL, op }));
      expect(reply.toString('latin1')).toContain('"ok":false');
    }
    const everything = await world.raw(encodeFrame({ v: PROTOCOL, op: 'status' }));
    const secret = keyOf('doctor').export({ format: 'jwk' }).d ?? '';
    expect(everything.toString('latin1')).not.toContain(secret);
    expect(everything.includes(Buffer.from(secret, 'base64url'))).toBe(false);
  });

  test('forgets one keystore alone; without any it ends', async () => {
    const second = world.keystore(doctorKeystore(), 'second');
    const pid = await world.start({}, {}, [world.keystore(), second]);
    expect(await closeAgent(world.socket, second.path)).toBe(true);
    expect(await closeAgent(world.socket, second.path)).toBe(false);
    expect((await agentStatus(world.socket))?.keystores.map(({ alias }) => alias)).toEqual([
      'doctor',
    ]);
    expect(await closeAgent(world.socket, world.keystore().path)).toBe(true);
    expect(await until(() => !isAlive(pid))).toBe(true);
  });
});

/** What a descriptor stands for; nothing for one that is being closed at this moment. */
function targetOf(path: string): readonly string[] {
  try {
    return [readlinkSync(path)];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return [];
    }
    throw error;
  }
}

describe('what others see of the process', () => {
  const proc = (pid: number, name: string): string => readFileSync(`/proc/${pid}/${name}`, 'utf8');

  test('no core dumps, no environment, nothing of the keys on the command line, / as folder', async () => {
    process.env['TOPAZ_TEST_SECRET'] = 'must not be inherited';
    const pid = await world.start();
    delete process.env['TOPAZ_TEST_SECRET'];
    expect(proc(pid, 'limits')).toMatch(/^Max core file size\s+0\s+0\s/m);
    // sh may set PWD and the like; nothing of the command's own is there.
    expect(proc(pid, 'environ')).not.toMatch(/TOPAZ|HOME|PATH|NODE/);
    expect(proc(pid, 'cmdline').split('\0').filter(Boolean)).toEqual([
      process.execPath,
      expect.stringMatching(/dist\/agent\.js$/),
    ]);
    expect(readlinkSync(`/proc/${pid}/cwd`)).toBe('/');
    // A session of its own: no terminal reaches it.
    expect(proc(pid, 'stat').split(') ')[1]?.split(' ')[3]).toBe(String(pid));
  });

  test('inherited descriptors are closed, the pipe of the keys too', async () => {
    const file = join(world.state, 'inherited');
    await writeFile(file, 'open');
    const fds = Array.from({ length: 40 }, () => openSync(file, 'r'));
    const pid = await world.start();
    fds.forEach(closeSync);
    const open = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => targetOf(`/proc/${pid}/fd/${fd}`));
    expect(open.filter((target) => target.startsWith('/'))).toEqual(
      expect.not.arrayContaining([file]),
    );
    expect(open.filter((target) => target.startsWith('/') && target !== '/dev/null')).toEqual([]);
    // The socket it listens on, and none besides once the pipe is closed.
    expect(await until(() => openSockets(pid).length === 1)).toBe(true);
  });

  test('no debugger on SIGUSR1', async () => {
    const pid = await world.start();
    expect(await until(() => openSockets(pid).length === 1)).toBe(true);
    process.kill(pid, 'SIGUSR1');
    await sleep(200);
    expect(isAlive(pid)).toBe(true);
    expect(openSockets(pid)).toHaveLength(1);
  });

  test('socket, folder and record are private', async () => {
    await world.start();
    expect((await lstat(world.socket)).mode & 0o777).toBe(0o600);
    expect((await lstat(dirname(world.socket))).mode & 0o777).toBe(0o700);
    expect((await lstat(recordFile(world.state))).mode & 0o777).toBe(0o600);
  });
});

describe('a start that fails', () => {
  test('leaves no process and says why', async () => {
    await expect(
      world.start({}, { agentFile: join(world.state, 'absent.js') }),
    ).rejects.toMatchObject({
      code: 'E_INTERNAL',
      message: 'the session agent does not run',
    });
    await expect(world.start({ state: join(world.state, 'absent') })).rejects.toMatchObject({
      code: 'E_FILE_NOT_FOUND',
    });
    expect(await readRecord(world.state)).toBeUndefined();
  });

  test('is given up when the command is interrupted', async () => {
    const controller = new AbortController();
    const first = await world.start();
    const second = world.start({}, { signal: controller.signal });
    setTimeout(() => { controller.abort(); }, 300); // prettier-ignore
    await expect(second).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
    expect((await agentStatus(world.socket))?.pid).toBe(first);
  });
});
