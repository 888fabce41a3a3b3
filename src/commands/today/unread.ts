/**
 * How many messages of a mailbox wait for somebody, from the small files of its mirror alone.
 *
 * @module
 */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { seconds } from '../../cli/text.js';
import { readRecord } from '../../ehbox/records.js';
import type { MessageMeta } from '../../ehbox/records.js';
import { readRecord as readStored } from '../../mycarenet/genasync/records.js';
import type { MailboxRecord, MessageRecord } from '../../mycarenet/genasync/records.js';

/** So many files are read at the same time. */
const AT_ONCE = 64;

export interface Unread {
  /** In the inbox, and still at eHealth. */
  readonly unread: number;
  readonly messages: number;
}

/** @param mirror Folder of the mirror. */
export async function countUnread(mirror: string): Promise<Unread> {
  const records = await readAll(join(mirror, 'messages', 'received'), (path) =>
    readRecord<MessageMeta>(path, 'topaz.ehbox.message/1'),
  );
  const inbox = records.filter(
    ({ folder, goneSince }) => folder === 'inbox' && goneSince === undefined,
  );
  return { unread: inbox.filter(({ unread }) => unread).length, messages: inbox.length };
}

export interface Unconfirmed {
  /** MyCareNet was not told yet that they were received. */
  readonly unconfirmed: number;
  readonly messages: number;
  readonly lastSync?: string;
}

/**
 * @param mailbox Folder of a mailbox of MyCareNet.
 * @returns `undefined` where there is none.
 */
export async function countUnconfirmed(mailbox: string): Promise<Unconfirmed | undefined> {
  const record = await readStored<MailboxRecord>(join(mailbox, 'mailbox.json'), 'topaz.mycarenet.mailbox/1'); // prettier-ignore
  if (record === undefined) {
    return undefined;
  }
  const messages = await readAll(join(mailbox, 'messages'), (path) =>
    readStored<MessageRecord>(path, 'topaz.mycarenet.message/1'),
  );
  return {
    unconfirmed: messages.filter(({ confirmedAt }) => confirmedAt === undefined).length,
    messages: messages.length,
    ...(record.lastSync === undefined ? {} : { lastSync: seconds(new Date(record.lastSync)) }),
  };
}

/** `meta.json` of each folder in a folder; damaged ones are left out. */
async function readAll<T>(
  folder: string,
  read: (path: string) => Promise<T | undefined>,
): Promise<readonly T[]> {
  const names = await readdir(folder).catch(() => []);
  const found: T[] = [];
  for (let from = 0; from < names.length; from += AT_ONCE) {
    const records = await Promise.all(
      names.slice(from, from + AT_ONCE).map((name) => read(join(folder, name, 'meta.json'))),
    );
    found.push(...records.filter((record) => record !== undefined));
  }
  return found;
}
