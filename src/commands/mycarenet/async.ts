/**
 * `topaz mycarenet insurability --file LIST --async` and `--collect`: a list through the mailbox. What was asked
 * before and is not answered yet is not asked again; each question is on the disk before it leaves.
 *
 * @module
 */

import { createHash } from 'node:crypto';

import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import type { AnswerJournal } from '../../mycarenet/batch/journal.js';
import { patientKey, questionKey } from '../../mycarenet/batch/question-key.js';
import type { Asker } from '../../mycarenet/batch/question-key.js';
import { storedFailure } from '../../mycarenet/batch/run-batch.js';
import type { BatchResult } from '../../mycarenet/batch/run-batch.js';
import { storeReply } from '../../mycarenet/batch/stored-answer.js';
import type { StoredReply } from '../../mycarenet/batch/stored-answer.js';
import { findDomain } from '../../mycarenet/genasync/domains.js';
import type { Domain } from '../../mycarenet/genasync/domains.js';
import { markOf } from '../../mycarenet/genasync/memberdata-answers.js';
import { postedQuestions, receivedAnswers } from '../../mycarenet/genasync/posted-questions.js';
import type { Answered, PostedQuestion } from '../../mycarenet/genasync/posted-questions.js';
import { queryList } from '../../mycarenet/genasync/query-list.js';
import type { SentRecord } from '../../mycarenet/genasync/records.js';
import type { MailboxStore } from '../../mycarenet/genasync/store.js';
import { claim } from '../../mycarenet/genasync/sync.js';
import { facetsOf, nameIdOf } from '../../mycarenet/memberdata/query.js';
import type { MemberDataQuery } from '../../mycarenet/memberdata/query.js';
import { readAnswer } from '../../mycarenet/memberdata/reply.js';
import { createReferences } from '../../mycarenet/reference.js';
import { distinct } from './batch.js';
import type { AskedList } from './batch.js';
import { knownRoots } from './caller.js';
import type { InsurabilityOptions } from './insurability-flags.js';
import { contentKeys, ownEtk } from './mailbox/connect.js';
import type { Connected } from './mailbox/connect.js';
import { openStore } from './mailbox/domain-flags.js';
import { sendAndNote } from './mailbox/run-send.js';

/** Questions in a post: one that is bad must not block too many others. */
export const BLOCK = 250;
/** A question that has no answer after so long is asked again. */
const PATIENCE_MS = 7 * 24 * 60 * 60 * 1000;

interface AskContext {
  readonly journal: AnswerJournal;
  readonly asker: Asker;
  readonly asked: AskedList;
  readonly options: InsurabilityOptions;
}

/** The mark of a question, as it is found again in what was posted. */
const markOfQuery = (query: MemberDataQuery): string =>
  markOf({
    patient: nameIdOf(query.patient).value,
    from: query.from,
    to: query.to,
    facets: facetsOf(query),
  });

/**
 * Posts what was not asked yet (`--async`), or fetches what came (`--collect`); then says of each question where it
 * stands.
 *
 * @returns By question key; one without answer has `E_ASYNC_PENDING`.
 */
export async function askByPost(
  run: Run,
  connected: Connected,
  context: AskContext,
): Promise<ReadonlyMap<string, BatchResult>> {
  const { asked, options } = context;
  const { profile, listed, question } = asked;
  const domain = findDomain('mda', profile);
  const store = openStore(run, profile, domain.name);
  await store.create();
  if (options.collect === true) {
    await collect(run, connected, domain, asked);
  }
  const queries = distinct(listed).map((patient): MemberDataQuery => ({ ...question, patient }));
  if (options.async === true) {
    const lock = await store.lock({ timeoutMs: run.settings.lockTimeoutMs, signal: run.ctx.signal });
    try {
      await claim(store, { environment: profile.environment, nihii: connected.nihii });
      await postMissing(run, connected, store, { domain, queries, maxAgeMs: asked.settings.maxAgeMs });
    } finally {
      await lock.release();
    }
  }
  return standings(run, store, queries, context);
} // prettier-ignore

