/**
 * From the seed into a box: a message gets its number, a sealed one waits until its recipient has an ETK, a
 * full box lets nothing in until there is room again, and what is a year old disappears (ehealthbox §3, §9).
 *
 * @module
 */

import { createHash } from 'node:crypto';

import { boxOf, sameBox } from './ehbox-addresses.js';
import type { BoxKey } from './ehbox-addresses.js';
import {
  composeContent,
  readContent,
  readMessageFile,
  removeMessageFile,
  seedText,
  writeMessageFile,
} from './ehbox-content.js';
import { messageId, receipt } from './ehbox-receipt-messages.js';
import { encryptionCertificate } from './etk.js';
import type { Sandbox } from './exchange.js';
import type { MessageSeed } from './seed.js';
import type { BoxMessage } from './state.js';

/** Capacity of a box, as existing clients assume it. */
export const MAX_SIZE_BYTES = 10_485_760;

/**
 * Puts messages on their way. One that the state holds already (same content, same place among equals) is
 * not added again, so that a seed may be applied twice.
 *
 * @param options.again Adds it in any case, as somebody who sends the same message twice.
 * @returns Numbers of the messages that were added.
 */
export async function addMessages(
  sandbox: Sandbox,
  messages: readonly MessageSeed[],
  { again = false }: { readonly again?: boolean } = {},
): Promise<readonly string[]> {
  const { state, store } = sandbox;
  const added: string[] = [];
  const repeated = new Map<string, number>();
  for (const seed of messages) {
    const text = seedText(seed);
    const nth = (repeated.get(text) ?? 0) + 1;
    repeated.set(text, nth);
    const seedKey = sha256(again ? sandbox.newId() : `${nth} ${text}`).toString('hex');
    if (state.messages.some((message) => message.seedKey === seedKey)) {
      continue;
    }
    const id = messageId(sandbox);
    writeMessageFile(sandbox, id, { state: 'waiting', seed });
    state.messages.push({
      id,
      seedKey,
      to: boxOf(sandbox, seed.to, seed.quality),
      sealed: seed.sealed,
      folder: 'INBOX',
      read: false,
    });
    added.push(id);
  }
  await deliverWaiting(sandbox);
  await store.save();
  return added;
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Delivers what can be delivered now. Called at the start of each request and after each new message; saves
 * only when something changed.
 */
export async function deliverWaiting(sandbox: Sandbox): Promise<void> {
  const { state, store } = sandbox;
  await expire(sandbox);
  let changed = false;
  const sizes = new Map<string, number>();
  for (const message of state.messages) {
    if (message.order === undefined && makeReady(sandbox, message)) {
      changed = enter(sandbox, message, sizes) || changed;
    }
  }
  if (changed) {
    await store.save();
  }
}

/** Whether the content of a message is there; seals it first where the recipient has an ETK by now. */
function makeReady(sandbox: Sandbox, { id, to, sealed }: BoxMessage): boolean {
  const file = readMessageFile(sandbox, id);
  if (file.state === 'ready') {
    return true;
  }
  const recipient = sealed ? encryptionCertificate(sandbox, to.type, to.id) : undefined;
  if (sealed && recipient === undefined) {
    return false;
  }
  const content = composeContent(file.seed, sandbox, recipient);
  writeMessageFile(sandbox, id, { state: 'ready', content });
  return true;
}

/**
 * Lets a message in when its box has room; it keeps the date of its publication.
 *
 * @param sizes Bytes by box, filled at need: each content is read once.
 */
function enter(sandbox: Sandbox, message: BoxMessage, sizes: Map<string, number>): boolean {
  const { state } = sandbox;
  const dated = message.publishedOn === undefined;
  message.publishedOn ??= belgianDay(sandbox.now());
  const key = JSON.stringify(message.to);
  const size = sizes.get(key) ?? boxSize(sandbox, message.to);
  // What was sent is kept in any case.
  if (message.folder === 'INBOX' && size >= MAX_SIZE_BYTES) {
    sizes.set(key, size);
    return dated;
  }
  sizes.set(key, size + readContent(sandbox, message.id).sizeBytes);
  state.deliveries += 1;
  message.order = state.deliveries;
  receipt(sandbox, message, 'RECEIVED');
  return true;
}

/** Delivered messages of a box, newest first. */
export const delivered = ({ state }: Sandbox, box: BoxKey): readonly BoxMessage[] =>
  state.messages
    .filter((message) => message.order !== undefined && sameBox(message.to, box))
    .sort(
      (a, b) =>
        (b.publishedOn ?? '').localeCompare(a.publishedOn ?? '') || (b.order ?? 0) - (a.order ?? 0),
    );

/** How many messages stand before a full box. */
export const standBy = ({ state }: Sandbox, box: BoxKey): number =>
  state.messages.filter(
    ({ to, order, publishedOn }) =>
      order === undefined && publishedOn !== undefined && sameBox(to, box),
  ).length;

/** Bytes in a box, the bin included. */
export const boxSize = (sandbox: Sandbox, box: BoxKey): number =>
  delivered(sandbox, box).reduce((sum, { id }) => sum + readContent(sandbox, id).sizeBytes, 0);

/**
 * Removes messages for good: from the saved state first, so that no listed message lacks its content. A message
 * to several boxes is one content, which stays as long as one of them has it.
 */
export async function removeMessages(
  sandbox: Sandbox,
  messages: readonly BoxMessage[],
): Promise<void> {
  const { state, store } = sandbox;
  const removed = new Set(messages);
  state.messages = state.messages.filter((message) => !removed.has(message));
  await store.save();
  const left = new Set(state.messages.map(({ id }) => id));
  for (const { id } of messages.filter((message) => !left.has(message.id))) {
    removeMessageFile(sandbox, id);
  }
}

/** One year after publication a message is gone, read or not. */
async function expire(sandbox: Sandbox): Promise<void> {
  const today = belgianDay(sandbox.now());
  const old = sandbox.state.messages.filter(
    ({ publishedOn }) => publishedOn !== undefined && aYearLater(publishedOn) <= today,
  );
  if (old.length > 0) {
    await removeMessages(sandbox, old);
  }
}

/** `2026-03-01` → `2027-03-01`. */
export const aYearLater = (day: string): string => `${Number(day.slice(0, 4)) + 1}${day.slice(4)}`;

const DAY = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Brussels' });

/** The calendar day in Belgium, `YYYY-MM-DD`. */
const belgianDay = (date: Date): string => DAY.format(date);
