/**
 * Where the files of a mirror are, how they come to be there, and the names of what changed: the ground that
 * the parts of a mirror stand on.
 *
 * Small steps that wait for no disk are taken at once: handing each to another thread costs more than the step.
 * Whatever is forced to the disk is waited for.
 *
 * @module
 */

import { appendFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { diskError } from '../disk/atomic.js';
import type { MessageKey } from './records.js';
import { stage } from './staging.js';

export interface MirrorOptions {
  readonly now: () => Date;
  readonly newId: () => string;
  /** Called after each write that a crash could follow; the name says which. Tests look at the disk there. */
  readonly checkpoint?: ((step: string) => Promise<void>) | undefined;
}

export class MirrorFiles {
  readonly folder: string;
  readonly options: MirrorOptions;
  /** Noted by this run, which holds the lock: nobody else forgets them. */
  readonly #noted = new Set<string>();
  #inRun = false;

  constructor(folder: string, options: MirrorOptions) {
    this.folder = folder;
    this.options = options;
  }

  /** Path of a message, or of a file in it. */
  path({ side, id }: MessageKey, ...names: readonly string[]): string {
    return join(this.folder, 'messages', side, id, ...names);
  }

  /** A folder with these files, under a name of its own. */
  stage(
    files: Readonly<Record<string, Uint8Array | string>>,
    options: { readonly durable?: boolean } = {},
  ): Promise<string> {
    return stage(join(this.folder, 'tmp', this.options.newId()), files, options);
  }

  async reached(step: string): Promise<void> {
    await this.options.checkpoint?.(step);
  }

  /** Between the begin and the end of a run, each name is written once. */
  inRun(is: boolean): void {
    this.#inRun = is;
    this.#noted.clear();
  }

  /**
   * Names messages that are about to change, for the index: written before the change, so that whoever is cut
   * off leaves a name too many and never one too few.
   */
  note(keys: readonly MessageKey[]): void {
    const names = keys
      .map(({ side, id }) => `${side}/${id}\n`)
      .filter((name) => !this.#noted.has(name));
    if (names.length === 0) {
      return;
    }
    try {
      appendFileSync(this.#changes, names.join(''), { mode: 0o600 });
    } catch (error) {
      throw diskError(error, this.#changes);
    }
    if (this.#inRun) {
      names.forEach((name) => this.#noted.add(name));
    }
  }

  get #changes(): string {
    return join(this.folder, 'index.log');
  }

  /** Messages that changed since the index was last brought up to date as a whole, or may have. */
  async changedKeys(): Promise<readonly MessageKey[]> {
    const lines = (await readFile(this.#changes, 'utf8').catch(() => '')).split('\n');
    return [...new Set(lines)].flatMap((line) => {
      const [, side, id] = /^(received|sent)\/([A-Za-z0-9]{1,40})$/.exec(line) ?? [];
      return id === undefined ? [] : [{ side: side === 'sent' ? 'sent' : 'received', id } as const];
    });
  }

  /** Only when the index knows all of it. */
  async clearChanges(): Promise<void> {
    this.#noted.clear();
    await rm(this.#changes, { force: true });
  }
}
