/**
 * The requests of a profile on disk: `requests/<id>.json` with what is known, and `requests/<id>.xml` with the
 * signed request until its acceptance is certain. Both 0600, written whole.
 *
 * @module
 */

import { readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';

import { makePrivateFolder, writeFileAtomic } from '../disk/atomic.js';
import { withLock } from '../disk/lock.js';
import type { LockOptions } from '../disk/lock.js';
import { systemCode, TopazError } from '../errors.js';
import type { Identifier } from '../ids/identifier.js';
import { isOpen, parseRecord } from './request-record.js';
import type { RequestRecord } from './request-record.js';

/** Shorter beginnings of an identifier are not taken. */
export const MIN_PREFIX = 8;

export interface RequestStore {
  /** All of them, oldest first. */
  list(): Promise<readonly RequestRecord[]>;
  find(id: string): Promise<RequestRecord | undefined>;
  save(record: RequestRecord): Promise<void>;
  /** The signed request, as it is sent. */
  saveMessage(id: string, xml: string): Promise<void>;
  readMessage(id: string): Promise<string | undefined>;
  removeMessage(id: string): Promise<void>;
  /** Runs `work` while no other command changes a request of this profile. */
  exclusively<T>(options: LockOptions, work: () => Promise<T>): Promise<T>;
}

/**
 * The requests below the state folder of a profile.
 *
 * @param stateFolder Made when something is written.
 */
export function openRequestStore(stateFolder: string): RequestStore {
  const folder = join(stateFolder, 'requests');
  const recordFile = (id: string): string => join(folder, `${id}.json`);
  const messageFile = (id: string): string => join(folder, `${id}.xml`);
  return {
    list: async () => {
      const names = (await namesIn(folder)).filter((name) => /^[0-9a-f]{40}\.json$/.test(name));
      const records = await Promise.all(
        names.map(async (name) => {
          const path = join(folder, name);
          const text = await readText(path);
          return text === undefined ? undefined : parseRecord(text, path);
        }),
      );
      return records
        .filter((record) => record !== undefined)
        .toSorted((a, b) => a.createdAt.localeCompare(b.createdAt, 'en'));
    },
    find: async (id) => {
      const path = recordFile(id);
      const text = await readText(path);
      return text === undefined ? undefined : parseRecord(text, path);
    },
    save: async (record) => {
      await makePrivateFolder(folder);
      await writeFileAtomic(recordFile(record.id), `${JSON.stringify(record, undefined, 2)}\n`);
    },
    saveMessage: async (id, xml) => {
      await makePrivateFolder(folder);
      await writeFileAtomic(messageFile(id), xml);
    },
    readMessage: (id) => readText(messageFile(id)),
    removeMessage: async (id) => {
      await unlink(messageFile(id)).catch((error: unknown) => {
        if (systemCode(error) !== 'ENOENT') {
          throw error;
        }
      });
    },
    exclusively: async (options, work) => {
      await makePrivateFolder(folder);
      return withLock(join(folder, 'lock'), options, work);
    },
  };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return [];
    }
    throw error;
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

/** Requests of a holder that are not over, oldest first. */
export const openRequestsOf = (
  records: readonly RequestRecord[],
  { type, id }: Identifier,
  environment: string,
  applicationId?: string,
): readonly RequestRecord[] =>
  records.filter(
    (record) =>
      isOpen(record) &&
      record.environment === environment &&
      record.holder.type === type &&
      record.holder.id === id &&
      record.applicationId === applicationId,
  );

/**
 * The request that is meant: by its identifier or the beginning of it, else the only one in progress.
 *
 * @throws TopazError `E_USAGE` when there is none, or more than one that could be meant.
 */
export function chooseRequest(
  records: readonly RequestRecord[],
  given: string | undefined,
): RequestRecord {
  const candidates =
    given === undefined ? records.filter(isOpen) : byPrefix(records, given.toLowerCase());
  const [record] = candidates;
  if (record !== undefined && candidates.length === 1) {
    return record;
  }
  if (candidates.length > 1) {
    throw new TopazError('E_USAGE', 'there are several requests on this machine; which one?', {
      facts: candidates.map(({ id, createdAt }) => `${id.slice(0, MIN_PREFIX)} of ${createdAt}`),
      hint: 'name it by its reference; topaz cert list shows them',
    });
  }
  throw given === undefined
    ? new TopazError('E_USAGE', 'there is no request in progress on this machine', {
        hint: 'topaz cert request',
      })
    : new TopazError('E_USAGE', 'there is no such request on this machine', {
        hint: 'topaz cert list shows them',
      });
}

function byPrefix(records: readonly RequestRecord[], prefix: string): readonly RequestRecord[] {
  if (!/^[0-9a-f]{8,40}$/.test(prefix)) {
    throw new TopazError('E_USAGE', 'a request is named by 8 or more digits of its reference', {
      facts: ['digits 0 to 9 and letters a to f'],
      hint: 'topaz cert list shows them',
    });
  }
  return records.filter(({ id }) => id.startsWith(prefix));
}
