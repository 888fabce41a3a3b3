/**
 * `topaz etk prune`: drops local copies of encryption tokens that are of no use any more.
 *
 * @module
 */

import { basename } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { copyRecord, describeCopy, profileCopies, type CopyDocument } from './copies.js';
import { holderText } from './describe.js';

export interface PruneOptions {
  dryRun?: boolean;
}

/** `topaz etk prune`. */
export function pruneCommand(ctx: Context, run = runPrune): Command {
  const command = new Command('prune')
    .summary('drop the local copies that are not used any more')
    .option('--dry-run', 'say what would be removed, change nothing')
    .addHelpText(
      'after',
      `
Examples:
  # what would go?
  $ topaz etk prune --dry-run
  # drop it
  $ topaz etk prune

Only copies go: expired, superseded, or older than an hour. They are fetched again at
need; no key and no keystore is touched.`,
    );
  return command.action((options: PruneOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runPrune(run: Run, { dryRun = false }: PruneOptions): Promise<void> {
  const { isPrunable, removeCopies } = await import('../../etk/copies.js');
  const copies = await profileCopies(run);
  const old = copies.filter((copy) => isPrunable(copy));
  if (!dryRun) {
    await removeCopies(old);
  }
  const now = run.now();
  const removed = old.map((copy) => describeCopy(copy, now));
  run.result(
    { schema: 'topaz.etk.prune/1', removed, kept: copies.length - old.length, dryRun },
    () => (dryRun ? removed.map((copy) => line(run, copy)) : []),
    () => removed.map((copy) => copyRecord(copy)),
  );
  if (removed.length === 0) {
    run.remark(run.t('etk.prune.none'));
  } else if (!dryRun) {
    run.done(run.t('etk.prune.done', { count: removed.length }));
  }
}

const line = (run: Run, { holder, state, file }: CopyDocument): string =>
  run.t('etk.prune.line', {
    who: holder === undefined ? basename(file) : holderText(holder),
    state: run.t(`etk.list.state.${state}`),
  });
