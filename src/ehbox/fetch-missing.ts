/**
 * Fetching what is listed and not stored yet (sync design, “Run” 3 and “Errors”): what ends soon first, then
 * the newest, what failed before last, so that one message that always fails never keeps others out.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import type { SoapReply } from '../soap/call.js';
import type { FullMessage } from './message.js';
import type { MailboxMirror, MessageKey } from './mirror.js';
import { aYearLater } from './reconcile.js';
import type { MessageMeta, Side } from './records.js';
import { isLocalTrouble, isTransient, isUnauthenticated, withRetries } from './retry.js';
import type { RetryOptions } from './retry.js';

const DAY_MS = 86_400_000;
const SOON_DAYS = 30;
/** After so many messages in a row that the network kept from us, the rest waits for the next run. */
const MAX_IN_A_ROW = 3;

export interface FailedMessage {
  readonly id: string;
  readonly error: TopazError;
}

export interface FetchOutcome {
  readonly stored: readonly MessageKey[];
  /** Refused, or not to be understood: another try now would change nothing. */
  readonly failed: readonly FailedMessage[];
  /** Kept from us by the network or the service's absence. */
  readonly pending: readonly FailedMessage[];
  /** Why it stopped before the end. */
  readonly stopped: TopazError | undefined;
  readonly interrupted: boolean;
}

export interface FetchOptions extends RetryOptions {
  readonly fetch: (key: MessageKey) => Promise<{ readonly reply: SoapReply; readonly message: FullMessage }>;
  /** Called after each commit. */
  readonly onStored: (key: MessageKey) => Promise<void>;
  readonly now: () => Date;
} // prettier-ignore

/** The order of fetching. `metas` come in the order of the lists, newest first. */
export function fetchOrder(metas: readonly MessageMeta[], now: Date): readonly MessageMeta[] {
  const limit = new Date(now.getTime() + SOON_DAYS * DAY_MS).toISOString().slice(0, 10);
  const endsSoon = ({ publicationDate, expirationDate }: MessageMeta): boolean =>
    (expirationDate !== undefined && expirationDate <= limit) ||
    (publicationDate !== undefined && aYearLater(publicationDate) <= limit);
  const rank = (meta: MessageMeta): number => (endsSoon(meta) ? 0 : 1);
  // The sort is stable: within a rank the order of the list stays.
  return metas.toSorted((a, b) => (a.failures ?? 0) - (b.failures ?? 0) || rank(a) - rank(b));
}

/** Fetches and commits messages one after the other. */
export async function fetchMissing(
  mirror: MailboxMirror,
  metas: readonly MessageMeta[],
  options: FetchOptions,
): Promise<FetchOutcome> {
  const stored: MessageKey[] = [];
  const failed: FailedMessage[] = [];
  const pending: FailedMessage[] = [];
  const end = (stopped?: TopazError): FetchOutcome => ({
    stored,
    failed,
    pending,
    stopped,
    interrupted: isAborted(options),
  });
  let inARow = 0;
  for (const { side, id } of metas) {
    const key = { side, id };
    if (isAborted(options)) {
      return end();
    }
    try {
      await commitOne(mirror, key, options, inARow === 0);
      stored.push(key);
      inARow = 0;
      await options.onStored(key);
    } catch (error) {
      if (isAborted(options)) {
        return end();
      }
      if (!(error instanceof TopazError)) {
        throw error;
      }
      if (isUnauthenticated(error) || isLocalTrouble(error)) {
        return end(error);
      }
      const transient = isTransient(error);
      (transient ? pending : failed).push({ id, error });
      inARow = transient ? inARow + 1 : 0;
      mirror.journal.add({ event: 'error', ...key, code: error.code });
      if (inARow >= MAX_IN_A_ROW) {
        return end(error);
      }
    }
  }
  return end();
}

const isAborted = ({ signal }: RetryOptions): boolean => signal?.aborted === true;

/** @param patient Whether transient failures are waited out: not again right after a message that was. */
async function commitOne(
  mirror: MailboxMirror,
  key: MessageKey,
  options: FetchOptions,
  patient: boolean,
): Promise<void> {
  const fetch = () => options.fetch(key);
  const { reply, message } = await (patient ? withRetries(fetch, options) : fetch());
  if (message.id !== undefined && message.id !== key.id) {
    throw new TopazError('E_REPLY_INVALID', 'the eHealthBox sent another message than was asked', {
      facts: [`asked ${key.id}`],
      hint: 'try again later',
    });
  }
  await mirror.commitRaw(key, { status: reply.status, headers: reply.headers, body: reply.raw });
  await markStored(mirror, key, options.now());
  mirror.journal.add({ event: 'stored', ...key });
}

/** Notes which messages were tried in vain: they go last the next time. */
export async function noteFailures(
  mirror: MailboxMirror,
  side: Side,
  failures: readonly FailedMessage[],
): Promise<void> {
  for (const { id } of failures) {
    await mirror.updateMeta({ side, id }, (meta) => ({
      ...meta,
      failures: (meta.failures ?? 0) + 1,
    }));
  }
}

/** Notes that the content is there; the commit itself was the folder `raw/`. */
export const markStored = (mirror: MailboxMirror, key: MessageKey, now: Date): Promise<boolean> =>
  mirror.updateMeta(key, (meta) => ({
    ...meta,
    storedAt: now.toISOString(),
    failures: undefined,
    lostBeforeFetch: undefined,
  }));
