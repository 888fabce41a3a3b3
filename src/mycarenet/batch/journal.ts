/**
 * The journal of the questions of one Belgian day: each is written before it is sent, each answer before it is
 * shown. A batch that was interrupted goes on from here, and what was answered today is not asked twice
 * (mycarenet §6).
 *
 * One line of JSON a record, appended; the index in memory holds places in the file, not answers, so that a
 * long list costs little. A line torn by a crash is cut off when the journal is opened again: its question is a
 * read and is asked anew.
 *
 * @module
 */

import { constants, writeSync } from 'node:fs';
import { open, readdir, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { diskError, makePrivateFolder } from '../../disk/atomic.js';
import { acquireLock } from '../../disk/lock.js';
import type { Lock, LockOptions } from '../../disk/lock.js';
import { TopazError } from '../../errors.js';
import type { LocalDate } from '../belgian-day.js';
import type { StoredReply } from './stored-answer.js';

/** One that failed, as much as a later run needs. Holds no number of a patient. */
export interface StoredFailure {
  readonly code: string;
  readonly message: string;
  readonly facts: readonly string[];
  readonly hint?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export type JournalRecord =
  | { readonly state: 'sent'; readonly key: string; readonly at: string; readonly reference: string }
  | {
      readonly state: 'answered';
      readonly key: string;
      readonly patient: string;
      readonly at: string;
      readonly reference: string;
      readonly reply: StoredReply;
    }
  | {
      readonly state: 'failed';
      readonly key: string;
      readonly at: string;
      readonly error: StoredFailure;
    }; // prettier-ignore

/** Where the last word about a question stands. */
export interface Place {
  readonly state: JournalRecord['state'];
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly offset: number;
  readonly length: number;
}

const FILE = /^([0-9]{4}-[0-9]{2}-[0-9]{2})\.jsonl$/;
const CHUNK = 256 * 1024;
const NEWLINE = 0x0a;

/** The journal of a day, held by one process. */
export class AnswerJournal {
  readonly #file: FileHandle;
  readonly #lock: Lock;
  readonly #path: string;
  readonly #places = new Map<string, Place>();
  #end = 0;

  private constructor(path: string, file: FileHandle, lock: Lock) {
    this.#path = path;
    this.#file = file;
    this.#lock = lock;
  }

  /**
   * Opens or makes the journal of a day. Its folder is private (0700), the file 0600.
   *
   * @throws TopazError `E_LOCKED` when another batch of this profile runs; `E_DISK_FULL`, `E_READ_ONLY`.
   */
  static async open(folder: string, day: LocalDate, lock: LockOptions): Promise<AnswerJournal> {
    await makePrivateFolder(folder);
    const held = await acquireLock(join(folder, '.lock'), lock);
    const path = join(folder, `${day}.jsonl`);
    try {
      const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
      const journal = new AnswerJournal(path, await open(path, flags, 0o600), held);
      await journal.#read();
      return journal;
    } catch (error) {
      await held.release();
      throw diskError(error, path);
    }
  }

  /** The last word about a question. */
  find(key: string): Place | undefined {
    return this.#places.get(key);
  }

  /**
   * Appends a record; it is with the system when this returns, so that a killed process loses nothing. Written at
   * once, one after the other: records of questions that run side by side never mix.
   *
   * @throws TopazError `E_DISK_FULL`.
   */
  append(record: JournalRecord): Place {
    const bytes = Buffer.from(`${JSON.stringify(record)}\n`);
    const offset = this.#end;
    try {
      for (let done = 0; done < bytes.length;) {
        done += writeSync(this.#file.fd, bytes, done, bytes.length - done, offset + done);
      }
    } catch (error) {
      throw diskError(error, this.#path);
    }
    this.#end += bytes.length;
    return this.#remember(record, offset, bytes.length);
  }

  /** Reads a record again. */
  async read({ offset, length }: Place): Promise<JournalRecord> {
    const bytes = Buffer.alloc(length);
    await this.#file.read(bytes, 0, length, offset);
    const record = parse(bytes.subarray(0, length));
    if (record === undefined) {
      throw new TopazError(
        'E_INTERNAL',
        'the journal of the batch was changed while it was in use',
        {
          facts: [this.#path],
          hint: 'run the command again',
        },
      );
    }
    return record;
  }

  /** Lets others use it. */
  async close(): Promise<void> {
    await this.#file.close();
    await this.#lock.release();
  }

  #remember(record: JournalRecord, offset: number, length: number): Place {
    const place: Place = { state: record.state, at: Date.parse(record.at), offset, length };
    const known = this.#places.get(record.key);
    // An answer stays the last word until a later one: a question that was sent again and lost does not hide it.
    if (known?.state !== 'answered' || record.state === 'answered') {
      this.#places.set(record.key, place);
    }
    return place;
  }

  async #read(): Promise<void> {
    let end = 0;
    for await (const { record, offset, length } of recordsOf(this.#file)) {
      end = offset + length;
      if (record !== undefined) {
        this.#remember(record, offset, length);
      }
    }
    this.#end = end;
    await this.#file.truncate(end);
  }
}

/** The records of a journal of another day, oldest first. A torn or foreign line is passed over. */
export async function* readJournal(path: string): AsyncGenerator<JournalRecord> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    for await (const { record } of recordsOf(file)) {
      if (record !== undefined) {
        yield record;
      }
    }
  } finally {
    await file.close();
  }
}

/** The days of which there is a journal, oldest first. */
export async function journalDays(folder: string): Promise<readonly LocalDate[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .flatMap((name) => (FILE.exec(name)?.[1] ?? []) as LocalDate[])
    .toSorted((a, b) => (a < b ? -1 : 1));
}

/** The file of a day. */
export const journalPath = (folder: string, day: LocalDate): string => join(folder, `${day}.jsonl`);

/** Removes the journals of days before `first`: answers about patients are not kept longer than they serve. */
export async function sweepJournals(folder: string, first: LocalDate): Promise<void> {
  for (const day of await journalDays(folder)) {
    if (day < first) {
      await unlink(journalPath(folder, day));
    }
  }
}

interface Line {
  readonly record: JournalRecord | undefined;
  readonly offset: number;
  /** With the line end. */
  readonly length: number;
}

async function* recordsOf(file: FileHandle): AsyncGenerator<Line> {
  let rest = Buffer.alloc(0);
  let offset = 0;
  let position = 0;
  const chunk = Buffer.alloc(CHUNK);
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, CHUNK, position);
    if (bytesRead === 0) {
      // What follows the last line end was torn off.
      return;
    }
    position += bytesRead;
    rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    let start = 0;
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE, start)) {
      const length = end + 1 - start;
      yield { record: parse(rest.subarray(start, end)), offset, length };
      offset += length;
      start = end + 1;
    }
    rest = rest.subarray(start);
  }
}

const STATES: ReadonlySet<unknown> = new Set(['sent', 'answered', 'failed']);

function parse(bytes: Buffer): JournalRecord | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Our own file of this machine, 0600: its form is recognised, not proved. */
const isRecord = (value: unknown): value is JournalRecord =>
  typeof value === 'object' &&
  value !== null &&
  'key' in value &&
  typeof value.key === 'string' &&
  'at' in value &&
  typeof value.at === 'string' &&
  'state' in value &&
  STATES.has(value.state);
