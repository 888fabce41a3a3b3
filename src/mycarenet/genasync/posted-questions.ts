/**
 * What was asked through the mailbox and what came back, read from the files alone: so a batch that was interrupted
 * at any point goes on where it stopped (mycarenet §3.7, §6).
 *
 * @module
 */

import { TopazError } from '../../errors.js';
import { attribute, children } from '../../xml/query.js';
import { NS_SAML2P } from '../../xml/namespaces.js';
import { readXml } from '../../xml/read.js';
import type { XmlElement } from '../../xml/tree.js';
import { questionId, questionsOf } from './memberdata-answers.js';
import type { MessageRecord, SentRecord } from './records.js';
import type { MailboxStore } from './store.js';

export interface PostedQuestion {
  /** Without the `_` in front. */
  readonly id: string;
  readonly post: SentRecord;
  /** Whether the post was refused, or not delivered somewhere. */
  readonly failed: boolean;
}

export interface Answered {
  readonly response: XmlElement;
  readonly message: MessageRecord;
}

const MAX_BYTES = 64 * 1024 * 1024;

/** Every question that was posted, by its mark; the latest of several. */
export async function postedQuestions(
  store: MailboxStore,
): Promise<ReadonlyMap<string, PostedQuestion>> {
  const undelivered = new Set(
    (await store.tacks())
      .filter(({ result }) => result === 'failure')
      .map(({ appliesTo }) => appliesTo),
  );
  const posts = [...(await store.sent())].sort((x, y) => x.sentAt.localeCompare(y.sentAt));
  const found = new Map<string, PostedQuestion>();
  for (const post of posts) {
    const failed = post.tack?.result === 'failure' || undelivered.has(post.reference);
    const list = await readOrNothing(() => store.readSentContent(post.reference));
    for (const [id, { mark }] of list === undefined ? [] : questionsOf(list, post.reference)) {
      found.set(mark, { id, post, failed });
    }
  }
  return found;
}

/** Answers to these questions, by their id; the latest of several. */
export async function receivedAnswers(
  store: MailboxStore,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Answered>> {
  const answers = new Map<string, Answered>();
  for (const message of await store.messages()) {
    if (message.problem !== undefined || message.messageName !== 'MDA') {
      continue;
    }
    const list = await readOrNothing(() => store.readContent(message.id));
    for (const response of children(list, NS_SAML2P, 'Response')) {
      const id = questionId(attribute(response, 'InResponseTo') ?? '');
      if (wanted.has(id)) {
        answers.set(id, { response, message });
      }
    }
  }
  return answers;
}

/** A document that is no XML holds nothing for us. */
async function readOrNothing(read: () => Promise<Uint8Array>): Promise<XmlElement | undefined> {
  try {
    return readXml(await read(), { maxBytes: MAX_BYTES });
  } catch (error) {
    if (error instanceof TopazError) {
      return undefined;
    }
    throw error;
  }
}
