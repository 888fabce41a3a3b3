/**
 * The mirror of one eHealthBox on this machine: its folders and files, and the order in which they are
 * written (sync design, “Layout” and “Run” 4). Files are the truth; whoever kills the program at any
 * point leaves either nothing of a step or all of it.
 *
 * ```
 * box.json   journal.ndjson   index.sqlite   index.log   lock   marks.lock   tmp/
 * pruned/received/<id>.json
 * messages/received/<id>/list-entry.xml, meta.json, raw/response.{headers,body}, parts/, parts.json
 * ```
 *
 * @module
 */

import { renameSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { diskError, makePrivateFolder, syncFolder, writeFileAtomic } from '../disk/atomic.js';
import { acquireLock, withLock } from '../disk/lock.js';
import type { Lock, LockOptions } from '../disk/lock.js';
import { Journal } from './journal.js';
import { MirrorFiles } from './mirror-files.js';
import type { MirrorOptions } from './mirror-files.js';
import * as partsStore from './parts-store.js';
import * as rawStore from './raw-store.js';
import type { RawAnswer } from './raw-store.js';
import { formatRecord, readRecord } from './records.js';
import type { BoxRecord, MessageKey, MessageMeta, PartsRecord, PrunedRecord, Side } from './records.js'; // prettier-ignore
import { isThere, namesIn, removeTemporary, replaceFile } from './staging.js';

export type { MirrorOptions } from './mirror-files.js';
export type { RawAnswer } from './raw-store.js';
export type { MessageKey } from './records.js';

const SIDES: readonly Side[] = ['received', 'sent'];
const MESSAGE_ID = /^[A-Za-z0-9]{1,40}$/;
const MARKS_TIMEOUT_MS = 10_000;
const RUNNING = 'running';

export class MailboxMirror {
  readonly folder: string;
  readonly journal: Journal;
  readonly #files: MirrorFiles;

  constructor(folder: string, options: MirrorOptions) {
    this.folder = folder;
    this.journal = new Journal(join(folder, 'journal.ndjson'), options.now);
    this.#files = new MirrorFiles(folder, options);
  }

  /** Makes the folders, 0700. */
  async create(): Promise<void> {
    await makePrivateFolder(join(this.folder, 'tmp'));
    for (const side of SIDES) {
      await makePrivateFolder(join(this.folder, 'messages', side));
    }
  }

  /**
   * One synchronisation at a time.
   *
   * @throws TopazError `E_LOCKED` that names the holder.
   */
  lock(options: LockOptions): Promise<Lock> {
    return acquireLock(join(this.folder, 'lock'), options);
  }

  /**
   * Begins a run: removes what an earlier one left half-made. Only under the lock.
   *
   * A file in `tmp/` stands there as long as a run lasts: finding one tells that the last run was cut off,
   * and only then is every folder searched.
   */
  async begin(): Promise<void> {
    const tmp = join(this.folder, 'tmp');
    const left = await namesIn(tmp);
    if (left.length > 0) {
      await removeTemporary(this.folder);
      for (const key of (await Promise.all(SIDES.map((side) => this.keys(side)))).flat()) {
        await removeTemporary(this.path(key));
        await partsStore.settleParts(this.#files, key);
      }
      for (const name of left) {
        await rm(join(tmp, name), { recursive: true, force: true });
      }
    }
    await writeFileAtomic(join(tmp, RUNNING), '');
    this.#files.inRun(true);
  }

  /** Ends a run that was begun, however it went. */
  end(): Promise<void> {
    this.#files.inRun(false);
    return rm(join(this.folder, 'tmp', RUNNING), { force: true });
  }

  async keys(side: Side): Promise<readonly MessageKey[]> {
    const names = await namesIn(join(this.folder, 'messages', side));
    return names.filter((name) => MESSAGE_ID.test(name)).map((id) => ({ side, id }));
  }

  /** Path of a message, or of a file in it. */
  path(key: MessageKey, ...names: readonly string[]): string {
    return this.#files.path(key, ...names);
  }

  /** Ids of messages that were removed here on purpose. */
  async prunedIds(side: Side): Promise<ReadonlySet<string>> {
    const names = await namesIn(join(this.folder, 'pruned', side));
    return new Set(names.flatMap((name) => /^([A-Za-z0-9]{1,40})\.json$/.exec(name)?.[1] ?? []));
  }

  /** Removes a message for good: its tombstone is written first. Only under the lock, in a run that was begun. */
  async removeMessage(tombstone: PrunedRecord): Promise<void> {
    const folder = join(this.folder, 'pruned', tombstone.side);
    await makePrivateFolder(folder);
    await writeFileAtomic(join(folder, `${tombstone.id}.json`), formatRecord(tombstone));
    await this.#files.reached('pruned.written');
    this.#files.note([tombstone]);
    const leaving = join(this.folder, 'tmp', this.#files.options.newId());
    await rename(this.path(tombstone), leaving);
    await this.#files.reached('pruned.renamed');
    await rm(leaving, { recursive: true, force: true });
  }

  readBox(): Promise<BoxRecord | undefined> {
    return readRecord<BoxRecord>(join(this.folder, 'box.json'), 'topaz.ehbox.box/1');
  }

  async writeBox(record: BoxRecord): Promise<void> {
    await writeFileAtomic(join(this.folder, 'box.json'), formatRecord(record));
    await this.#files.reached('box.written');
  }

  readMeta(key: MessageKey): Promise<MessageMeta | undefined> {
    return readRecord<MessageMeta>(this.path(key, 'meta.json'), 'topaz.ehbox.message/1');
  }

  /** The entry of the list as it was stored; `undefined` when it cannot be read. */
  readEntry(key: MessageKey): Promise<string | undefined> {
    return readFile(this.path(key, 'list-entry.xml'), 'utf8').catch(() => undefined);
  }

  /**
   * Changes the state of a message; of two commands at the same time, one waits for the other.
   *
   * @returns Whether there was a state to change.
   */
  async updateMeta(key: MessageKey, change: (meta: MessageMeta) => MessageMeta): Promise<boolean> {
    return (await this.updateMetas([key], change)) === 1;
  }

  /**
   * The same change for several messages, in one go.
   *
   * @param options.durable Whether it is on the disk when this returns. @default true
   * @returns How many had a state to change.
   */
  async updateMetas(
    keys: readonly MessageKey[],
    change: (meta: MessageMeta) => MessageMeta,
    { durable = true }: { readonly durable?: boolean } = {},
  ): Promise<number> {
    const lock = join(this.folder, 'marks.lock');
    const changed = await withLock(lock, { timeoutMs: MARKS_TIMEOUT_MS }, async () => {
      const there: (readonly [MessageKey, MessageMeta])[] = [];
      for (const key of keys) {
        const meta = await this.readMeta(key);
        if (meta !== undefined) {
          there.push([key, meta]);
        }
      }
      this.#files.note(there.map(([key]) => key));
      await Promise.all(
        there.map(async ([key, meta]) => {
          await replaceFile(this.path(key, 'meta.json'), formatRecord(change(meta)), { durable });
          await (durable ? syncFolder(this.path(key)) : undefined);
        }),
      );
      return there.length;
    });
    await this.#files.reached('meta.written');
    return changed;
  }

  /** Names messages of which entries are about to be added, in one go. */
  noteEntries(keys: readonly MessageKey[]): void {
    this.#files.note(keys);
  }

  /** Stores a list entry that is not there yet, or whose state was lost. */
  async addEntry(meta: MessageMeta, xml: string): Promise<void> {
    const files = { 'list-entry.xml': xml, 'meta.json': formatRecord(meta) };
    // Not forced to the disk: what a power cut damages is listed again, or made from the entry or the answer.
    const staged = await this.#files.stage(files, { durable: false });
    await this.#files.reached('entry.staged');
    this.#files.note([meta]);
    try {
      renameSync(staged, this.path(meta));
    } catch (error) {
      if (!isThere(error)) {
        throw diskError(error, this.path(meta));
      }
      // The folder exists without a readable meta.json: its contents stay.
      for (const [name, text] of Object.entries(files)) {
        await writeFileAtomic(this.path(meta, name), text);
      }
      await rm(staged, { recursive: true, force: true });
    }
    await this.#files.reached('entry.renamed');
  }

  /** Makes the folder entries of stored list entries durable. */
  syncEntries(side: Side): Promise<void> {
    return syncFolder(join(this.folder, 'messages', side));
  }

  /** Whether the content of a message is stored for good. */
  hasRaw(key: MessageKey): Promise<boolean> {
    return Promise.resolve(rawStore.hasRaw(this.#files, key));
  }

  /** Commits the answer: when this returns, the message cannot be lost any more. */
  commitRaw(key: MessageKey, answer: RawAnswer): Promise<void> {
    return rawStore.commitRaw(this.#files, key, answer);
  }

  /** The stored answer; `undefined` when it was never fetched. */
  readRaw(key: MessageKey): Promise<RawAnswer | undefined> {
    return rawStore.readRaw(this.#files, key);
  }

  readParts(key: MessageKey): Promise<PartsRecord | undefined> {
    return partsStore.readParts(this.#files, key);
  }

  /** Reads an unpacked part, also between the two renames of {@link writeParts}. */
  readPart(key: MessageKey, file: string): Promise<Uint8Array> {
    return partsStore.readPart(this.#files, key, file);
  }

  /** Replaces the unpacked parts and the record of them: whoever is cut off in between has lost neither. */
  writeParts(
    key: MessageKey,
    record: PartsRecord,
    files: Readonly<Record<string, Uint8Array>>,
  ): Promise<void> {
    return partsStore.writeParts(this.#files, key, record, files);
  }

  /** Removes the unpacked parts and their record; the answer stays. @returns Whether there were any. */
  removeParts(key: MessageKey): Promise<boolean> {
    return partsStore.removeParts(this.#files, key);
  }

  /** Messages that changed since the index was last brought up to date as a whole, or may have. */
  changedKeys(): Promise<readonly MessageKey[]> {
    return this.#files.changedKeys();
  }

  /**
   * Forgets what changed, when `settled` says that the index knows all of it. Nothing changes meanwhile. Only
   * under the lock.
   */
  async forgetChanges(settled: () => Promise<boolean>): Promise<void> {
    const lock = join(this.folder, 'marks.lock');
    await withLock(lock, { timeoutMs: MARKS_TIMEOUT_MS }, async () => {
      if (await settled()) {
        await this.#files.clearChanges();
      }
    });
  }
}
