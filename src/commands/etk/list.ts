/**
 * `topaz etk list`: the local copies of encryption tokens.
 *
 * @module
 */

import { basename } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { day, table } from '../../cli/text.js';
import { TopazError } from '../../errors.js';
import { copyRecord, describeCopy, profileCopies, type CopyDocument } from './copies.js';
import { holderText } from './describe.js';

export interface ListOptions {
  expired?: boolean;
  limit?: string;
}

/** `topaz etk list`. */
export function listCommand(ctx: Context, run = runList): Command {
  const command = new Command('list')
    .alias('ls')
    .summary('list the local copies of encryption tokens')
    .option('--expired', 'only those that are not used any more')
    .option('--limit <n>', 'at most so many')
    .addHelpText(
      'after',
      `
Examples:
  # whose tokens are at hand?
  $ topaz etk list
  # what would "topaz etk prune" remove?
  $ topaz etk list --expired

A copy is used for an hour (current); then it is fetched again (stale). expired: the
certificate has ended. superseded: there is a newer one. Works without network.`,
    );
  return command.action((options: ListOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runList(run: Run, { expired, limit }: ListOptions): Promise<void> {
  const most = limit === undefined ? undefined : parseLimit(limit);
  const now = run.now();
  const copies = (await profileCopies(run))
    .filter(({ state }) => expired !== true || state !== 'current')
    .slice(0, most)
    .map((copy) => describeCopy(copy, now));
  run.result(
    { schema: 'topaz.etk.list/1', copies },
    () => tableOf(run, copies),
    () => copies.map((copy) => copyRecord(copy)),
  );
  if (copies.length === 0) {
    run.remark(run.t(expired === true ? 'etk.list.none.expired' : 'etk.list.none'));
  }
}

function parseLimit(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) {
    throw new TopazError('E_USAGE', '--limit takes a number from 1', { hint: '--limit 20' });
  }
  return Number(text);
}

function tableOf(run: Run, copies: readonly CopyDocument[]): readonly string[] {
  if (copies.length === 0) {
    return [];
  }
  const rows = copies.map(({ holder, notAfter, state, file }) => [
    holder === undefined ? basename(file) : holderText(holder),
    notAfter === undefined ? '' : day(new Date(notAfter)),
    run.t(`etk.list.state.${state}`),
  ]);
  return table(run, rows, [
    run.t('etk.list.holder'),
    run.t('etk.list.until'),
    run.t('etk.list.state'),
  ]);
}
