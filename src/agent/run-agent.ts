/**
 * The agent itself: takes the keys over, becomes the only agent of its profile, listens, and ends when the
 * keys must go. When it is killed, the lock and the socket that it leaves are taken over by the next one.
 *
 * @module
 */

import { chmod, lstat, unlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

import { acquireLock } from '../disk/lock.js';
import type { Lock } from '../disk/lock.js';
import { checkFolder, checkSocket } from './address.js';
import type { Handover } from './handover.js';
import { Keyring } from './keyring.js';
import { Lease } from './lease.js';
import { perform } from './operations.js';
import type { Desk } from './operations.js';
import { readFrame } from './protocol.js';
import { agentLock, readRecord, writeRecord } from './record.js';

/** An agent that is about to end leaves its place within this time. */
const TAKEOVER_MS = 5_000;
const TICK_MS = 5_000;
const REQUEST_MS = 5_000;
/** Others wait or are turned away: no command has more at a time. */
const MAX_CONNECTIONS = 64;
/** What is being answered may end before the agent does. */
const GRACE_MS = 1_000;

export interface AgentWorld {
  readonly pid: number;
  /** Wall clock in milliseconds. */
  readonly wall: () => number;
  readonly monotonic: () => number;
}

export interface Agent {
  /** Resolves when the keys are gone and everything is cleared away. */
  readonly ended: Promise<void>;
  /** Drops the keys at once and ends. */
  lock(): void;
}

/**
 * Starts to serve.
 *
 * @throws TopazError `E_LOCKED` (another agent of this profile does not end), `E_AGENT_UNSAFE`, and errors of
 *   the disk.
 */
export async function runAgent({ rules, keystores }: Handover, world: AgentWorld): Promise<Agent> {
  const { state, socket } = rules;
  const keyring = new Keyring(keystores);
  const lock = await acquireLock(agentLock(state), { timeoutMs: rules.takeoverMs ?? TAKEOVER_MS });
  const { wall, monotonic, pid } = world;
  const lease = new Lease({ idleMs: rules.idleMs, endsAt: rules.endsAt, wall, monotonic });
  const place = new Place(socket, lock);
  const served = new Served(rules.requestMs ?? REQUEST_MS);
  let timer: NodeJS.Timeout | undefined;
  let finish = (): void => undefined;
  const ended = new Promise<void>((done) => {
    finish = done;
  });
  let isOver = false;
  const end = (): void => {
    if (isOver) {
      return;
    }
    isOver = true;
    keyring.clear();
    clearTimeout(timer);
    void served
      .close()
      .then(() => place.leave())
      .finally(finish);
  };
  const desk: Desk = { keyring, lease, rules, pid, unlockedAt: wall(), lock: end };
  try {
    await place.take();
    await served.listen(socket, desk);
    await place.remember();
    const paths = keystores.map(({ path }) => path);
    await writeRecord(state, { pid, socket, assertionId: rules.assertionId, keystores: paths });
  } catch (error) {
    end();
    await ended;
    throw error;
  }
  const tick = async (): Promise<void> => {
    if (
      lease.over() !== undefined ||
      !(await isMine(rules.state, pid)) ||
      !(await place.isMine())
    ) {
      end();
    } else {
      schedule();
    }
  };
  const schedule = (): void => {
    const left = Math.max(10, lease.locksAt - wall());
    timer = setTimeout(() => void tick(), Math.min(rules.tickMs ?? TICK_MS, left));
  };
  schedule();
  return { ended, lock: end };
}

/** The record goes with the home of the profile: without it nobody would find the agent. */
const isMine = async (state: string, pid: number): Promise<boolean> =>
  (await readRecord(state).catch(() => undefined))?.pid === pid;

/** The socket's file: only ever removed while it is this agent's own. */
class Place {
  readonly #socket: string;
  readonly #lock: Lock;
  readonly #isPipe: boolean;
  #inode: bigint | undefined;

  constructor(socket: string, lock: Lock) {
    this.#socket = socket;
    this.#lock = lock;
    this.#isPipe = socket.startsWith('\\\\');
  }

  /** Under the lock: what an agent that was killed left is cleared away. */
  async take(): Promise<void> {
    if (!this.#isPipe) {
      await checkFolder(this.#socket);
      await unlink(this.#socket).catch(() => undefined);
    }
  }

  async remember(): Promise<void> {
    if (!this.#isPipe) {
      // The umask of the agent keeps others away from its first moment on.
      await chmod(this.#socket, 0o600);
      await checkSocket(this.#socket);
      this.#inode = await this.#inodeNow();
    }
  }

  async isMine(): Promise<boolean> {
    return this.#isPipe || (this.#inode !== undefined && (await this.#inodeNow()) === this.#inode);
  }

  async leave(): Promise<void> {
    if (!this.#isPipe && (await this.isMine())) {
      await unlink(this.#socket).catch(() => undefined);
    }
    await this.#lock.release();
  }

  async #inodeNow(): Promise<bigint | undefined> {
    try {
      return (await lstat(this.#socket, { bigint: true })).ino;
    } catch {
      return undefined;
    }
  }
}

/** The server and its connections. */
class Served {
  readonly #requestMs: number;
  readonly #sockets = new Set<Socket>();
  readonly #answering = new Set<Promise<void>>();
  #server: Server | undefined;

  constructor(requestMs: number) {
    this.#requestMs = requestMs;
  }

  async listen(path: string, desk: Desk): Promise<void> {
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => {
        socket.destroy();
      });
      const answering = this.#answer(socket, desk);
      this.#answering.add(answering);
      void answering.finally(() => this.#answering.delete(answering));
    });
    server.maxConnections = MAX_CONNECTIONS;
    this.#server = server;
    await new Promise<void>((done, fail) => {
      server.once('error', fail);
      server.listen(path, () => {
        server.off('error', fail);
        done();
      });
    });
  }

  async #answer(socket: Socket, desk: Desk): Promise<void> {
    try {
      const frame = await perform(desk, await readFrame(socket, { timeoutMs: this.#requestMs }));
      await new Promise<void>((sent) => {
        socket.end(frame, () => {
          // It may be the key of a message.
          frame.fill(0);
          sent();
        });
        // Who does not read the answer gets no more time than for the request.
        socket.setTimeout(this.#requestMs, () => socket.destroy());
        socket.once('close', sent);
      });
    } catch {
      // No frame: nothing is said to whoever that is.
      socket.destroy();
    }
  }

  /** Nobody new comes in; what is being answered ends first, for a moment. */
  async close(): Promise<void> {
    const server = this.#server;
    const closed = new Promise<void>((done) => {
      if (server === undefined) {
        done();
      } else {
        server.close(() => {
          done();
        });
      }
    });
    const grace = setTimeout(() => {
      this.#destroy();
    }, GRACE_MS);
    await Promise.all([...this.#answering]);
    clearTimeout(grace);
    this.#destroy();
    await closed;
  }

  #destroy(): void {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }
}
