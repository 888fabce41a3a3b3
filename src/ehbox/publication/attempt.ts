/**
 * Sends a message of the outbox, at most once (sheet ehealthbox §4). Before the request leaves, the record says
 * that an answer may get lost; where one was lost, the eHealthBox is asked first, and only what it does not know
 * is sent again, with the same id and the same bytes: a document of one id is published once.
 *
 * @module
 */

import { SoapFaultError, TopazError } from '../../errors.js';
import { isRefusal } from '../retry.js';
import type { Found } from './find-sent.js';
import type { Outbox } from './outbox.js';
import { restoreContent } from './outbox-record.js';
import type { OutboxRecord } from './outbox-record.js';
import type { Publication } from './pack.js';
import type { SendReply } from './reply.js';

export interface AttemptOptions {
  /** Gives the message to the service. */
  readonly post: (publication: Publication) => Promise<SendReply>;
  /** Looks whether the service has it. */
  readonly find: (record: OutboxRecord) => Promise<Found | undefined>;
  readonly now: () => Date;
  readonly lockTimeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** What is over: there is nothing left to do for it. */
export const isSettled = ({ state }: OutboxRecord): boolean =>
  state === 'sent' || state === 'refused';

/**
 * Brings one message as far as it gets.
 *
 * @returns The record as it stands now.
 * @throws TopazError `E_MESSAGE_UNKNOWN` when it is not (whole) in the outbox, `E_LOCKED` while another command
 *   sends it, and those of the calls; the record then says `unsure` where the service may have it.
 */
export function attempt(
  outbox: Outbox,
  publicationId: string,
  options: AttemptOptions,
): Promise<OutboxRecord> {
  const { lockTimeoutMs: timeoutMs, signal } = options;
  return outbox.lock(publicationId, { timeoutMs, signal }, async () => {
    const record = await outbox.read(publicationId);
    if (record === undefined) {
      throw unknown('the outbox has no message of that id');
    }
    if (isSettled(record)) {
      return record;
    }
    const publication = record.content && restoreContent(record.content);
    if (publication === undefined) {
      throw unknown('the message in the outbox is damaged');
    }
    const found = record.state === 'unsure' ? await look(publication, record, options) : undefined;
    return found === undefined
      ? post(outbox, record, publication, options)
      : settle(outbox, record, found, options.now());
  });
}

/** News of one id replace each other: sending them again changes nothing, and earlier ones lie there too. */
const look = (
  { contentType }: Publication,
  record: OutboxRecord,
  { find }: AttemptOptions,
): Promise<Found | undefined> =>
  contentType === 'NEWS' ? Promise.resolve(undefined) : find(record);

async function post(
  outbox: Outbox,
  record: OutboxRecord,
  publication: Publication,
  options: AttemptOptions,
): Promise<OutboxRecord> {
  const { now } = options;
  options.signal?.throwIfAborted();
  const sending: OutboxRecord = {
    ...record,
    state: 'unsure',
    attempts: record.attempts + 1,
  };
  await outbox.write(sending);
  let reply: SendReply;
  try {
    reply = await answer(options.post(publication));
  } catch (error) {
    if (isUnseen(error)) {
      // Nothing of this attempt reached the service; what was unsure before stays so.
      await outbox.write({ ...record, attempts: sending.attempts });
    }
    throw error;
  }
  switch (reply.state) {
    case 'accepted':
      return settle(outbox, sending, { ...reply, state: 'sent' }, now());
    case 'absent':
      return keep(outbox, { ...sending, state: 'absent', absences: reply.absences }); // prettier-ignore
    case 'refused': {
      // A second request of one id is refused although the first one was taken: a line may deliver twice.
      const found = await look(publication, sending, options);
      return settle(outbox, sending, found ?? reply, now());
    }
  }
}

/** Some refusals come as a fault with a code of the service. */
async function answer(reply: Promise<SendReply>): Promise<SendReply> {
  try {
    return await reply;
  } catch (error) {
    if (error instanceof SoapFaultError && isRefusal(error)) {
      return {
        state: 'refused',
        code: error.faultCode,
        texts: [error.faultString],
        recipients: [],
      };
    }
    throw error;
  }
}

async function keep(outbox: Outbox, record: OutboxRecord): Promise<OutboxRecord> {
  await outbox.write(record);
  return record;
}

type Outcome =
  | Found
  | Extract<SendReply, { state: 'refused' }>
  | (Omit<Extract<SendReply, { state: 'accepted' }>, 'state'> & { readonly state: 'sent' });

/** The bytes are not needed any more. */
function settle(
  outbox: Outbox,
  record: OutboxRecord,
  outcome: Outcome,
  now: Date,
): Promise<OutboxRecord> {
  const settled = {
    ...record,
    content: undefined,
    settledAt: now.toISOString(),
  };
  if (outcome.state === 'refused') {
    const { code, texts } = outcome;
    return keep(outbox, { ...settled, state: 'refused', code, texts });
  }
  const absences = 'absences' in outcome ? outcome.absences : [];
  return keep(outbox, { ...settled, state: 'sent', messageId: outcome.messageId, absences });
}

/** Faults by which the platform turns a request away before the service sees it. */
const TURNED_AWAY = /^SOA-(?:01|03)\d{3}$/;

/** Whether the service cannot have taken the message. */
export const isUnseen = (error: unknown): boolean =>
  error instanceof SoapFaultError
    ? TURNED_AWAY.test(error.faultCode)
    : error instanceof TopazError && error.details?.['sent'] === false;

const unknown = (message: string): TopazError =>
  new TopazError('E_MESSAGE_UNKNOWN', message, {
    hint: 'topaz ehbox outbox shows what is there',
  });
