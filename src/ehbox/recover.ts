/**
 * What a run finds when it begins: the states of all messages, made right where the last thing that an
 * earlier run did was a commit, where somebody deleted an answer, or where a power cut took the state.
 *
 * @module
 */

import { setImmediate } from 'node:timers/promises';

import { readXml } from '../xml/read.js';
import { markStored } from './commits.js';
import { newMeta } from './entries.js';
import type { MailboxMirror, MessageKey } from './mirror.js';
import type { MessageMeta, Side } from './records.js';
import { readListEntry } from './reply.js';
import { readStored } from './unpack.js';

/** Messages that are marked in one go. */
const MARKS = 50;
const TURN = 200;

/** States of a side by id. Only under the lock. */
export async function recover(
  mirror: MailboxMirror,
  side: Side,
  now: () => Date,
): Promise<Map<string, MessageMeta>> {
  const known = new Map<string, MessageMeta>();
  const unmarked: { readonly key: MessageKey; readonly at: Date }[] = [];
  // Interruptions get through between batches.
  let looked = 0;
  for (const key of await mirror.keys(side)) {
    looked += 1;
    await (looked % TURN === 0 ? setImmediate() : undefined);
    const meta = (await mirror.readMeta(key)) ?? (await rebuild(mirror, key, now()));
    if (meta === undefined) {
      continue;
    }
    known.set(key.id, meta);
    const there = await mirror.hasRaw(key);
    if (there && meta.storedAt === undefined) {
      unmarked.push({ key, at: now() });
      mirror.journal.add({ event: 'stored', ...key });
    } else if (!there && meta.storedAt !== undefined) {
      await mirror.updateMeta(key, (state) => ({ ...state, storedAt: undefined }));
      known.set(key.id, { ...meta, storedAt: undefined });
    }
  }
  while (unmarked.length > 0) {
    const some = unmarked.splice(0, MARKS);
    await markStored(mirror, some);
    for (const { key } of some) {
      const meta = await mirror.readMeta(key);
      if (meta !== undefined) {
        known.set(key.id, meta);
      }
    }
  }
  return known;
}

/**
 * A state that was lost, from the entry of the list or from the answer: a message that left the service meanwhile
 * is not to disappear here. What neither gives waits for the next list.
 */
async function rebuild(
  mirror: MailboxMirror,
  key: MessageKey,
  now: Date,
): Promise<MessageMeta | undefined> {
  const folder = key.side === 'received' ? 'inbox' : 'sent';
  const stored = await mirror.hasRaw(key);
  const xml = await mirror.readEntry(key);
  const entry = (xml === undefined ? undefined : entryOf(xml)) ?? (stored ? await answerOf(mirror, key) : undefined); // prettier-ignore
  if (entry === undefined) {
    return undefined;
  }
  const meta = newMeta({ ...entry, id: key.id }, key.side, folder, now, stored);
  await mirror.addEntry(meta, xml ?? '');
  return meta;
}

function entryOf(xml: string): ReturnType<typeof readListEntry> {
  try {
    return readListEntry(readXml(xml));
  } catch {
    return undefined;
  }
}

async function answerOf(
  mirror: MailboxMirror,
  key: MessageKey,
): Promise<ReturnType<typeof readListEntry>> {
  try {
    return { ...(await readStored(mirror, key)), id: key.id };
  } catch {
    return undefined;
  }
}
