/**
 * Where a post stands: what was said of it at once, and what arrived since (mycarenet §3.4). From the files alone.
 *
 * @module
 */

import type { AcknowledgementRecord, MessageRecord, SentRecord } from './records.js';
import type { MailboxStore } from './store.js';

/**
 * `unknown`: sent, and the answer was lost. `accepted`: by the broker. `delivered`: to a mutuality. `answered`: a
 * message came back. `refused`: by the broker, or never delivered to the mutuality; it must be posted again.
 */
export type PostState = 'unknown' | 'accepted' | 'delivered' | 'answered' | 'refused';

export interface PostStatus {
  readonly reference: string;
  readonly state: PostState;
  readonly sent: SentRecord | undefined;
  readonly tacks: readonly AcknowledgementRecord[];
  readonly messages: readonly MessageRecord[];
}

/** Everything about a reference; `undefined` when nothing here knows it. */
export async function postStatus(
  store: MailboxStore,
  reference: string,
): Promise<PostStatus | undefined> {
  const [sent, tacks, messages] = await Promise.all([
    store.readSent(reference),
    store.tacks(),
    store.messages(),
  ]);
  const ours = {
    tacks: tacks.filter(({ appliesTo }) => appliesTo === reference),
    messages: messages.filter(({ references }) => references.input === reference),
  };
  if (sent === undefined && ours.tacks.length === 0 && ours.messages.length === 0) {
    return undefined;
  }
  return { reference, state: stateOf(sent, ours.tacks, ours.messages), sent, ...ours };
}

function stateOf(
  sent: SentRecord | undefined,
  tacks: readonly AcknowledgementRecord[],
  messages: readonly MessageRecord[],
): PostState {
  if (messages.length > 0) {
    return 'answered';
  }
  if (tacks.some(({ result }) => result === 'failure') || sent?.tack?.result === 'failure') {
    return 'refused';
  }
  if (tacks.length > 0) {
    return 'delivered';
  }
  return sent?.tack === undefined ? 'unknown' : 'accepted';
}
