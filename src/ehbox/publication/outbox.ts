/**
 * The outbox of a box: one file per message (0600), written whole before anything is sent and after each
 * answer. A program that is killed at any moment leaves a record that says what may have happened.
 *
 * @module
 */

import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { makePrivateFolder, writeFileAtomic } from '../../disk/atomic.js';
import { withLock } from '../../disk/lock.js';
import { systemCode, TopazError } from '../../errors.js';
import { boxFolderName } from '../address.js';
import type { BoxAddress } from '../address.js';
import { isOutboxRecord } from './outbox-record.js';
import type { OutboxRecord } from './outbox-record.js';

/** Windows keeps some names for devices: none begins so. */
const PREFIX = 'm-';

/**
 * Where the outbox of a box is: beside the mirrors, so that it stays when a mirror is made anew.
 *
 * @param ehboxFolder The `ehbox` folder of the profile.
 */
export const outboxFolder = (ehboxFolder: string, environment: string, from: BoxAddress): string =>
  join(outboxesFolder(ehboxFolder, environment), boxFolderName(from));

const outboxesFolder = (ehboxFolder: string, environment: string): string =>
  join(dirname(ehboxFolder), 'outbox', environment);

export class Outbox {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  #path(publicationId: string, ending = '.json'): string {
    return join(this.folder, `${PREFIX}${publicationId}${ending}`);
  }

  /**
   * Adds a message; on the disk when this returns.
   *
   * @throws TopazError `E_FILE_EXISTS` when there is one of that id, `E_DISK_FULL`, `E_READ_ONLY`.
   */
  async add(record: OutboxRecord): Promise<void> {
    await makePrivateFolder(this.folder);
    await writeFileAtomic(this.#path(record.publicationId), textOf(record), { overwrite: false });
  }

  /** @returns `undefined` when there is none. @throws TopazError `E_MESSAGE_UNKNOWN` for a damaged one. */
  async read(publicationId: string): Promise<OutboxRecord | undefined> {
    return readRecordFile(this.#path(publicationId));
  }

  async write(record: OutboxRecord): Promise<void> {
    await writeFileAtomic(this.#path(record.publicationId), textOf(record));
  }

  /**
   * Keeps other commands from sending the same message.
   *
   * @throws TopazError `E_LOCKED`.
   */
  lock<T>(
    publicationId: string,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
    work: () => Promise<T>,
  ): Promise<T> {
    return withLock(this.#path(publicationId, '.lock'), options, work);
  }

  /** In the order in which they were written. */
  async list(): Promise<readonly OutboxRecord[]> {
    const records: OutboxRecord[] = [];
    for (const name of await namesIn(this.folder)) {
      if (name.startsWith(PREFIX) && name.endsWith('.json')) {
        const record = await readRecordFile(join(this.folder, name));
        if (record !== undefined) {
          records.push(record);
        }
      }
    }
    return records.sort(
      (a, b) =>
        a.createdAt.localeCompare(b.createdAt) || a.publicationId.localeCompare(b.publicationId),
    );
  }
}

/** All outboxes of an environment. */
export async function listOutboxes(
  ehboxFolder: string,
  environment: string,
): Promise<readonly Outbox[]> {
  const parent = outboxesFolder(ehboxFolder, environment);
  return (await namesIn(parent)).map((name) => new Outbox(join(parent, name)));
}

const textOf = (record: OutboxRecord): string => `${JSON.stringify(record)}\n`;

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return [];
    }
    throw error;
  }
}

async function readRecordFile(path: string): Promise<OutboxRecord | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
  const value = parse(text);
  if (!isOutboxRecord(value)) {
    throw new TopazError('E_MESSAGE_UNKNOWN', 'a message of the outbox cannot be read', {
      facts: [path],
      hint: 'look in the sent folder whether it went out, then remove the file',
    });
  }
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
