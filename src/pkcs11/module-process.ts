/**
 * The child process that owns a PKCS#11 module, seen from its parent: one request after the other, a limit
 * for each, and an end that never hangs.
 *
 * @module
 */

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { TopazError } from '../errors.js';
import { cardTimeout, limitOf } from './limits.js';
import type { Limits } from './limits.js';
import { CkrError } from './module.js';
import type { Failure, Operation, Operations, Reply, Request } from './worker/protocol.js';

/** After an interruption the child has this long to log out by itself. */
const GRACE_MS = 1_000;

export interface ModuleProcessOptions {
  /** Environment of the command; names that begin with `TOPAZ_` are not handed down. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** Limits per operation, where they are not the usual ones. */
  readonly limits?: Limits | undefined;
  /** The built child, where it is not beside this file (tests). */
  readonly childFile?: string | undefined;
}

/** The built child: beside the bundle, or in `dist` when this file runs from its source. */
export function defaultChildFile(from: string = import.meta.url): string {
  return fileURLToPath(
    new URL(from.endsWith('.ts') ? '../../dist/pkcs11-child.js' : './pkcs11-child.js', from),
  );
}

/** The library could not be loaded; the message is the loader's. */
export class LoadError extends Error {}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/** The child and the requests it has not answered yet. */
export class ModuleProcess {
  readonly #child: ChildProcess;
  readonly #limits: Limits;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  readonly #signal: AbortSignal | undefined;
  #next = 1;
  #over: unknown;
  #ending: Promise<void> | undefined;
  #reset = false;

  constructor({ env, signal, limits = {}, childFile = defaultChildFile() }: ModuleProcessOptions) {
    this.#limits = limits;
    this.#signal = signal;
    const inherited = Object.entries(env).filter(([name]) => !name.startsWith('TOPAZ_'));
    this.#child = fork(childFile, [], {
      env: Object.fromEntries(inherited),
      execArgv: [],
      serialization: 'advanced',
      // Some modules print; neither stream of the command may get that.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child.on('message', (message) => {
      this.#settle(message);
    });
    this.#child.on('error', () => {
      this.#fail(moduleDied(undefined));
    });
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', (_code, killedBy) => {
        this.#fail(moduleDied(killedBy ?? undefined));
        resolve();
      });
      this.#child.once('error', () => {
        resolve();
      });
    });
    signal?.addEventListener('abort', this.#interrupt, { once: true });
    if (signal?.aborted === true) {
      this.#interrupt();
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Sends one request and waits for its answer. */
  request<O extends Operation>(
    op: O,
    args: Operations[O]['args'],
  ): Promise<Operations[O]['result']> {
    return this.#send(op, args) as Promise<Operations[O]['result']>;
  }

  /** From now on {@link end} kills the child once it is idle, which resets the card. */
  resetCardAtEnd(): void {
    this.#reset = true;
  }

  /**
   * Logs out and ends the child. Without a native call in progress it leaves by itself at once;
   * otherwise it is killed after a second. Never throws.
   */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#interrupt);
    const interrupted = this.#over !== undefined;
    if (this.#reset && !interrupted) {
      await this.request('closeSession', {}).catch(() => undefined);
      this.#child.kill('SIGKILL');
    } else if (this.#child.connected) {
      this.#post({ id: 0, op: 'finalize', args: {} });
    }
    const grace = interrupted ? GRACE_MS : limitOf('finalize');
    const timer = setTimeout(() => {
      this.#child.kill('SIGKILL');
    }, grace);
    await this.#exited;
    clearTimeout(timer);
    this.#fail(moduleDied(undefined));
  }

  #send(op: Operation, args: Operations[Operation]['args']): Promise<unknown> {
    if (this.#over !== undefined) {
      return Promise.reject(asError(this.#over));
    }
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => {
          this.#fail(cardTimeout(op));
          this.#child.kill('SIGKILL');
        },
        limitOf(op, this.#limits),
      );
      this.#waiting.set(id, { resolve, reject, timer });
      this.#post({ id, op, args });
    });
  }

  #post(request: Request): void {
    // An error here means that the channel is closed: the exit event tells the waiters.
    this.#child.send(request, () => undefined);
  }

  #settle(message: unknown): void {
    if (!isReply(message)) {
      return;
    }
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) {
      return;
    }
    this.#waiting.delete(message.id);
    clearTimeout(waiting.timer);
    if (message.ok) {
      waiting.resolve(message.result);
    } else {
      waiting.reject(failureError(message.failure));
    }
  }

  /** The child is of no use any more: every waiter and every later request gets `error`. */
  #fail(error: unknown): void {
    this.#over ??= error;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(this.#over);
    }
    this.#waiting.clear();
  }

  readonly #interrupt = (): void => {
    this.#fail(
      new TopazError('E_INTERRUPTED', 'interrupted while using the card', {
        hint: 'run the command again',
      }),
    );
    void this.end();
  };
}

const asError = (value: unknown): Error =>
  value instanceof Error ? value : new Error(String(value));

function isReply(message: unknown): message is Reply {
  return (
    typeof message === 'object' &&
    message !== null &&
    'id' in message &&
    typeof message.id === 'number' &&
    'ok' in message &&
    typeof message.ok === 'boolean'
  );
}

function failureError(failure: Failure): Error {
  switch (failure.kind) {
    case 'ckr':
      return new CkrError(failure.ckr, failure.method);
    case 'load':
      return new LoadError(failure.message);
    case 'binding-missing':
      return new TopazError('E_NATIVE_MISSING', 'eID support is not installed', {
        facts: [failure.message],
        hint: 'run npm rebuild pkcs11js (it needs python3, make and g++)',
      });
    case 'bug':
      return new Error(`the PKCS#11 child failed: ${failure.message}`);
  }
}

const moduleDied = (killedBy: NodeJS.Signals | undefined): TopazError =>
  new TopazError('E_CARD_ERROR', 'the PKCS#11 module ended unexpectedly', {
    facts: killedBy === undefined ? [] : [`signal ${killedBy}`],
    hint: 'take the card out, insert it again, and repeat the command',
  });
