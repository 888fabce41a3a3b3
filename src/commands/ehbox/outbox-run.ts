/**
 * The work of `topaz ehbox outbox`, loaded when it is needed.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { cleanText, formatMoment, table } from '../../cli/text.js';
import { sameAddress } from '../../ehbox/address.js';
import { parseBoxAddress } from '../../ehbox/address.js';
import { isSettled } from '../../ehbox/publication/attempt.js';
import { listOutboxes } from '../../ehbox/publication/outbox.js';
import type { OutboxRecord } from '../../ehbox/publication/outbox-record.js';
import { TopazError } from '../../errors.js';
import { profileFolders } from '../../profile/paths.js';
import { endBatch, failedJson, forEachId } from './batch.js';
import { connectBox } from './connect-box.js';
import type { OutboxFlags } from './outbox.js';
import { outboxOf, sendFromOutbox } from './send-attempt.js';
import { failureOf, recordJson, tellAbsences } from './send-outcome.js';

const SCHEMA = 'topaz.ehbox.outbox/1';

export async function runOutbox(run: Run, flags: OutboxFlags): Promise<void> {
  if (flags.retry === true && flags.dryRun !== true) {
    await retry(run, flags);
    return;
  }
  const records = await storedRecords(run, flags);
  const shown = flags.retry === true ? records.filter((record) => !isSettled(record)) : records;
  run.result(
    {
      schema: SCHEMA,
      ...(flags.dryRun === true ? { dryRun: true } : {}),
      messages: shown.map(recordJson),
    },
    () => lines(run, shown),
    () => shown.map(cells),
  );
  if (shown.length === 0) {
    run.remark(run.t('ehbox.outbox.none'));
  }
}

/** Of all boxes of the profile, or of one. */
async function storedRecords(run: Run, { box }: OutboxFlags): Promise<readonly OutboxRecord[]> {
  const named = box === undefined ? undefined : parseBoxAddress(box);
  const profile = await run.profile();
  const { ehbox } = profileFolders(run.paths, profile.name);
  const outboxes = await listOutboxes(ehbox, profile.environment);
  const records = (await Promise.all(outboxes.map((outbox) => outbox.list()))).flat();
  return named === undefined ? records : records.filter(({ from }) => sameAddress(from, named));
}

async function retry(run: Run, flags: OutboxFlags): Promise<void> {
  // Nothing to do needs no session.
  const stored = await storedRecords(run, flags);
  if (stored.every(isSettled)) {
    run.result({ schema: SCHEMA, messages: [], failed: [] }, () => []);
    run.remark(run.t('ehbox.outbox.nothing'));
    return;
  }
  const connected = await connectBox(run, flags);
  const outbox = await outboxOf(run, connected);
  const waiting = (await outbox.list()).filter((record) => !isSettled(record));
  const records: OutboxRecord[] = [];
  const { done, failed } = await run.step(run.t('ehbox.send.step'), () =>
    forEachId(
      waiting.map(({ publicationId }) => publicationId),
      async (id) => {
        if (run.ctx.signal.aborted) {
          throw new TopazError('E_INTERRUPTED', 'interrupted', { hint: 'run the command again' });
        }
        const record = await sendFromOutbox(run, outbox, id, connected, flags.despiteAbsence === true); // prettier-ignore
        records.push(record);
        const failure = failureOf(record);
        if (failure !== undefined) {
          throw failure;
        }
        return record;
      },
    ),
  );
  run.result(
    { schema: SCHEMA, messages: records.map(recordJson), failed: failedJson(failed) },
    () => [],
    () => records.map(cells),
  );
  done.forEach((record) => {
    tellAbsences(run, record);
  });
  if (done.length > 0) {
    run.done(run.t('ehbox.outbox.done', { count: done.length }));
  }
  endBatch(done.length, failed);
}

function lines(run: Run, records: readonly OutboxRecord[]): readonly string[] {
  const rows = records.map((record) => [
    record.publicationId,
    run.t(`ehbox.outbox.state.${record.state}`),
    formatMoment(run, new Date(record.createdAt)),
    String(record.recipients.length),
    cleanText(record.subject),
  ]);
  const headings = ['ID', ...['state', 'created', 'recipients'].map((name) => run.t(`ehbox.outbox.column.${name}`)), run.t('ehbox.column.subject')]; // prettier-ignore
  return rows.length === 0 ? [] : table(run, rows, headings, { free: 4 });
}

const cells = (record: OutboxRecord): readonly string[] => [
  record.publicationId,
  record.state,
  record.createdAt,
  record.messageId ?? '',
  cleanText(record.subject),
];
