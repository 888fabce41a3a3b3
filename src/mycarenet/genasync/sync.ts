/**
 * One synchronisation of a mailbox: fetch, store, confirm, until it is empty (mycarenet §3.5, §3.6). Nothing is
 * confirmed that is not on the disk; what was confirmed and came again is recognised.
 *
 * The caller holds the lock.
 *
 * @module
 */

import { TopazError } from '../../errors.js';
import { storePage } from './arrive.js';
import { isTooSoon } from './fault.js';
import type { ContentKeys, Problem } from './open-content.js';
import type { AcknowledgementRecord, MessageRecord } from './records.js';
import type { Page } from './reply.js';
import type { ConfirmRequest } from './request.js';
import type { MailboxStore } from './store.js';

/** The remote side, as much as a synchronisation needs. */
export interface RemoteMailbox {
  get(max: number): Promise<Page>;
  confirm(what: Omit<ConfirmRequest, 'origin'>): Promise<void>;
}

export interface SyncOptions {
  readonly environment: string;
  readonly nihii: string;
  readonly remote: RemoteMailbox;
  readonly keys: ContentKeys | undefined;
  /** How many are asked for at a time, to begin with. */
  readonly max: number;
  /** `false`: nothing is confirmed, so that everything comes again. */
  readonly confirm: boolean;
  /** Confirms also what cannot be read: after that it is gone at MyCareNet. */
  readonly confirmUnreadable: boolean;
  readonly now: () => Date;
  /** Waits, or ends early when the signal is aborted. */
  readonly pause: (ms: number) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
  /** Told before each wait for the mailbox. */
  readonly onWait?: ((ms: number) => void) | undefined;
}

export interface SyncResult {
  /** Ids of messages and acknowledgements that are new here, or readable at last. */
  readonly fresh: readonly string[];
  /** What came again and was known. */
  readonly duplicates: number;
  readonly confirmed: number;
  /** Waiting at MyCareNet, stored here, not readable. */
  readonly unreadable: readonly { readonly id: string; readonly problem: Problem }[];
  /** Whether the mailbox was emptied, but for what is not to be confirmed. */
  readonly complete: boolean;
  /** What ended the run early. */
  readonly stopped: TopazError | undefined;
  readonly interrupted: boolean;
}

const TOO_SOON_MS = 30_000;
const TOO_SOON_TRIES = 8;
/** After a timeout, a quarter is asked for. */
const DIVISOR = 4;
/** The most that is asked for, past messages that stay in the mailbox. */
const LARGEST = 1000;
/** What a run may do before it stops by itself. */
const MAX_ROUNDS = 10_000;

/**
 * Runs.
 *
 * @returns Also when it had to stop: `stopped` says why, and what was stored counts.
 * @throws TopazError `E_BOX_MISMATCH` when the folder holds the mailbox of somebody else; of the disk before anything
 *   was asked.
 */
export async function syncMailbox(store: MailboxStore, options: SyncOptions): Promise<SyncResult> {
  await store.begin();
  try {
    const { environment, nihii, now } = options;
    await claim(store, options);
    const run = new Run(store, options);
    const result = await run.toTheEnd();
    if (result.complete) {
      await store.writeMailbox({
        schema: 'topaz.mycarenet.mailbox/1',
        environment,
        nihii,
        lastSync: now().toISOString(),
      });
    }
    return result;
  } finally {
    await store.end();
  }
}

/** A folder belongs to one care provider in one environment. */
export async function claim(
  store: MailboxStore,
  { environment, nihii }: Pick<SyncOptions, 'environment' | 'nihii'>,
): Promise<void> {
  const known = await store.readMailbox();
  if (known === undefined) {
    await store.writeMailbox({ schema: 'topaz.mycarenet.mailbox/1', environment, nihii });
  } else if (known.environment !== environment || known.nihii !== nihii) {
    throw new TopazError('E_BOX_MISMATCH', 'this profile holds the mailbox of another care provider or environment', {
      facts: [`here: ${known.nihii}, ${known.environment}; asked: ${nihii}, ${environment}`],
      hint: 'use a profile for each: topaz profile create NAME',
    }); // prettier-ignore
  }
}

class Run {
  readonly #store: MailboxStore;
  readonly #options: SyncOptions;
  readonly #fresh = new Set<string>();
  readonly #seen = new Set<string>();
  readonly #confirmed = new Set<string>();
  readonly #unreadable = new Map<string, Problem>();
  #duplicates = 0;
  #max: number;

  constructor(store: MailboxStore, options: SyncOptions) {
    this.#store = store;
    this.#options = options;
    this.#max = options.max;
  }

