/**
 * `topaz ehbox ooo`: periods out of office, which eHealth shows to whoever sends to this box.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import { withKeystore } from '../keystore/open-keystore.js';
import type { KeystoreFlags } from '../keystore/open-keystore.js';
import { withBox } from './open-mirror.js';
import type { BoxFlags } from './open-mirror.js';

export type OooFlags = BoxFlags & KeystoreFlags;

export interface OooAddFlags extends OooFlags {
  from?: string;
  to?: string;
  substitute?: readonly string[];
  dryRun?: boolean;
}

export interface OooRemoveFlags extends OooFlags {
  dryRun?: boolean;
}

/** `topaz ehbox ooo`. */
export function oooCommand(ctx: Context): Command {
  const ooo = new Command('ooo').summary('periods out of office');
  ooo.addCommand(listCommand(ctx));
  ooo.addCommand(addCommand(ctx));
  ooo.addCommand(removeCommand(ctx));
  return ooo;
}

function listCommand(ctx: Context): Command {
  const command = withKeystore(
    withBox(new Command('list').alias('ls').summary('list the periods out of office')),
  ).addHelpText(
    'after',
    `
Examples:
  # past, present and future ones
  $ topaz ehbox ooo list
  # for a script
  $ topaz ehbox ooo list --json`,
  );
  return command.action((options: OooFlags) =>
    action(ctx, command, async (run) => {
      const { runOooList } = await import('./run-ooo.js');
      await runOooList(run, options);
    }),
  );
}

function addCommand(ctx: Context): Command {
  const command = withKeystore(
    withBox(
      new Command('add')
        .summary('add a period out of office')
        .option('--from <day>', 'the first day: 2026-07-01 or today')
        .option('--to <day>', 'the last day')
        .option(
          '--substitute <address>',
          'who stands in, TYPE=ID:QUALITY; at most five, repeat it',
          (value: string, before?: readonly string[]) => [...(before ?? []), value],
        )
        .option('--dry-run', 'check the period, change nothing'),
    ),
  ).addHelpText(
    'after',
    `
Periods may not overlap, and end within a year. Substitutes are persons who are not absent themselves.

Examples:
  # two weeks, with a colleague
  $ topaz ehbox ooo add --from 2026-07-01 --to 2026-07-15 --substitute SSIN=85061199814:DOCTOR
  # nobody stands in
  $ topaz ehbox ooo add --from today --to 2026-03-31`,
  );
  return command.action((options: OooAddFlags) =>
    action(ctx, command, async (run) => {
      const { runOooAdd } = await import('./run-ooo.js');
      await runOooAdd(run, options);
    }),
  );
}

function removeCommand(ctx: Context): Command {
  const command = withKeystore(
    withBox(
      new Command('remove')
        .alias('rm')
        .summary('remove periods out of office')
        .argument('<id...>', 'ids of the periods, as "topaz ehbox ooo list" shows them')
        .option('--dry-run', 'say what would be removed, change nothing'),
    ),
  ).addHelpText(
    'after',
    `
Examples:
  # back earlier than planned
  $ topaz ehbox ooo remove 1000012
  # only look
  $ topaz ehbox ooo remove 1000012 --dry-run`,
  );
  return command.action((ids: string[], options: OooRemoveFlags) =>
    action(ctx, command, async (run) => {
      const { runOooRemove } = await import('./run-ooo.js');
      await runOooRemove(run, ids, options);
    }),
  );
}
