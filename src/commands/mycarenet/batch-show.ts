/**
 * What a batch leaves behind, in the form that was asked for and in the order of the list.
 *
 * @module
 */

import { formatJson } from '../../cli/render.js';
import type { Run } from '../../cli/run.js';
import { cleanText, table } from '../../cli/text.js';
import { formatSsin } from '../../ids/ssin.js';
import { changesBetween, standingOf } from '../../mycarenet/batch/changes.js';
import type { Change, Standing } from '../../mycarenet/batch/changes.js';
import { patientKey } from '../../mycarenet/batch/question-key.js';
import type { Environment } from '../../profile/environment.js';
import type { BatchFlags } from './batch-flags.js';
import { outcomesOf } from './batch-outcomes.js';
import type { Batch, LineOutcome } from './batch-outcomes.js';
import { CHANGE_COLUMNS, COLUMNS, csvRow, jsonLine } from './batch-rows.js';
import type { Sink } from './batch-sink.js';
import { answerDocument, failureDocument, SCHEMA } from './insurability-document.js';
import type { Answered } from './insurability-document.js';
import { answerRecord, batchTable, failureRecord } from './insurability-list.js';
import { Tally } from './insurability-tally.js';

export interface ShowOptions {
  readonly environment: Environment;
  readonly raw: boolean;
  readonly format: BatchFlags['format'];
  /** Earlier answers by patient key; `undefined` = changes were not asked for. */
  readonly before: ReadonlyMap<string, Standing> | undefined;
}

/** How a line of the result is written in each form. */
interface Shape {
  readonly columns: readonly string[];
  readonly records: (outcome: LineOutcome) => readonly (readonly string[])[];
  readonly document: (outcome: LineOutcome) => object | undefined;
  readonly table: (records: readonly (readonly string[])[]) => readonly string[];
  /** Name of the list of answers in the document. */
  readonly listName: string;
}

/**
 * Writes all of it, and counts.
 *
 * @returns For the exit status.
 */
export async function showBatch(
  run: Run,
  sink: Sink,
  batch: Batch,
  options: ShowOptions,
): Promise<Tally> {
  const changed = options.before === undefined ? undefined : new Changes(batch, options.before);
  const shape = changed === undefined ? plainShape(run, options) : changedShape(run, changed);
  const tally = new Tally();
  const counted = async function* (): AsyncGenerator<LineOutcome> {
    for await (const outcome of outcomesOf(batch)) {
      tally.add(outcome.error ?? outcome.answered.reply.insurability.status);
      yield outcome;
    }
  };
  if (run.settings.json) {
    await writeDocument(run, sink, () => outcomesOf(batch), counted, shape);
  } else {
    await writeLines(sink, counted(), shape, options.format);
  }
  if (changed !== undefined) {
    const { different, same, fresh } = changed;
    run.done(run.t('mycarenet.batch.changed', { different, same, fresh }));
  }
  return tally;
}

async function writeLines(
  sink: Sink,
  outcomes: AsyncIterable<LineOutcome>,
  shape: Shape,
  format: BatchFlags['format'],
): Promise<void> {
  if (format === 'csv') {
    await sink.write(csvRow(shape.columns));
  }
  const collected: (readonly string[])[] = [];
  for await (const outcome of outcomes) {
    if (format === 'jsonl') {
      const document = shape.document(outcome);
      if (document !== undefined) {
        await sink.write(jsonLine({ schema: SCHEMA, ...document }));
      }
      continue;
    }
    for (const record of shape.records(outcome)) {
      if (format === 'csv') {
        await sink.write(csvRow(record));
      } else if (format === 'table') {
        collected.push(record);
      } else {
        await sink.write(`${record.map(cleanText).join('\t')}\n`);
      }
    }
  }
  if (collected.length > 0) {
    await sink.write(`${shape.table(collected).join('\n')}\n`);
  }
}