  async toTheEnd(): Promise<SyncResult> {
    let complete = false;
    let stopped: TopazError | undefined;
    try {
      complete = await this.#rounds();
      if (complete && this.#options.confirm) {
        await this.#settle();
      }
    } catch (error) {
      if (!(error instanceof TopazError)) {
        throw error;
      }
      stopped = error;
    }
    return {
      fresh: [...this.#fresh],
      duplicates: this.#duplicates,
      confirmed: this.#confirmed.size,
      unreadable: [...this.#unreadable].map(([id, problem]) => ({ id, problem })),
      complete,
      stopped: stopped?.code === 'E_INTERRUPTED' ? undefined : stopped,
      interrupted: stopped?.code === 'E_INTERRUPTED' || this.#options.signal?.aborted === true,
    };
  }

  /** @returns Whether nothing is left that could be fetched. */
  async #rounds(): Promise<boolean> {
    const { keys, now, signal } = this.#options;
    for (let round = 0; round < MAX_ROUNDS && signal?.aborted !== true; round += 1) {
      const page = await this.#fetch();
      const count = page.messages.length + page.acknowledgements.length;
      if (count === 0) {
        return true;
      }
      const { messages, tacks, fresh } = await storePage(this.#store, page, { keys, now });
      this.#note(messages, tacks, fresh);
      const confirmed = await this.#confirm(messages, tacks);
      if (confirmed > 0) {
        continue;
      }
      // Nothing moves any more: either that was all, or what stays hides what is behind it.
      const isFull = Math.max(page.messages.length, page.acknowledgements.length) >= this.#max;
      if (!isFull || this.#max >= LARGEST) {
        return !isFull;
      }
      this.#max = Math.min(this.#max * DIVISOR, LARGEST);
    }
    return false;
  }

  async #fetch(): Promise<Page> {
    const { remote, onWait, pause, signal } = this.#options;
    for (let tries = 1; ; tries += 1) {
      try {
        return await remote.get(this.#max);
      } catch (error) {
        if (isTooSoon(error) && tries <= TOO_SOON_TRIES && signal?.aborted !== true) {
          onWait?.(TOO_SOON_MS);
          await pause(TOO_SOON_MS);
        } else if (isTooMuch(error) && this.#max > 1) {
          this.#max = Math.ceil(this.#max / DIVISOR);
        } else {
          throw error;
        }
        if (this.#options.signal?.aborted === true) {
          throw interrupted();
        }
      }
    }
  }

  #note(
    messages: readonly MessageRecord[],
    tacks: readonly AcknowledgementRecord[],
    fresh: readonly string[],
  ): void {
    const ids = [...messages, ...tacks].map(({ id }) => id);
    this.#duplicates += ids.filter((id) => !fresh.includes(id) && !this.#seen.has(id)).length;
    for (const id of fresh) {
      this.#fresh.add(id);
    }
    for (const id of ids) {
      this.#seen.add(id);
    }
    for (const { id, problem } of messages) {
      if (problem === undefined) {
        this.#unreadable.delete(id);
      } else {
        this.#unreadable.set(id, problem);
      }
    }
  }

  /** @returns How many were confirmed that had not been in this run. */
  async #confirm(
    messages: readonly MessageRecord[],
    tacks: readonly AcknowledgementRecord[],
  ): Promise<number> {
    const { confirm, confirmUnreadable, remote } = this.#options;
    const wanted = confirm
      ? {
          messages: messages.filter(({ problem }) => problem === undefined || confirmUnreadable),
          tacks,
        }
      : { messages: [], tacks: [] };
    const isNew = ({ id }: { readonly id: string }): boolean => !this.#confirmed.has(id);
    const fresh = {
      messages: wanted.messages.filter(isNew).filter(isConfirmable),
      tacks: wanted.tacks.filter(isNew),
    };
    const count = fresh.messages.length + fresh.tacks.length;
    if (count > 0) {
      await remote.confirm(confirmation(fresh.messages, fresh.tacks));
      await this.#mark(fresh.messages, fresh.tacks);
    }
    return count;
  }

  async #mark(
    messages: readonly MessageRecord[],
    tacks: readonly AcknowledgementRecord[],
  ): Promise<void> {
    const confirmedAt = this.#options.now().toISOString();
    for (const record of messages) {
      this.#confirmed.add(record.id);
      this.#unreadable.delete(record.id);
      await this.#store.updateMessage({ ...record, confirmedAt });
    }
    for (const record of tacks) {
      this.#confirmed.add(record.id);
      await this.#store.putTack({ ...record, confirmedAt });
    }
  }

  /** What the emptied mailbox does not give any more was confirmed, though a crash kept that from being noted. */
  async #settle(): Promise<void> {
    const isGone = ({ id, confirmedAt }: MessageRecord | AcknowledgementRecord): boolean =>
      confirmedAt === undefined && !this.#seen.has(id);
    const messages = (await this.#store.messages()).filter(isGone);
    const tacks = (await this.#store.tacks()).filter(isGone);
    const confirmedAt = this.#options.now().toISOString();
    for (const record of messages) {
      await this.#store.updateMessage({ ...record, confirmedAt });
    }
    for (const record of tacks) {
      await this.#store.putTack({ ...record, confirmedAt });
    }
  }
}

const isConfirmable = ({ reference, hashValue }: MessageRecord): boolean =>
  reference !== undefined || hashValue !== undefined;

/** Each by its reference; where there is none, or one that a list cannot hold, by its hash or its content. */
export function confirmation(
  messages: readonly MessageRecord[],
  tacks: readonly AcknowledgementRecord[],
): Omit<ConfirmRequest, 'origin'> {
  const isListable = (reference: string | undefined): reference is string =>
    reference !== undefined && !/\s/.test(reference);
  return {
    messageReferences: messages.map(({ reference }) => reference).filter(isListable),
    messageHashes: messages.flatMap(({ reference, hashValue }) =>
      isListable(reference) || hashValue === undefined ? [] : [hashValue],
    ),
    tackReferences: tacks.map(({ reference }) => reference).filter(isListable),
    tackContents: tacks.flatMap(({ reference, value }) => (isListable(reference) ? [] : [value])),
  };
}

/** The answer was too large to come in time, or at all. */
const isTooMuch = (error: unknown): boolean =>
  error instanceof TopazError &&
  ((error.code === 'E_NETWORK_TIMEOUT' && error.details?.['sent'] !== false) ||
    error.code === 'E_REPLY_TOO_LARGE');

const interrupted = (): TopazError =>
  new TopazError('E_INTERRUPTED', 'interrupted; what was fetched is stored', {
    hint: 'run it again: it goes on where it stopped',
  });
