/**
 * A mirror in a temporary folder and runs against a box in memory.
 *
 * @module
 */

import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { clearOpener } from '../../src/ehbox/clear-opener.js';
import { findMessages, summarise } from '../../src/ehbox/catalog.js';
import type { MessageSummary } from '../../src/ehbox/catalog.js';
import { MailboxMirror } from '../../src/ehbox/mirror.js';
import { runSync } from '../../src/ehbox/sync.js';
import type { SyncOptions, SyncResult } from '../../src/ehbox/sync.js';
import type { FakeBox } from './fake-box.js';

export const START = new Date('2026-03-01T09:00:00Z');

export class TestMirror {
  readonly folder: string;
  time = START;
  /** Pauses that retries asked for, in milliseconds. */
  readonly pauses: number[] = [];

  constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<TestMirror> {
    return new TestMirror(await mkdtemp(join(tmpdir(), 'topaz-mirror-')));
  }

  open(checkpoint?: (step: string) => Promise<void>): MailboxMirror {
    return new MailboxMirror(this.folder, { now: () => this.time, newId: randomUUID, checkpoint });
  }

  async sync(
    box: Pick<FakeBox, 'source'>,
    options: Partial<SyncOptions> = {},
    mirror = this.open(),
  ): Promise<SyncResult> {
    await mirror.create();
    return runSync(mirror, {
      ...box.source,
      environment: 'sandbox',
      info: {
        box: { type: 'NIHII', id: '19547181', quality: 'DOCTOR' },
        standBy: 0,
        usedBytes: 1000,
        maxBytes: 10_485_760,
      },
      opener: clearOpener,
      annexes: true,
      now: () => this.time,
      pause: (ms) => {
        this.pauses.push(ms);
        return Promise.resolve();
      },
      ...options,
    });
  }

  async list(): Promise<readonly MessageSummary[]> {
    return (await findMessages(this.open())).map(summarise);
  }

  /** Every file with its text and time of change; the box, the journal and the index left out. */
  async files(): Promise<Readonly<Record<string, { text: string; changed: number }>>> {
    const paths = await readdir(this.folder, { recursive: true, withFileTypes: true });
    const files: Record<string, { text: string; changed: number }> = {};
    for (const entry of paths) {
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(this.folder.length + 1);
      if (entry.isFile() && !/^(?:box\.json|journal\.ndjson|index\.)/.test(name)) {
        files[name] = { text: await readFile(path, 'latin1'), changed: (await stat(path)).mtimeMs };
      }
    }
    return files;
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
