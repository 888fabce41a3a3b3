/**
 * Asks about many patients: what the journal knows from today is not asked again, the rest at a bounded pace.
 * Every question and every answer goes through the journal, so that an interruption costs nothing.
 *
 * @module
 */

import { SoapFaultError, TopazError } from '../../errors.js';
import { GenInsRefusal } from '../genins/refusal.js';
import type { MemberDataQuery } from '../memberdata/query.js';
import type { MemberDataReply } from '../memberdata/reply.js';
import { MemberDataRefusal } from '../memberdata/refusal.js';
import type { AnswerJournal, JournalRecord, Place, StoredFailure } from './journal.js';
import { inParallel } from './pace.js';
import { patientKey, questionKey } from './question-key.js';
import type { Asker } from './question-key.js';
import { storeReply } from './stored-answer.js';

/** Asks one question; `sent` is told each reference before it leaves. */
export type Ask = (
  query: MemberDataQuery,
  sent: (reference: string) => void,
) => Promise<{ readonly reply: MemberDataReply; readonly reference: string }>;

export interface BatchOptions {
  readonly asker: Asker;
  readonly journal: AnswerJournal;
  readonly ask: Ask;
  readonly now: () => Date;
  /** How old an answer may be to stand for a new one, in milliseconds. 0 = ask everything anew. */
  readonly maxAgeMs: number;
  /** Questions at a time. */
  readonly concurrency: number;
  /** Whether answers are kept with every fact as it was stated. */
  readonly raw: boolean;
  /** After this moment nothing is asked any more: the session has ended. */
  readonly until: Date;
  /** Aborted = nothing new is asked. */
  readonly signal: AbortSignal;
  /** Called once per question when it is known what became of it. */
  readonly onEnd: (end: BatchEnd) => void;
}

export type BatchEnd = 'answered' | 'reused' | 'failed';

/** What became of a question: where it stands in the journal, or why it was not asked. */
export type BatchResult =
  | { readonly place: Place; readonly reused: boolean; readonly error?: undefined }
  | { readonly error: TopazError };

/** "Unknown patient" is a fact too, for an hour (mycarenet §6). No other refusal is kept. */
const UNKNOWN_PATIENT_MS = 60 * 60 * 1000;

/**
 * Runs a batch. The same question is asked once, however often it is listed.
 *
 * A failure is that question's own; one that would meet the next question too ends the asking and stands for the
 * rest.
 *
 * @returns By question key ({@link questionKey}).
 * @throws TopazError `E_INTERRUPTED` when the signal is aborted: the journal holds what was answered. `E_DISK_FULL`.
 */
export async function runBatch(
  queries: Iterable<MemberDataQuery>,
  options: BatchOptions,
): Promise<ReadonlyMap<string, BatchResult>> {
  const { asker, journal, ask, now, concurrency, raw, until, signal, onEnd } = options;
  const results = new Map<string, BatchResult>();
  // Beside the results: a second line of the same patient must not ask while the first is on its way.
  const begun = new Set<string>();
  const door = new Door(concurrency);

  const answer = async (query: MemberDataQuery): Promise<void> => {
    const key = questionKey(asker, query);
    if (begun.has(key)) {
      return;
    }
    begun.add(key);
    const known = await reusable(journal, key, options);
    if (known !== undefined) {
      results.set(key, { place: known, reused: true });
      onEnd('reused');
      return;
    }
    signal.throwIfAborted();
    const closed = door.closed ?? expired(until, now());
    if (closed !== undefined) {
      results.set(key, { error: door.close(closed) });
      onEnd('failed');
      return;
    }
    const at = (): string => now().toISOString();
    try {
      const { reply, reference } = await ask(query, (sent) => {
        journal.append({ state: 'sent', key, at: at(), reference: sent });
      });
      const record: JournalRecord = {
        state: 'answered',
        key,
        patient: patientKey(asker, query.patient),
        at: at(),
        reference,
        reply: storeReply(reply, { raw }),
      };
      results.set(key, { place: journal.append(record), reused: false });
      door.passed();
      onEnd('answered');
    } catch (error) {
      if (!(error instanceof TopazError) || endsTheRun(error)) {
        throw error;
      }
      journal.append({ state: 'failed', key, at: at(), error: storedFailure(error) });
      results.set(key, { error });
      door.failed(error);
      onEnd('failed');
    }
  };

  await inParallel(queries, concurrency, answer);
  return results;
}

async function reusable(
  journal: AnswerJournal,
  key: string,
  { now, maxAgeMs, raw }: BatchOptions,
): Promise<Place | undefined> {
  const place = journal.find(key);
  const age = place === undefined ? Infinity : now().getTime() - place.at;
  // An answer from the future is one of a clock that was wrong.
  if (place === undefined || age < 0 || age > maxAgeMs || place.state === 'sent') {
    return undefined;
  }
  const record = await journal.read(place);
  if (record.state === 'failed') {
    return record.error.code === 'E_PATIENT_UNKNOWN' && age <= UNKNOWN_PATIENT_MS
      ? place
      : undefined;
  }
  return record.state === 'answered' &&
    record.reply.insurability.status !== 'no-data' &&
    (!raw || record.reply.assertions !== undefined)
    ? place
    : undefined;
}

/** Whether the service can be reached at all: shut by a failure that the next question would meet too. */
class Door {
  closed: TopazError | undefined;
  readonly #bearable: number;
  #broken = 0;

  /** @param concurrency One that was merely late or cut off may be alone, and takes its neighbours along. */
  constructor(concurrency: number) {
    this.#bearable = concurrency;
  }

  close(error: TopazError): TopazError {
    this.closed ??= error;
    return this.closed;
  }

  passed(): void {
    this.#broken = 0;
  }

  failed(error: TopazError): void {
    this.#broken = error.code.startsWith('E_NETWORK') ? this.#broken + 1 : 0;
    if (isRefusedAtTheDoor(error) || this.#broken > this.#bearable) {
      this.close(error);
    }
  }
}

const isRefusedAtTheDoor = (error: TopazError): boolean =>
  (error instanceof SoapFaultError && /^SOA-0[12]/.test(error.faultCode)) ||
  ['E_NETWORK_REFUSED', 'E_NETWORK_DNS', 'E_NETWORK_TLS'].includes(error.code);

const endsTheRun = ({ code }: TopazError): boolean =>
  ['E_INTERRUPTED', 'E_DISK_FULL', 'E_READ_ONLY', 'E_SESSION_LOCKED'].includes(code);

/** A batch may outlive its session. */
export const expired = (until: Date, now: Date): TopazError | undefined =>
  now < until
    ? undefined
    : new TopazError('E_SESSION_EXPIRED', 'the session has ended', { hint: 'topaz session open' });

/** As the journal keeps it. */
export const storedFailure = (error: TopazError): StoredFailure => ({
  code: error.code,
  message: error.message,
  facts: error.facts,
  ...(error.hint === undefined ? {} : { hint: error.hint }),
  ...(error instanceof MemberDataRefusal || error instanceof GenInsRefusal
    ? { details: { ...error.refusal } }
    : {}),
});
