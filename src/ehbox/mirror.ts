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

import { appendFile, lstat, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { diskError, makePrivateFolder, syncFolder, writeFileAtomic } from '../disk/atomic.js';
import { acquireLock, withLock } from '../disk/lock.js';
import type { Lock, LockOptions } from '../disk/lock.js';
import { systemCode } from '../errors.js';
import { Journal } from './journal.js';
import { formatRecord, readRecord } from './records.js';
import type { BoxRecord, MessageMeta, PartsRecord, PrunedRecord, Side } from './records.js';
import { isThere, namesIn, removeTemporary, renameIfThere, stage } from './staging.js';

/** Side and number: the same number may stand on both sides. */
export interface MessageKey {
  readonly side: Side;
  readonly id: string;
}

/** An HTTP answer, byte for byte. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface MirrorOptions {
  readonly now: () => Date;
  readonly newId: () => string;
  /** Called after each write that a crash could follow; the name says which. Tests look at the disk there. */
  readonly checkpoint?: ((step: string) => Promise<void>) | undefined;
}

const SIDES: readonly Side[] = ['received', 'sent'];
const MESSAGE_ID = /^[A-Za-z0-9]{1,40}$/;
const MARKS_TIMEOUT_MS = 10_000;
const RUNNING = 'running';
/** The parts that are being replaced. */
const FORMER_PARTS = 'parts.former';

export class MailboxMirror {
  readonly folder: string;
  readonly journal: Journal;
  readonly #options: MirrorOptions;

