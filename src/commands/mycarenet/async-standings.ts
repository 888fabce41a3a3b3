/**
 * Where each question of a list stands that went through the mailbox: answered, refused, on its way or not asked.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import type { AnswerJournal } from '../../mycarenet/batch/journal.js';
import { patientKey, questionKey } from '../../mycarenet/batch/question-key.js';
import type { Asker } from '../../mycarenet/batch/question-key.js';
import { storedFailure } from '../../mycarenet/batch/run-batch.js';
import type { BatchResult } from '../../mycarenet/batch/run-batch.js';
import { storeReply } from '../../mycarenet/batch/stored-answer.js';
import type { StoredReply } from '../../mycarenet/batch/stored-answer.js';
import { markOf } from '../../mycarenet/genasync/memberdata-answers.js';
import { postedQuestions, receivedAnswers } from '../../mycarenet/genasync/posted-questions.js';
import type { Answered, PostedQuestion } from '../../mycarenet/genasync/posted-questions.js';
import type { MailboxStore } from '../../mycarenet/genasync/store.js';
import { facetsOf, nameIdOf } from '../../mycarenet/memberdata/query.js';
import type { MemberDataQuery } from '../../mycarenet/memberdata/query.js';
import { readAnswer } from '../../mycarenet/memberdata/reply.js';
import type { AskedList } from './batch.js';
import { knownRoots } from './caller.js';
import type { InsurabilityOptions } from './insurability-flags.js';

export interface AskContext {
  readonly journal: AnswerJournal;
  readonly asker: Asker;
  readonly asked: AskedList;
  readonly options: InsurabilityOptions;
}

/** The mark of a question, as it is found again in what was posted. */
export const markOfQuery = (query: MemberDataQuery): string =>
  markOf({
    patient: nameIdOf(query.patient).value,
    from: query.from,
    to: query.to,
    facets: facetsOf(query),
  });

/** What was posted of these questions, by its mark, and what was answered, by its id. */
export async function known(
  store: MailboxStore,
  queries: readonly MemberDataQuery[],
): Promise<{
  readonly posted: ReadonlyMap<string, PostedQuestion>;
  readonly answers: ReadonlyMap<string, Answered>;
}> {
  const posted = await postedQuestions(store);
  const wanted = new Set(queries.flatMap((query) => posted.get(markOfQuery(query))?.id ?? []));
  return { posted, answers: await receivedAnswers(store, wanted) };
}

/** Where each question stands; answers go through the journal, as those that were asked one by one. */
export async function standings(
  run: Run,
  store: MailboxStore,
  queries: readonly MemberDataQuery[],
  { journal, asker, asked, options }: AskContext,
): Promise<ReadonlyMap<string, BatchResult>> {
  const { posted, answers } = await known(store, queries);
  const roots = await knownRoots(asked.profile);
  const raw = options.raw === true;
  const results = new Map<string, BatchResult>();
  let pending = 0;
  for (const query of queries) {
    const key = questionKey(asker, query);
    const question = posted.get(markOfQuery(query));
    const answer = question === undefined ? undefined : answers.get(question.id);
    if (question === undefined || answer === undefined) {
      pending += 1;
      results.set(key, { error: pendingError(question) });
      continue;
    }
    results.set(
      key,
      await journaled(
        journal,
        { key, reference: question.id, at: answer.message.receivedAt, raw },
        () => {
          const reply = readAnswer(answer.response, {
            inputReference: question.id,
            query,
            trust: { roots, now: run.now() },
            references: answer.message.references,
            answeredAt: undefined,
          });
          return {
            patient: patientKey(asker, query.patient),
            reply: storeReply(reply, { raw }),
          };
        },
      ),
    );
  }
  run.done(run.t('mailbox.async.standing', { answered: queries.length - pending, pending }));
  return results;
}

interface JournalEntry {
  readonly key: string;
  /** Id of the question. */
  readonly reference: string;
  /** When the answer arrived. */
  readonly at: string;
  readonly raw: boolean;
}

/** An answer that the journal holds already is not written twice. */
async function journaled(
  journal: AnswerJournal,
  { key, reference, at, raw }: JournalEntry,
  read: () => { readonly patient: string; readonly reply: StoredReply },
): Promise<BatchResult> {
  const place = journal.find(key);
  if (place?.state === 'answered') {
    const record = await journal.read(place);
    if (
      record.state === 'answered' &&
      record.reference === reference &&
      (!raw || record.reply.assertions !== undefined)
    ) {
      return { place, reused: true };
    }
  }
  let answer: ReturnType<typeof read>;
  try {
    answer = read();
  } catch (error) {
    if (!(error instanceof TopazError)) {
      throw error;
    }
    journal.append({ state: 'failed', key, at, error: storedFailure(error) });
    return { error };
  }
  return {
    place: journal.append({ state: 'answered', key, at, reference, ...answer }),
    reused: false,
  };
}

const pendingError = (question: PostedQuestion | undefined): TopazError =>
  question === undefined
    ? new TopazError('E_ASYNC_PENDING', 'not asked yet', { hint: 'post the list with --async' })
    : new TopazError('E_ASYNC_PENDING', 'no answer yet', {
        facts: [`post ${question.post.reference}`],
        hint: 'ask again later with --collect; answers may take hours',
        details: { reference: question.post.reference },
      });
