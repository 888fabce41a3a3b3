/**
 * Finds messages and acknowledgements in the mailboxes of this machine.
 *
 * @module
 */

import { TopazError } from '../../../errors.js';
import type { LocalMailbox } from './domain-flags.js';
import type { Item } from './summary.js';

/** Everything, newest last. */
export async function allItems(mailboxes: readonly LocalMailbox[]): Promise<readonly Item[]> {
  const lists = await Promise.all(mailboxes.map((mailbox) => itemsOf(mailbox)));
  return lists.flat().sort((x, y) => x.record.receivedAt.localeCompare(y.record.receivedAt));
}

export async function itemsOf({ domain, store }: LocalMailbox): Promise<readonly Item[]> {
  const [messages, tacks] = await Promise.all([store.messages(), store.tacks()]);
  return [
    ...messages.map((record): Item => ({ domain, kind: 'message', record })),
    ...tacks.map((record): Item => ({ domain, kind: 'tack', record })),
  ];
}

const SHORTEST = 4;

/**
 * The one of an id, of the beginning of an id, or of a reference of the broker.
 *
 * @throws TopazError `E_MESSAGE_UNKNOWN`, `E_USAGE` when several fit.
 */
export function findItem(items: readonly Item[], what: string): Item {
  const fitting = items.filter(
    ({ record }) =>
      record.reference === what ||
      (what.length >= SHORTEST && record.id.startsWith(what.toLowerCase())),
  );
  const [found, ...others] = fitting;
  if (found === undefined) {
    throw new TopazError('E_MESSAGE_UNKNOWN', 'there is no such message on this machine', {
      hint: 'topaz mycarenet mailbox list',
    });
  }
  if (others.length > 0) {
    throw new TopazError('E_USAGE', 'several messages fit', {
      facts: fitting.slice(0, 5).map(({ domain, record }) => `${record.id} ${domain}`),
      hint: 'write more of the id, or add --domain NAME',
    });
  }
  return found;
}
