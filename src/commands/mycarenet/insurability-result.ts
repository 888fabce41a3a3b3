/**
 * What `topaz mycarenet insurability` leaves behind: the answer of one patient, or all of several, and the exit status.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import type { Profile } from '../../profile/profile.js';
import { answerDocument, failureDocument, patientId, SCHEMA } from './insurability-document.js';
import type { Answered, Outcome } from './insurability-document.js';
import type { InsurabilityOptions } from './insurability-flags.js';
import { answerRecord, batchTable, failureRecord } from './insurability-list.js';
import { rawLines, sheet } from './insurability-sheet.js';
import { Tally } from './insurability-tally.js';

type ResultOptions = Pick<InsurabilityOptions, 'raw' | 'failIfNotInsured'>;

/**
 * Shows what became of the questions.
 *
 * @throws TopazError the failure of the only patient, or of the first where nothing worked; `E_PARTIAL`;
 *   `E_NOT_INSURED` with `--fail-if-not-insured`.
 */
export function showOutcomes(
  run: Run,
  profile: Pick<Profile, 'environment'>,
  outcomes: readonly Outcome[],
  options: ResultOptions,
): void {
  const [only] = outcomes;
  if (outcomes.length !== 1 || only === undefined) {
    showSeveral(run, profile, outcomes, options);
  } else if (only.error === undefined) {
    showOne(run, profile, only.answered, options);
  }
  endWith(outcomes, options);
}

function showOne(
  run: Run,
  { environment }: Pick<Profile, 'environment'>,
  answered: Answered,
  { raw = false }: ResultOptions,
): void {
  run.result(
    answerDocument(answered, { environment, raw }),
    () => [...sheet(run, answered), ...(raw ? ['', ...rawLines(answered)] : [])],
    () => [answerRecord(answered)],
  );
}

function showSeveral(
  run: Run,
  { environment }: Pick<Profile, 'environment'>,
  outcomes: readonly Outcome[],
  { raw = false }: ResultOptions,
): void {
  const records = outcomes.map((outcome) =>
    outcome.error === undefined
      ? answerRecord(outcome.answered)
      : failureRecord(patientId(outcome.patient), outcome.error),
  );
  run.result(
    {
      schema: SCHEMA,
      done: outcomes.flatMap((outcome) =>
        outcome.error === undefined ? [answerDocument(outcome.answered, { environment, raw })] : [],
      ),
      failed: outcomes.flatMap((outcome) =>
        outcome.error === undefined
          ? []
          : [failureDocument(patientId(outcome.patient), outcome.error)],
      ),
    },
    () => batchTable(run, records),
    () => records,
  );
}

function endWith(outcomes: readonly Outcome[], options: ResultOptions): void {
  const tally = new Tally();
  for (const outcome of outcomes) {
    tally.add(outcome.error ?? outcome.answered.reply.insurability.status);
  }
  tally.end(options);
}
