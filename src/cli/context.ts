/**
 * What a command may reach: the outside world, behind functions that tests replace.
 *
 * Members are functions where making the thing costs something, so a command pays only for what it uses and
 * a test fails loudly when a command reaches too far.
 *
 * @module
 */

import type { Keyring } from './keyring.js';

export interface IO {
  /** Writes to stdout; `\n` is added. */
  out(text: string): void;
  /** Writes bytes to stdout as they are. */
  outBytes(bytes: Uint8Array): Promise<void>;
  /** Writes to stderr; `\n` is added. */
  err(text: string): void;
  readonly tty: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
  /** Whether a person can type although stdin is no terminal (`/dev/tty` opens). */
  readonly keyboard?: boolean;
  /** Width of the terminal; 80 where it is unknown. */
  readonly columns: number;
  /** All of stdin. */
  readStdin(): Promise<Uint8Array>;
  /** Stdin as it comes, for what may be too large to be held; without it, {@link readStdin}. */
  stdinChunks?(): AsyncIterable<Uint8Array>;
  /** One line (or all, when there is no line break) of a file descriptor. */
  readFd(fd: number): Promise<Uint8Array>;
}

export interface Prompter {
  /** Asks without echo. The caller wipes the bytes. */
  secret(message: string): Promise<Uint8Array>;
  input(
    message: string,
    options?: { default?: string; validate?: (value: string) => true | string },
  ): Promise<string>;
  confirm(message: string): Promise<boolean>;
  choose<T extends string>(
    message: string,
    choices: readonly { value: T; label: string }[],
  ): Promise<T>;
}

export interface Context {
  readonly io: IO;
  /** A copy of the environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly cwd: string;
  readonly home: string;
  readonly now: () => Date;
  /** A random UUID. */
  readonly newId: () => string;
  /** Aborted by Ctrl-C, SIGTERM, or when nobody reads stdout any more. */
  readonly signal: AbortSignal;
  readonly prompter: () => Promise<Prompter>;
  /** The keyring of the system; without it, the one that `keyring.ts` finds. */
  readonly keyring?: () => Promise<Keyring>;
}

/** Why the signal was aborted when nobody reads stdout any more (`| head`): no failure at all. */
export class PipeClosed extends Error {
  constructor() {
    super('nobody reads the output any more');
    this.name = 'PipeClosed';
  }
}
