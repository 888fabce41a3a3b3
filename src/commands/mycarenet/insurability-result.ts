/**
 * What `topaz mycarenet insurability` leaves behind: the answer of one patient, or all of several, and the exit status.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import type { Profile } from '../../profile/profile.js';
import { answerDocument, failureDocument, SCHEMA } from './insurability-document.js';
import type { Answered, Outcome } from './insurability-document.js';
import type { InsurabilityOptions } from './insurability-flags.js';
import { answerRecord, batchTable, failureRecord } from './insurability-list.js';
import { rawLines, sheet } from './insurability-sheet.js';

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
      : failureRecord(outcome.patient, outcome.error),
  );
  run.result(
    {
      schema: SCHEMA,
      done: outcomes.flatMap((outcome) =>
        outcome.error === undefined ? [answerDocument(outcome.answered, { environment, raw })] : [],
      ),
      failed: outcomes.flatMap((outcome) =>
        outcome.error === undefined ? [] : [failureDocument(outcome.patient, outcome.error)],
      ),
    },
    () => batchTable(run, records),
    () => records,
  );
}

/** The exit status: of the first failure where nothing worked, 11 for a part, 10 for who is not insured. */
function endWith(outcomes: readonly Outcome[], { failIfNotInsured = false }: ResultOptions): void {
  const errors = outcomes.flatMap(({ error }) => error ?? []);
  const [first] = errors;
  if (first !== undefined) {
    if (errors.length === outcomes.length) {
      throw first;
    }
    throw new TopazError('E_PARTIAL', `${errors.length} of ${outcomes.length} patients could not be asked about`, {
      facts: [`the first: ${first.message} [${first.code}]`],
      hint: 'ask about these again; --json names them under "failed"',
    }); // prettier-ignore
  }
  const statuses = outcomes.flatMap((outcome) =>
    outcome.error === undefined ? [outcome.answered.reply.insurability.status] : [],
  );
  const others = statuses.filter((status) => status !== 'insured');
  if (failIfNotInsured && others.length > 0) {
    throw new TopazError(
      'E_NOT_INSURED',
      statuses.length > 1
        ? `${others.length} of ${statuses.length} patients are not insured, or it is not known`
        : others[0] === 'no-data'
          ? 'whether the patient is insured is not known: the answer holds no data'
          : 'the patient is not insured on the days asked about',
      { hint: 'call the mutuality, or ask about another day: --on DATE' },
    );
  }
}