  constructor(folder: string, options: MirrorOptions) {
    this.folder = folder;
    this.journal = new Journal(join(folder, 'journal.ndjson'), options.now);
    this.#options = options;
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
        await this.#settleParts(key);
      }
      for (const name of left) {
        await rm(join(tmp, name), { recursive: true, force: true });
      }
    }
    await writeFileAtomic(join(tmp, RUNNING), '');
  }

  /** Ends a run that was begun, however it went. */
  end(): Promise<void> {
    return rm(join(this.folder, 'tmp', RUNNING), { force: true });
  }

  async keys(side: Side): Promise<readonly MessageKey[]> {
    const names = await namesIn(join(this.folder, 'messages', side));
    return names.filter((name) => MESSAGE_ID.test(name)).map((id) => ({ side, id }));
  }

  /** Path of a message, or of a file in it. */
  path({ side, id }: MessageKey, ...names: readonly string[]): string {
    return join(this.folder, 'messages', side, id, ...names);
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
    await this.#reached('pruned.written');
    await this.#note(tombstone);
    const leaving = join(this.folder, 'tmp', this.#options.newId());
    await rename(this.path(tombstone), leaving);
    await this.#reached('pruned.renamed');
    await rm(leaving, { recursive: true, force: true });
  }

  readBox(): Promise<BoxRecord | undefined> {
    return readRecord<BoxRecord>(join(this.folder, 'box.json'), 'topaz.ehbox.box/1');
  }

  async writeBox(record: BoxRecord): Promise<void> {
    await writeFileAtomic(join(this.folder, 'box.json'), formatRecord(record));
    await this.#reached('box.written');
  }

  readMeta(key: MessageKey): Promise<MessageMeta | undefined> {
    return readRecord<MessageMeta>(this.path(key, 'meta.json'), 'topaz.ehbox.message/1');
  }

  /**
   * Changes the state of a message; of two commands at the same time, one waits for the other.
   *
   * @returns Whether there was a state to change.
   */
  async updateMeta(key: MessageKey, change: (meta: MessageMeta) => MessageMeta): Promise<boolean> {
    const lock = join(this.folder, 'marks.lock');
    const found = await withLock(lock, { timeoutMs: MARKS_TIMEOUT_MS }, async () => {
      const meta = await this.readMeta(key);
      if (meta !== undefined) {
        await this.#note(key);
        await writeFileAtomic(this.path(key, 'meta.json'), formatRecord(change(meta)));
      }
      return meta !== undefined;
    });
    await this.#reached('meta.written');
    return found;
  }

  /** Stores a list entry that is not there yet, or whose state was lost. */
  async addEntry(meta: MessageMeta, xml: string): Promise<void> {
    const files = { 'list-entry.xml': xml, 'meta.json': formatRecord(meta) };
    // Not forced to the disk: what a power cut damages is listed again.
    const staged = await this.#stage(files, { durable: false });
    await this.#reached('entry.staged');
    await this.#note(meta);
    try {
      await rename(staged, this.path(meta));
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
    await this.#reached('entry.renamed');
  }

  /** Makes the folder entries of stored list entries durable. */
  syncEntries(side: Side): Promise<void> {
    return syncFolder(join(this.folder, 'messages', side));
  }

  /** Whether the content of a message is stored for good. */
  async hasRaw(key: MessageKey): Promise<boolean> {
    const there = (name: string): Promise<boolean> =>
      lstat(this.path(key, 'raw', name)).then(
        (stats) => stats.isFile(),
        () => false,
      );
    return (await there('response.body')) && (await there('response.headers'));
  }

  /** Commits the answer: when this returns, the message cannot be lost any more. */
  async commitRaw(key: MessageKey, { status, headers, body }: RawAnswer): Promise<void> {
    const head = [`HTTP ${status}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)]; // prettier-ignore
    const staged = await this.#stage({
      'response.headers': `${head.join('\n')}\n`,
      'response.body': body,
    });
    await this.#reached('raw.staged');
    try {
      await rename(staged, this.path(key, 'raw'));
    } catch (error) {
      if (!isThere(error)) {
        throw diskError(error, this.path(key, 'raw'));
      }
      // What `hasRaw` does not accept is no answer.
      await rm(this.path(key, 'raw'), { recursive: true, force: true });
      await rename(staged, this.path(key, 'raw'));
    }
    await syncFolder(this.path(key));
    await this.#reached('raw.renamed');
  }

  /** The stored answer; `undefined` when it was never fetched. */
  async readRaw(key: MessageKey): Promise<RawAnswer | undefined> {
    try {
      const [head, body] = await Promise.all([
        readFile(this.path(key, 'raw', 'response.headers'), 'utf8'),
        readFile(this.path(key, 'raw', 'response.body')),
      ]);
      const [first = '', ...lines] = head.split('\n');
      const headers = lines.flatMap((line): [string, string][] => {
        const [, name, value] = /^([^:]+): (.*)$/.exec(line) ?? [];
        return name === undefined || value === undefined ? [] : [[name, value]];
      });
      return {
        status: Number(/\d{3}/.exec(first)?.[0] ?? 200),
        headers: Object.fromEntries(headers),
        body: Uint8Array.from(body),
      };
    } catch (error) {
      if (systemCode(error) === 'ENOENT') {
        return undefined;
      }
      throw error;
    }
  }

  readParts(key: MessageKey): Promise<PartsRecord | undefined> {
    return readRecord<PartsRecord>(this.path(key, 'parts.json'), 'topaz.ehbox.parts/1');
  }

  /** Reads an unpacked part, also between the two renames of {@link writeParts}. */
  async readPart(key: MessageKey, file: string): Promise<Uint8Array> {
    try {
      return await readFile(this.path(key, 'parts', file));
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') {
        throw error;
      }
      return readFile(this.path(key, FORMER_PARTS, file));
    }
  }

  /**
   * Replaces the unpacked parts. The former ones stand aside until the new record is written: whoever is cut
   * off in between has lost neither.
   */
  async writeParts(
    key: MessageKey,
    record: PartsRecord,
    files: Readonly<Record<string, Uint8Array>>,
  ): Promise<void> {
    const staged = await this.#stage(files);
    await this.#reached('parts.staged');
    await this.#note(key);
    await this.#settleParts(key);
    try {
      await renameIfThere(this.path(key, 'parts'), this.path(key, FORMER_PARTS));
      await this.#reached('parts.removed');
      await rename(staged, this.path(key, 'parts'));
    } catch (error) {
      throw diskError(error, this.path(key, 'parts'));
    }
    await this.#reached('parts.renamed');
    await writeFileAtomic(this.path(key, 'parts.json'), formatRecord(record));
    await this.#reached('parts.written');
    await rm(this.path(key, FORMER_PARTS), { recursive: true, force: true });
  }

  /** Ends what a cut in {@link writeParts} left: the parts that the record names are the ones that stay. */
  async #settleParts(key: MessageKey): Promise<void> {
    const former = await namesIn(this.path(key, FORMER_PARTS));
    if (former.length > 0) {
      const there = new Set(await namesIn(this.path(key, 'parts')));
      const named = (await this.readParts(key))?.parts.flatMap(({ file }) => file ?? []) ?? [];
      if (!named.every((file) => there.has(file))) {
        await rm(this.path(key, 'parts'), { recursive: true, force: true });
        await rename(this.path(key, FORMER_PARTS), this.path(key, 'parts'));
        return;
      }
    }
    await rm(this.path(key, FORMER_PARTS), { recursive: true, force: true });
  }

  /**
   * Names a message that is about to change, for the index: written before the change, so that whoever is cut
   * off leaves a name too many and never one too few.
   */
  async #note({ side, id }: MessageKey): Promise<void> {
    try {
      await appendFile(this.#changes, `${side}/${id}\n`, { mode: 0o600 });
    } catch (error) {
      throw diskError(error, this.#changes);
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

  /**
   * Forgets what changed, when `settled` says that the index knows all of it. Nothing changes meanwhile. Only
   * under the lock.
   */
  async forgetChanges(settled: () => Promise<boolean>): Promise<void> {
    const lock = join(this.folder, 'marks.lock');
    await withLock(lock, { timeoutMs: MARKS_TIMEOUT_MS }, async () => {
      if (await settled()) {
        await rm(this.#changes, { force: true });
      }
    });
  }

  #stage(
    files: Readonly<Record<string, Uint8Array | string>>,
    options: { readonly durable?: boolean } = {},
  ): Promise<string> {
    return stage(join(this.folder, 'tmp', this.#options.newId()), files, options);
  }

  async #reached(step: string): Promise<void> {
    await this.#options.checkpoint?.(step);
  }
}
