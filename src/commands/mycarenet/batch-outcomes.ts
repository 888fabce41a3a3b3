/**
 * What became of each line of a list, read back from the journal in the order of the list: a long batch is never
 * held in memory.
 *
 * @module
 */

import { isErrorCode, TopazError } from '../../errors.js';
import type { AnswerJournal, StoredFailure } from '../../mycarenet/batch/journal.js';
import type { ListedPatient } from '../../mycarenet/batch/patient-list.js';
import { questionKey } from '../../mycarenet/batch/question-key.js';
import type { Asker } from '../../mycarenet/batch/question-key.js';
import type { BatchResult } from '../../mycarenet/batch/run-batch.js';
import { restoreReply } from '../../mycarenet/batch/stored-answer.js';
import type { MemberDataQuery } from '../../mycarenet/memberdata/query.js';
import { patientId } from './insurability-document.js';
import type { Answered } from './insurability-document.js';

/** One line of the list, with its answer or its failure. */
export type LineOutcome =
  | { readonly id: string; readonly answered: Answered; readonly error?: undefined }
  | { readonly id: string; readonly answered?: undefined; readonly error: TopazError };

export interface Batch {
  readonly listed: readonly ListedPatient[];
  /** What is asked about each. */
  readonly question: Omit<MemberDataQuery, 'patient'>;
  readonly asker: Asker;
  readonly journal: AnswerJournal;
  readonly results: ReadonlyMap<string, BatchResult>;
}

/** In the order of the list. */
export async function* outcomesOf({
  listed,
  question,
  asker,
  journal,
  results,
}: Batch): AsyncGenerator<LineOutcome> {
  for (const { line, patient, error } of listed) {
    if (patient === undefined) {
      yield { id: `line ${line}`, error };
      continue;
    }
    const query: MemberDataQuery = { ...question, patient };
    const result = results.get(questionKey(asker, query));
    if (result === undefined || result.error !== undefined) {
      yield { id: patientId(patient), error: result?.error ?? notAsked() };
      continue;
    }
    const record = await journal.read(result.place);
    if (record.state === 'answered') {
      const { reference, reply } = record;
      yield {
        id: patientId(patient),
        answered: { query, reference, reply: restoreReply(reply), service: asker.service ?? 'mda' },
      };
    } else {
      yield {
        id: patientId(patient),
        error: record.state === 'failed' ? restoreFailure(record.error) : notAsked(),
      };
    }
  }
}

const restoreFailure = ({ code, message, facts, hint, details }: StoredFailure): TopazError =>
  new TopazError(isErrorCode(code) ? code : 'E_INTERNAL', message, { facts, hint, details });

const notAsked = (): TopazError =>
  new TopazError('E_INTERRUPTED', 'not asked', { hint: 'run the same command again to go on' });
