/**
 * Fetching what is listed and not stored yet (sync design, “Run” 3 and “Errors”): what ends soon first, then
 * the newest, what failed before last, so that one message that always fails never keeps others out.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import type { SoapReply } from '../soap/call.js';
import { Commits } from './commits.js';
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
  readonly fetch: (key: MessageKey) => Promise<Fetched>;
  /** Called after each commit. */
  readonly onStored: (key: MessageKey, message: FullMessage) => Promise<void>;
  readonly now: () => Date;
  /** Commits at the same time. @default 6 */
  readonly atOnce?: number | undefined;
}

interface Fetched {
  readonly reply: SoapReply;
  readonly message: FullMessage;
}

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

/**
 * Fetches messages one after the other, and commits each while the next ones are asked for. When this returns or
 * throws, nothing is under way any more.
 */
export async function fetchMissing(
  mirror: MailboxMirror,
  metas: readonly MessageMeta[],
  options: FetchOptions,
): Promise<FetchOutcome> {
  const failed: FailedMessage[] = [];
  const pending: FailedMessage[] = [];
  const commits = new Commits(mirror, options);
  const end = async (stopped?: TopazError): Promise<FetchOutcome> => {
    const trouble = await commits.finish();
    return { stored: commits.stored, failed, pending, stopped: stopped ?? trouble, interrupted: isAborted(options) }; // prettier-ignore
  };
  let inARow = 0;
  try {
    for (const { side, id } of metas) {
      const key = { side, id };
      if (isAborted(options) || commits.isBroken) {
        break;
      }
      try {
        const { reply, message } = await fetchOne(key, options, inARow === 0);
        inARow = 0;
        await commits.add(key, reply, message);
      } catch (error) {
        if (isAborted(options)) {
          break;
        }
        if (!(error instanceof TopazError)) {
          throw error;
        }
        if (isUnauthenticated(error) || isLocalTrouble(error)) {
          return await end(error);
        }
        const transient = isTransient(error);
        (transient ? pending : failed).push({ id, error });
        inARow = transient ? inARow + 1 : 0;
        mirror.journal.add({ event: 'error', ...key, code: error.code });
        if (inARow >= MAX_IN_A_ROW) {
          return await end(error);
        }
      }
    }
  } catch (error) {
    await commits.finish().catch(() => undefined);
    throw error;
  }
  return end();
}

const isAborted = ({ signal }: RetryOptions): boolean => signal?.aborted === true;

/** @param patient Whether transient failures are waited out: not again right after a message that was. */
async function fetchOne(
  key: MessageKey,
  options: FetchOptions,
  patient: boolean,
): Promise<Fetched> {
  const fetch = () => options.fetch(key);
  const fetched = await (patient ? withRetries(fetch, options) : fetch());
  const { id = key.id } = fetched.message;
  if (id !== key.id) {
    throw new TopazError('E_REPLY_INVALID', 'the eHealthBox sent another message than was asked', {
      facts: [`asked ${key.id}`],
      hint: 'try again later',
    });
  }
  return fetched;
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
