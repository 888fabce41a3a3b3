/**
 * One mailbox on this machine. Files are the truth; whoever kills the program at any point leaves either nothing of
 * a step or all of it (mycarenet §3.6).
 *
 * ```
 * mailbox.json   lock   tmp/
 * messages/<id>/meta.json, detail, content, xades     sent/<reference>/meta.json, content
 * tacks/<id>.json
 * ```
 *
 * @module
 */

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { makePrivateFolder, syncFolder, writeFileAtomic } from '../../disk/atomic.js';
import { acquireLock } from '../../disk/lock.js';
import type { Lock, LockOptions } from '../../disk/lock.js';
import { systemCode, TopazError } from '../../errors.js';
import { formatRecord, readRecord } from './records.js';
import type { AcknowledgementRecord, MailboxRecord, MessageRecord, SentRecord } from './records.js';
import {
  clearStaged,
  namesIn,
  placeFolder,
  removeTemporary,
  stageFolder,
} from './staged-folder.js';
import type { StagedFile } from './staged-folder.js';

export interface StoreOptions {
  readonly newId: () => string;
  /** Called after each write that a crash could follow; the name says which. */
  readonly checkpoint?: ((step: string) => void | Promise<void>) | undefined;
}

const ID = /^[0-9a-f]{16}$/;
const REFERENCE = /^[A-Za-z0-9]{1,14}$/;
const RUNNING = 'running';

export class MailboxStore {
  readonly folder: string;
  readonly #options: StoreOptions;

  constructor(folder: string, options: StoreOptions) {
    this.folder = folder;
    this.#options = options;
  }

  /** Where large parts of an answer go first; on the same disk. */
  get tmp(): string {
    return join(this.folder, 'tmp');
  }

  async create(): Promise<void> {
    for (const name of ['tmp', 'messages', 'tacks', 'sent']) {
      await makePrivateFolder(join(this.folder, name));
    }
  }

  /** @throws TopazError `E_LOCKED` that names the holder. */
  lock(options: LockOptions): Promise<Lock> {
    return acquireLock(join(this.folder, 'lock'), options);
  }

  /** Begins a run: removes what an earlier one left half-made, puts back what it moved aside. Only under the lock. */
  async begin(): Promise<void> {
    const left = await namesIn(this.tmp);
    if (left.length > 0) {
      await removeTemporary(this.folder);
      await removeTemporary(join(this.folder, 'tacks'));
      for (const id of await this.messageIds()) {
        await removeTemporary(this.path(id));
      }
      await clearStaged(this.tmp, this.folder);
    }
    await writeFileAtomic(join(this.tmp, RUNNING), '');
  }

  /** Ends a run that was begun, however it went. */
  async end(): Promise<void> {
    await clearStaged(this.tmp, this.folder);
  }

  readMailbox(): Promise<MailboxRecord | undefined> {
    return readRecord<MailboxRecord>(join(this.folder, 'mailbox.json'), 'topaz.mycarenet.mailbox/1'); // prettier-ignore
  }

  async writeMailbox(record: MailboxRecord): Promise<void> {
    await writeFileAtomic(join(this.folder, 'mailbox.json'), formatRecord(record));
    await this.#reached('mailbox.written');
  }

  async messageIds(): Promise<readonly string[]> {
    return (await namesIn(join(this.folder, 'messages'))).filter((name) => ID.test(name));
  }

  /** Path of a message, or of a file in it. */
  path(id: string, ...names: readonly string[]): string {
    return join(this.folder, 'messages', id, ...names);
  }

  readMessage(id: string): Promise<MessageRecord | undefined> {
    return readRecord<MessageRecord>(this.path(id, 'meta.json'), 'topaz.mycarenet.message/1');
  }

  /** Every message, in the order of their arrival. */
  async messages(): Promise<readonly MessageRecord[]> {
    const records = await Promise.all((await this.messageIds()).map((id) => this.readMessage(id)));
    return records
      .filter((record) => record !== undefined)
      .sort((x, y) => x.receivedAt.localeCompare(y.receivedAt) || x.id.localeCompare(y.id));
  }

