/**
 * `topaz mycarenet insurability --file LIST --async` and `--collect`: a list through the mailbox. What was asked
 * before and is not answered yet is not asked again; each question is on the disk before it leaves.
 *
 * @module
 */

import { createHash } from 'node:crypto';

import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import type { BatchResult } from '../../mycarenet/batch/run-batch.js';
import { findDomain } from '../../mycarenet/genasync/domains.js';
import type { Domain } from '../../mycarenet/genasync/domains.js';
import { queryList } from '../../mycarenet/genasync/query-list.js';
import type { SentRecord } from '../../mycarenet/genasync/records.js';
import type { MailboxStore } from '../../mycarenet/genasync/store.js';
import { claim } from '../../mycarenet/genasync/sync.js';
import type { MemberDataQuery } from '../../mycarenet/memberdata/query.js';
import type { Sealing } from '../../mycarenet/memberdata/sealed.js';
import { createReferences } from '../../mycarenet/reference.js';
import { known, markOfQuery, standings } from './async-standings.js';
import type { AskContext } from './async-standings.js';
import { distinct } from './batch.js';
import type { AskedList } from './batch.js';
import { contentKeys, ownEtk } from './mailbox/connect.js';
import type { Connected } from './mailbox/connect.js';
import { openStore } from './mailbox/domain-flags.js';
import { sendAndNote } from './mailbox/run-send.js';
import { openSealing, sealingWanted } from './sealing.js';

/** Questions in a post: one that is bad must not block too many others. */
export const BLOCK = 250;
/** A question that has no answer after so long is asked again. */
const PATIENCE_MS = 7 * 24 * 60 * 60 * 1000;

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
      const sealing = await sealingFor(run, connected, context);
      await postMissing(run, connected, store, { domain, queries, maxAgeMs: asked.settings.maxAgeMs, sealing });
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

/** Posts are sealed where that is asked for: what MyCareNet takes without being asked for it goes in clear. */
function sealingFor(
  run: Run,
  { keystore }: Connected,
  { asked, options }: AskContext,
): Promise<Sealing | undefined> {
  return sealingWanted(asked.profile, options) === true
    ? openSealing(run, asked.profile, options, keystore)
    : Promise.resolve(undefined);
}

interface Posting {
  readonly domain: Domain;
  readonly queries: readonly MemberDataQuery[];
  readonly maxAgeMs: number;
  readonly sealing: Sealing | undefined;
}

/** Posts, in blocks, what has no answer and is not on its way. */
async function postMissing(
  run: Run,
  { call, caller }: Connected,
  store: MailboxStore,
  { domain, queries, maxAgeMs, sealing }: Posting,
): Promise<void> {
  const us = caller(domain);
  const place: PostPlace = { run, call, us, store, domain, sealing };
  await repostLost(place);
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
      await postStored(place, record, content);
      posts += 1;
      advance(block.length);
    }
  });
  run.done(run.t('mailbox.async.posted', { count: missing.length, posts }));
} // prettier-ignore

interface PostPlace {
  readonly run: Run;
  readonly call: Connected['call'];
  readonly us: ReturnType<Connected['caller']>;
  readonly store: MailboxStore;
  readonly domain: Domain;
  readonly sealing: Sealing | undefined;
}

/** @throws TopazError what kept the post from being accepted: the rest would fare no better. */
async function postStored(
  { run, call, us, store, domain, sealing }: PostPlace,
  record: SentRecord,
  content: Uint8Array,
): Promise<void> {
  const detailId = `_${run.ctx.newId()}`;
  const [{ postMessage }, { SEALED_FOR_BED, sealDocument }] = await Promise.all([
    import('../../mycarenet/genasync/client.js'),
    import('../../mycarenet/memberdata/sealed.js'),
  ]);
  const carried =
    sealing === undefined
      ? { content }
      : {
          content: await sealDocument(content, detailId, sealing, run.now()),
          encryption: SEALED_FOR_BED,
        };
  const tack = await sendAndNote(store, record, () =>
    postMessage(call, us, {
      inputReference: record.reference,
      messageName: record.messageName,
      contentType: domain.contentType,
      encoding: domain.encoding,
      ...carried,
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
async function repostLost(place: PostPlace): Promise<void> {
  const { store } = place;
  const heard = new Set([
    ...(await store.tacks()).map(({ appliesTo }) => appliesTo),
    ...(await store.messages()).map(({ references }) => references.input),
  ]);
  for (const record of await store.sent()) {
    if (record.tack === undefined && !heard.has(record.reference)) {
      const content = await store.readSentContent(record.reference);
      await postStored(place, record, content);
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
