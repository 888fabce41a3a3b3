/**
 * What became of a message whose answer was lost: it lies in the sent box, or the service wrote an error about
 * it (ehealthbox §4). Lists do not show publication ids, so the few messages that may be it are read.
 *
 * @module
 */

import { fetchFullMessage, fetchMessagesList } from '../client.js';
import type { ConsultationOptions } from '../client.js';
import type { FullMessage } from '../message.js';
import type { ListEntry } from '../reply.js';
import { PAGE } from '../request.js';
import type { WireFolder } from '../request.js';
import type { Call } from '../../soap/call.js';
import type { OutboxRecord } from './outbox-record.js';

export type Found =
  | { readonly state: 'sent'; readonly messageId: string }
  | { readonly state: 'refused'; readonly code: string; readonly texts: readonly string[] };

/** More of one day under one title is no search any more. */
const MAX_CANDIDATES = 50;
const MAX_PAGES = 20;
const DAY_MS = 86_400_000;

/**
 * @param url Of the consultation service.
 * @returns `undefined` when there is no trace of it.
 * @throws TopazError those of the calls: then nothing is known.
 */
export async function findSent(
  call: Call,
  url: string,
  record: Pick<OutboxRecord, 'publicationId' | 'subject' | 'createdAt'>,
  options: ConsultationOptions,
): Promise<Found | undefined> {
  const { publicationId } = record;
  const read = async (source: 'INBOX' | 'SENTBOX', id: string): Promise<FullMessage> =>
    (await fetchFullMessage(call, url, { ...options, source, id })).message;
  // Another program may have moved it already.
  for (const folder of ['SENTBOX', 'BINSENTBOX'] as const) {
    const sent = await candidates(call, url, record, options, folder, ({ title }) => title === undefined || sameText(title, record.subject)); // prettier-ignore
    for (const { id } of sent) {
      if ((await read('SENTBOX', id)).publicationId === publicationId) {
        return { state: 'sent', messageId: id };
      }
    }
  }
  const errors = await candidates(call, url, record, options, 'INBOX', ({ contentType }) => contentType === 'ERROR'); // prettier-ignore
  for (const { id } of errors) {
    const { error } = await read('INBOX', id);
    if (error?.publicationId === publicationId) {
      return { state: 'refused', code: error.code, texts: error.messages };
    }
  }
  return undefined;
}

const sameText = (a: string, b: string): boolean => spaced(a) === spaced(b);
const spaced = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** Entries of a folder since the day before the message was written, newest first. */
async function candidates(
  call: Call,
  url: string,
  { createdAt }: Pick<OutboxRecord, 'createdAt'>,
  options: ConsultationOptions,
  folder: WireFolder,
  fits: (entry: ListEntry) => boolean,
): Promise<readonly ListEntry[]> {
  const since = dayBefore(createdAt);
  const found = new Map<string, ListEntry>();
  for (let page = 0; page < MAX_PAGES; page += 1) {
    // A page begins with the last entry of the one before: what is removed meanwhile hides nothing.
    const start = page * (PAGE - 1) + 1;
    const listed = await fetchMessagesList(call, url, { ...options, folder, start, end: start + PAGE - 1 }); // prettier-ignore
    const entries = listed.flatMap(({ entry }) => entry ?? []);
    for (const entry of entries) {
      if ((entry.publicationDate ?? since) >= since && fits(entry)) {
        found.set(entry.id, entry);
      }
    }
    const oldest = entries.at(-1)?.publicationDate;
    if (listed.length < PAGE || (oldest !== undefined && oldest < since)) {
      break;
    }
  }
  return [...found.values()].slice(0, MAX_CANDIDATES);
}

const dayBefore = (moment: string): string =>
  new Date(Date.parse(moment) - DAY_MS).toISOString().slice(0, 10);