/** One document, written in pieces. On a terminal it is made for reading, and small. */
async function writeDocument(
  run: Run,
  sink: Sink,
  outcomes: () => AsyncIterable<LineOutcome>,
  counted: () => AsyncIterable<LineOutcome>,
  { document, listName }: Shape,
): Promise<void> {
  if (run.ctx.io.tty.stdout) {
    const lists = { done: new Array<object>(), failed: new Array<object>() };
    for await (const outcome of counted()) {
      const list = outcome.error === undefined ? lists.done : lists.failed;
      list.push(...[document(outcome)].filter((each) => each !== undefined));
    }
    const whole = { schema: SCHEMA, [listName]: lists.done, failed: lists.failed };
    await sink.write(`${formatJson(whole, true)}\n`);
    return;
  }
  const writeList = async (
    from: AsyncIterable<LineOutcome>,
    wanted: (outcome: LineOutcome) => boolean,
  ): Promise<void> => {
    let separator = '';
    for await (const outcome of from) {
      const entry = wanted(outcome) ? document(outcome) : undefined;
      if (entry !== undefined) {
        await sink.write(separator + JSON.stringify(entry));
        separator = ',';
      }
    }
  };
  await sink.write(`{"schema":${JSON.stringify(SCHEMA)},${JSON.stringify(listName)}:[`);
  await writeList(counted(), ({ error }) => error === undefined);
  await sink.write('],"failed":[');
  await writeList(outcomes(), ({ error }) => error !== undefined);
  await sink.write(']}\n');
}

const plainShape = (run: Run, { environment, raw }: ShowOptions): Shape => ({
  columns: COLUMNS,
  records: ({ id, answered, error }) => [
    error === undefined ? answerRecord(answered) : failureRecord(id, error),
  ],
  document: ({ id, answered, error }) =>
    error === undefined
      ? answerDocument(answered, { environment, raw })
      : failureDocument(id, error),
  table: (records) => batchTable(run, records),
  listName: 'done',
});

const changedShape = (run: Run, changes: Changes): Shape => ({
  columns: CHANGE_COLUMNS,
  records: ({ id, answered, error }) =>
    error === undefined
      ? changes
          .of(answered)
          .map(({ fact, before, after }) => [id, nameOf(answered), fact, before, after])
      : [[id, '', 'error', '', failureRecord(id, error).at(-1) ?? '']],
  document: ({ id, answered, error }) => {
    if (error !== undefined) {
      return failureDocument(id, error);
    }
    const found = changes.of(answered);
    return found.length === 0
      ? undefined
      : { schema: SCHEMA, patient: { ssin: id, name: nameOf(answered) }, changes: found };
  },
  table: (records) =>
    table(
      run,
      records.map(([id = '', name = '', fact = '', before = '', after = '']) => [
        formatSsin(id),
        name,
        run.t(`mycarenet.fact.${fact}`),
        before,
        after,
      ]),
      ['niss', 'name', 'fact', 'before', 'after'].map((key) => run.t(`mycarenet.column.${key}`)),
    ),
  listName: 'changed',
});

const nameOf = ({ reply }: Answered): string => {
  const { patient } = reply.insurability;
  return [patient?.lastName, patient?.firstName].filter(Boolean).join(' ');
};

/** Compares each answer with the one before, and counts each patient once. */
class Changes {
  different = 0;
  same = 0;
  fresh = 0;
  readonly #batch: Batch;
  readonly #before: ReadonlyMap<string, Standing>;
  readonly #seen = new Set<string>();

  constructor(batch: Batch, before: ReadonlyMap<string, Standing>) {
    this.#batch = batch;
    this.#before = before;
  }

  of({ query, reply }: Answered): readonly Change[] {
    const key = patientKey(this.#batch.asker, query.patient);
    const before = this.#before.get(key);
    // No data is no standing: nothing is known to have changed.
    const known = before !== undefined && reply.insurability.status !== 'no-data';
    const changes = known ? changesBetween(before, standingOf(reply)) : [];
    if (!this.#seen.has(key)) {
      this.#seen.add(key);
      if (!known) {
        this.fresh += 1;
      } else if (changes.length === 0) {
        this.same += 1;
      } else {
        this.different += 1;
      }
    }
    return changes;
  }
}