async function collect(
  run: Run,
  connected: Connected,
  domain: Domain,
  { profile }: AskedList,
): Promise<void> {
  const { syncOne } = await import('./mailbox/run-sync.js');
  const outcome = await syncOne(run, profile, connected, {
    domain,
    keys: await contentKeys(run, profile, connected.keystore),
    etk: await ownEtk(run, connected.keystore),
    flags: { confirm: true },
  });
  const error = outcome.error ?? outcome.result.stopped;
  if (error !== undefined) {
    throw error;
  }
}

interface Posting {
  readonly domain: Domain;
  readonly queries: readonly MemberDataQuery[];
  readonly maxAgeMs: number;
}

/** Posts, in blocks, what has no answer and is not on its way. */
async function postMissing(
  run: Run,
  { call, caller }: Connected,
  store: MailboxStore,
  { domain, queries, maxAgeMs }: Posting,
): Promise<void> {
  const us = caller(domain);
  await repostLost(run, { call, us, store, domain });
  const missing = await missingQueries(run, store, queries, maxAgeMs);
  const newReference = createReferences(run.now, run.ctx.newId);
  let posts = 0;
  if (missing.length === 0) {
    return;
  }
  await run.count(run.t('mailbox.async.posting'), missing.length, async (advance) => {
    for (let at = 0; at < missing.length; at += BLOCK) {
      run.ctx.signal.throwIfAborted();
      const block = missing.slice(at, at + BLOCK);
      const ids = block.map((query) => ({ id: newReference(), query }));
      const content = queryList(ids, us.origin, run.now());
      const record: SentRecord = {
        schema: 'topaz.mycarenet.sent/1',
        reference: newReference(),
        messageName: 'MDA',
        sentAt: run.now().toISOString(),
        hash: createHash('sha256').update(content).digest('base64'),
      };
      await store.putSent(record, content);
      await postStored({ call, us, store, domain, detailId: `_${run.ctx.newId()}` }, record, content);
      posts += 1;
      advance(block.length);
    }
  });
  run.done(run.t('mailbox.async.posted', { count: missing.length, posts }));
} // prettier-ignore

interface PostPlace {
  readonly call: Connected['call'];
  readonly us: ReturnType<Connected['caller']>;
  readonly store: MailboxStore;
  readonly domain: Domain;
}

/** @throws TopazError what kept the post from being accepted: the rest would fare no better. */
async function postStored(
  { call, us, store, domain, detailId }: PostPlace & { readonly detailId: string },
  record: SentRecord,
  content: Uint8Array,
): Promise<void> {
  const { postMessage } = await import('../../mycarenet/genasync/client.js');
  const tack = await sendAndNote(store, record, () =>
    postMessage(call, us, {
      inputReference: record.reference,
      messageName: record.messageName,
      contentType: domain.contentType,
      encoding: domain.encoding,
      content,
      detailId,
      repeatable: domain.repeatable,
    }),
  );
  if (tack.result === 'failure') {
    throw new TopazError('E_SERVICE_REFUSED', `MyCareNet refused the post ${record.reference}`, {
      facts: [tack.minor, tack.message].filter((fact) => fact !== undefined),
      hint: 'run the same command again later',
      details: { reference: record.reference },
    });
  }
}

/** Posts of which it is not known whether they arrived go again under the same reference: they change nothing. */
async function repostLost(run: Run, place: PostPlace): Promise<void> {
  const { store } = place;
  const heard = new Set([
    ...(await store.tacks()).map(({ appliesTo }) => appliesTo),
    ...(await store.messages()).map(({ references }) => references.input),
  ]);
  for (const record of await store.sent()) {
    if (record.tack === undefined && !heard.has(record.reference)) {
      const content = await store.readSentContent(record.reference);
      await postStored({ ...place, detailId: `_${run.ctx.newId()}` }, record, content);
    }
  }
}

async function missingQueries(
  run: Run,
  store: MailboxStore,
  queries: readonly MemberDataQuery[],
  maxAgeMs: number,
): Promise<readonly MemberDataQuery[]> {
  const { posted, answers } = await known(store, queries);
  const now = run.now().getTime();
  return queries.filter((query) => {
    const question = posted.get(markOfQuery(query));
    if (question === undefined) {
      return true;
    }
    const answer = answers.get(question.id);
    return answer === undefined
      ? question.failed || now - Date.parse(question.post.sentAt) > PATIENCE_MS
      : now - Date.parse(answer.message.receivedAt) > maxAgeMs;
  });
}

async function known(
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
async function standings(
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
