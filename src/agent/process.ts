/**
 * The agent as a process of its own (`dist/agent.js`). It is started by `topaz session open` with nothing but
 * a pipe as descriptor 3: through it come the keys, and back goes whether it serves.
 *
 * @module
 */

import { closeSync, readdirSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';

import { TopazError } from '../errors.js';
import { decodeHandover } from './handover.js';
import { encodeFrame, MAX_HANDOVER_BYTES, PROTOCOL, readFrame } from './protocol.js';
import { runAgent } from './run-agent.js';
import type { Agent } from './run-agent.js';

/** 0 to 2 are the null device; the pipe comes next. */
const PIPE = 3;
const HANDOVER_MS = 10_000;
const CLOSE_ON_EXEC = 0o2000000;

/**
 * Closes what whoever ran the command had open. Node marks its own descriptors and the low ones; what carries
 * no mark came from outside. Where the system does not tell (no /proc), Node's start has closed them.
 */
function closeInherited(): void {
  let names: readonly string[];
  try {
    names = readdirSync('/proc/self/fd');
  } catch {
    return;
  }
  for (const fd of names.map(Number).filter((number) => number > PIPE)) {
    try {
      const flags = /^flags:\s*([0-7]+)/m.exec(
        readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'),
      )?.[1];
      if (flags !== undefined && (parseInt(flags, 8) & CLOSE_ON_EXEC) === 0) {
        closeSync(fd);
      }
    } catch {
      // The descriptor of the listing itself.
    }
  }
}

/** @throws TopazError `E_AGENT_UNSAFE` where the system says that it would write core dumps. */
function refuseCoreDumps(): void {
  let limits: string;
  try {
    limits = readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return;
  }
  if (!/^Max core file size\s+0\s+0\s/m.test(limits)) {
    throw new TopazError('E_AGENT_UNSAFE', 'core dumps are not switched off', {
      hint: 'start the agent with topaz session open',
    });
  }
}

async function main(): Promise<void> {
  // Node would open its debugger on SIGUSR1: through it everything can be read.
  process.on('SIGUSR1', () => undefined);
  process.umask(0o077);
  closeInherited();
  const pipe = new Socket({ fd: PIPE, readable: true, writable: true });
  pipe.on('error', () => undefined);
  let agent: Agent | undefined;
  let reply: Uint8Array;
  try {
    refuseCoreDumps();
    const limits = { maxBytes: MAX_HANDOVER_BYTES, timeoutMs: HANDOVER_MS };
    const handover = decodeHandover(await readFrame(pipe, limits));
    const running = await runAgent(handover, {
      pid: process.pid,
      wall: () => Date.now(),
      monotonic: () => performance.now(),
    });
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.on(signal, () => {
        running.lock();
      });
    }
    agent = running;
    reply = encodeFrame({ v: PROTOCOL, ok: true, pid: process.pid });
  } catch (error) {
    const { code, message, hint, facts } =
      error instanceof TopazError
        ? error
        : { code: 'E_INTERNAL', message: 'the session agent failed', hint: undefined, facts: [String(error)] }; // prettier-ignore
    reply = encodeFrame({ v: PROTOCOL, ok: false, code, message, hint, facts });
  }
  await new Promise<void>((sent) => {
    pipe.end(reply, sent);
    pipe.once('close', sent);
  });
  pipe.destroy();
  await agent?.ended;
  process.exit(0);
}

void main();
