/**
 * What happened to a mirror, one JSON line per event, only ever appended (sync design, “Layout”). It tells
 * people and support; nothing is read back from it. A line torn by a crash is closed at the next start.
 *
 * @module
 */

import { open } from 'node:fs/promises';

import { diskError } from '../disk/atomic.js';
import type { Folder, Side } from './records.js';

export interface JournalEvent {
  readonly event:
    | 'seen'
    | 'stored'
    | 'decoded'
    | 'moved'
    | 'deleted'
    | 'pruned'
    | 'gone'
    | 'back'
    | 'lost'
    | 'error';
  readonly side: Side;
  readonly id: string;
  readonly folder?: Folder | undefined;
  /** A code, never a text of a message. */
  readonly code?: string | undefined;
}

const NEWLINE = 0x0a;

export class Journal {
  readonly #path: string;
  readonly #now: () => Date;
  #lines: string[] = [];
  #listener: ((event: JournalEvent & { readonly at: string }) => void) | undefined;

  constructor(path: string, now: () => Date) {
    this.#path = path;
    this.#now = now;
  }

  add(event: JournalEvent): void {
    const line = { at: this.#now().toISOString(), ...event };
    this.#lines.push(`${JSON.stringify(line)}\n`);
    this.#listener?.(line);
  }

  /** Tells each event as it happens. */
  listen(listener: (event: JournalEvent & { readonly at: string }) => void): void {
    this.#listener = listener;
  }

  /** Makes what was added durable. */
  async flush(): Promise<void> {
    if (this.#lines.length === 0) {
      return;
    }
    try {
      const file = await open(this.#path, 'a+', 0o600);
      try {
        const { size } = await file.stat();
        const last = Buffer.alloc(1);
        if (size > 0) {
          await file.read(last, 0, 1, size - 1);
        }
        const torn = size > 0 && last[0] !== NEWLINE;
        await file.appendFile(`${torn ? '\n' : ''}${this.#lines.join('')}`);
        await file.sync();
      } finally {
        await file.close();
      }
    } catch (error) {
      throw diskError(error, this.#path);
    }
    this.#lines = [];
  }
}