  /** Stores a message, in place of an earlier copy of it. {@link syncArrivals} makes its name durable. */
  async putMessage(
    record: MessageRecord,
    files: Readonly<Record<'detail', StagedFile>> &
      Readonly<Partial<Record<'content' | 'xades', StagedFile>>>,
  ): Promise<void> {
    const staged = join(this.tmp, this.#options.newId());
    await stageFolder(staged, { ...files, 'meta.json': formatRecord(record) });
    await this.#reached('message.staged');
    await placeFolder(staged, this.path(record.id), () => this.#reached('message.aside'));
    await this.#reached('message.placed');
  }

  async updateMessage(record: MessageRecord): Promise<void> {
    await writeFileAtomic(this.path(record.id, 'meta.json'), formatRecord(record));
    await this.#reached('message.updated');
  }

  /** Adds the document of a message that could not be read before. */
  async addContent(record: MessageRecord, content: Uint8Array): Promise<void> {
    await writeFileAtomic(this.path(record.id, 'content'), content);
    await this.updateMessage(record);
  }

  /**
   * The business document, or what was carried where that cannot be read.
   *
   * @param source What was carried, in any case.
   */
  async readContent(id: string, { source = false } = {}): Promise<Uint8Array> {
    if (!source) {
      try {
        return await readFile(this.path(id, 'content'));
      } catch (error) {
        if (systemCode(error) !== 'ENOENT') {
          throw error;
        }
      }
    }
    return readFile(this.path(id, 'detail'));
  }

  readTack(id: string): Promise<AcknowledgementRecord | undefined> {
    return readRecord<AcknowledgementRecord>(join(this.folder, 'tacks', `${id}.json`), 'topaz.mycarenet.tack/1'); // prettier-ignore
  }

  async tacks(): Promise<readonly AcknowledgementRecord[]> {
    const names = await namesIn(join(this.folder, 'tacks'));
    const ids = names.flatMap((name) => /^([0-9a-f]{16})\.json$/.exec(name)?.[1] ?? []);
    const records = await Promise.all(ids.map((id) => this.readTack(id)));
    return records
      .filter((record) => record !== undefined)
      .sort((x, y) => x.receivedAt.localeCompare(y.receivedAt) || x.id.localeCompare(y.id));
  }

  async putTack(record: AcknowledgementRecord): Promise<void> {
    await writeFileAtomic(join(this.folder, 'tacks', `${record.id}.json`), formatRecord(record));
    await this.#reached('tack.written');
  }

  /** Makes what arrived durable: only then may it be confirmed. */
  async syncArrivals(): Promise<void> {
    await syncFolder(join(this.folder, 'messages'));
    await this.#reached('arrivals.synced');
  }

  /** Takes a reference for a post, before it leaves. @throws TopazError `E_FILE_EXISTS` when it was used. */
  async putSent(record: SentRecord, content: Uint8Array): Promise<void> {
    if ((await this.readSent(record.reference)) !== undefined) {
      throw new TopazError('E_FILE_EXISTS', `the reference ${record.reference} was used already`, {
        hint: 'leave out --reference: a new one is made',
      });
    }
    const staged = join(this.tmp, this.#options.newId());
    await stageFolder(staged, { content, 'meta.json': formatRecord(record) });
    await placeFolder(staged, this.#sentPath(record.reference));
    await syncFolder(join(this.folder, 'sent'));
    await this.#reached('sent.placed');
  }

  async updateSent(record: SentRecord): Promise<void> {
    await writeFileAtomic(join(this.#sentPath(record.reference), 'meta.json'), formatRecord(record)); // prettier-ignore
    await this.#reached('sent.updated');
  }

  readSent(reference: string): Promise<SentRecord | undefined> {
    return REFERENCE.test(reference)
      ? readRecord<SentRecord>(join(this.#sentPath(reference), 'meta.json'), 'topaz.mycarenet.sent/1') // prettier-ignore
      : Promise.resolve(undefined);
  }

  async sent(): Promise<readonly SentRecord[]> {
    const names = await namesIn(join(this.folder, 'sent'));
    const records = await Promise.all(names.map((name) => this.readSent(name)));
    return records.filter((record) => record !== undefined);
  }

  readSentContent(reference: string): Promise<Uint8Array> {
    return readFile(join(this.#sentPath(reference), 'content'));
  }

  /** Whether this machine holds anything of this mailbox. */
  exists(): Promise<boolean> {
    return stat(join(this.folder, 'messages')).then(
      (found) => found.isDirectory(),
      () => false,
    );
  }

  #sentPath(reference: string): string {
    return join(this.folder, 'sent', reference);
  }

  async #reached(step: string): Promise<void> {
    await this.#options.checkpoint?.(step);
  }
}
