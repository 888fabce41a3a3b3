/**
 * `topaz access log`: who used which keystore, with which command; and whether the log is whole.
 *
 * @module
 */

import { Command } from 'commander';

import type { AuditHead, AuditRecord } from '../../access/audit-line.js';
import type { AuditReport } from '../../access/audit-log.js';
import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { table } from '../../cli/text.js';
import { TopazError } from '../../errors.js';
import { formatSsin } from '../../ids/ssin.js';
import { parseDay } from '../ehbox/days.js';
import { auditFiles } from './place.js';

export interface LogOptions {
  since?: string;
  verify?: boolean;
  head?: boolean;
  expect?: string;
}

/** `topaz access log`. */
export function logCommand(ctx: Context, run = runLog): Command {
  const command = new Command('log')
    .summary('who used which keystore; is the log whole?')
    .option('--since <day>', 'from this day on: 2026-03-01, today, yesterday, 30d')
    .option('--verify', 'check the chain of the lines, and that none is missing at the end')
    .option('--head', 'print how many lines there are, and the hash of the last one')
    .option('--expect <head>', 'with --verify: a head that was printed before, COUNT:HASH')
    .addHelpText(
      'after',
      `
Examples:
  # this week
  $ topaz access log --since 7d
  # is it whole? exit status 9 when it is not
  $ topaz access log --verify
  # note the head somewhere else, and compare later
  $ topaz access log --head

The log has a line for each use of a keystore that is not free. A head kept on paper
tells later whether everything before it is still there: --verify --expect COUNT:HASH.`,
    );
  return command.action((options: LogOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runLog(run: Run, options: LogOptions): Promise<void> {
  const { since, verify = false, head = false, expect } = options;
  const from = since === undefined ? '' : parseDay(since, '--since', run.now());
  const { readLog } = await import('../../access/audit-log.js');
  const report = await readLog(auditFiles(run), expect === undefined ? [] : [parseHead(expect)]);
  const checks = verify || expect !== undefined;
  const records = head || checks ? [] : report.records.filter(({ at }) => at.slice(0, 10) >= from);
  run.result(
    {
      schema: 'topaz.access.log/1',
      ...(checks ? verdictOf(report) : {}),
      ...(head || checks ? { head: report.head } : { entries: records.map(entryOf) }),
    },
    () => [
      ...(checks ? [run.t('access.log.lines', { count: report.head.count })] : []),
      ...(head ? [`${report.head.count}:${report.head.hash}`] : tableOf(run, records)),
    ],
    () =>
      head
        ? [[`${report.head.count}:${report.head.hash}`]]
        : checks
          ? report.problems.map(({ line, problem }) => [String(line), problem])
          : records.map(recordOf),
  );
  if (!head && !checks && records.length === 0) {
    run.remark(run.t('access.log.none'));
  }
  if (checks) {
    conclude(run, report);
  }
}

const verdictOf = ({ problems, torn }: AuditReport): Readonly<Record<string, unknown>> => ({
  valid: problems.length === 0,
  problems,
  torn,
});

function conclude(run: Run, { problems, torn, head }: AuditReport): void {
  if (torn) {
    run.warn(run.t('access.log.torn'));
  }
  const [first] = problems;
  if (first === undefined) {
    run.done(run.t('access.log.whole', { count: head.count }));
    return;
  }
  const what = {
    line: 'was changed',
    chain: 'does not follow the one before it: lines were removed, moved or added',
    cut: 'is the last one that is left: lines after it are gone',
    head: 'is not the one that the head names',
  }[first.problem];
  throw new TopazError('E_LOG_INVALID', 'the log of uses is not what was written', {
    facts: [
      first.line === 0 ? 'its head is gone' : `line ${first.line} ${what}`,
      ...(problems.length > 1 ? [`${problems.length - 1} more`] : []),
    ],
    hint: 'keep the file as it is, compare with a backup, and tell the responsible',
    details: { problems },
  });
}

function parseHead(text: string): AuditHead {
  const [, count, hash] = /^(\d{1,12}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (count === undefined || hash === undefined) {
    throw new TopazError('E_USAGE', '--expect takes a head', {
      hint: 'topaz access log --head prints one: COUNT:HASH',
    });
  }
  return { count: Number(count), hash };
}

/** The chain is for `--verify`; what happened is for readers. */
const entryOf = (record: AuditRecord): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(record).filter(([key]) => key !== 'previous' && key !== 'hash')); // prettier-ignore

const recordOf = (record: AuditRecord): readonly string[] => {
  const { at, event, who = '', command = '', keystore = '', outcome = '', reason = '', person = '' } = record; // prettier-ignore
  return [at, event, who, command, keystore, outcome, reason, person];
};

function tableOf(run: Run, records: readonly AuditRecord[]): readonly string[] {
  const rows = records.map(({ at, event, who, command, keystore, outcome, person }) => [
    at,
    who === undefined ? '' : formatSsin(who),
    command ?? '',
    keystore ?? '',
    [run.t(`access.event.${event}`), outcome === undefined ? '' : run.t(`access.outcome.${outcome}`), person === undefined ? '' : formatSsin(person)].filter((part) => part !== '').join(' '), // prettier-ignore
  ]);
  return rows.length === 0
    ? []
    : table(run, rows, ['at', 'person', 'command', 'keystore', 'event'].map((key) => run.t(`access.row.${key}`).toUpperCase())); // prettier-ignore
}
