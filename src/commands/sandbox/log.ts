/**
 * `topaz sandbox log`: what was called, with the verdict of every check.
 *
 * @module
 */

import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { systemCode } from '../../errors.js';
import type { ExchangeRecord } from '../../sandbox/record.js';
import { runningFolder, withData } from './data-folder.js';
import type { DataFlags } from './data-folder.js';

export interface LogOptions extends DataFlags {
  follow?: boolean;
}

const POLL_MS = 200;

/** `topaz sandbox log`. */
export function logCommand(ctx: Context, run = runLog): Command {
  const command = withData(
    new Command('log')
      .summary('show what was called, and what was found wrong')
      .option('--follow', 'go on as calls come in, until Ctrl-C'),
  ).addHelpText(
    'after',
    `
Examples:
  # every call so far
  $ topaz sandbox log
  # watch while your software runs
  $ topaz sandbox log --follow`,
  );
  return command.action((options: LogOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runLog(run: Run, options: LogOptions): Promise<void> {
  const path = join(await runningFolder(run, options), 'log.ndjson');
  const first = await readFrom(path, 0);
  const records = parse(first.text);
  run.result(
    { schema: 'topaz.sandbox.log/1', exchanges: records },
    () => records.map(line),
    () => records.map((record) => fields(record)),
  );
  let { end } = first;
  while (options.follow === true && !run.ctx.signal.aborted) {
    await sleep(POLL_MS, undefined, { signal: run.ctx.signal }).catch(() => undefined);
    const more = await readFrom(path, end);
    end = more.end;
    for (const record of parse(more.text)) {
      run.ctx.io.out(run.settings.json ? JSON.stringify(record) : line(record));
    }
  }
}

const parse = (text: string): readonly ExchangeRecord[] =>
  text
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => JSON.parse(row) as ExchangeRecord);

/** Whole lines from a position on; '' while there is no file. */
async function readFrom(path: string, from: number): Promise<{ text: string; end: number }> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const bytes = Buffer.alloc(Math.max(0, size - from));
      await file.read(bytes, 0, bytes.length, from);
      const whole = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
      return { text: whole.toString('utf8'), end: from + whole.length };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return { text: '', end: from };
    }
    throw error;
  }
}

const verdict = ({ checks }: ExchangeRecord): string =>
  checks
    .filter(({ state, detail }) => state === 'failed' || detail?.startsWith('tolerated') === true)
    .map(
      ({ name, state, detail }) => `${name} ${state}${detail === undefined ? '' : `: ${detail}`}`,
    )
    .join('; ');

const fields = (record: ExchangeRecord): readonly string[] => [
  String(record.n),
  record.at,
  record.service,
  record.operation,
  String(record.status),
  record.fault ?? '',
  verdict(record),
];

const line = (record: ExchangeRecord): string =>
  fields(record)
    .filter((field) => field !== '')
    .join('  ');
