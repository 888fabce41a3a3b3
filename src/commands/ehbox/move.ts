/**
 * `topaz ehbox move` and `topaz ehbox delete`: the two commands that change the box at eHealth. Both refuse
 * what has no verified copy here.
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

export interface MoveFlags extends BoxFlags, KeystoreFlags {
  toFolder?: string;
  dryRun?: boolean;
}

export interface DeleteFlags extends BoxFlags, KeystoreFlags {
  withoutCopy?: boolean;
  dryRun?: boolean;
}

/** `topaz ehbox move`. */
export function moveCommand(ctx: Context): Command {
  const command = withKeystore(
    withBox(
      new Command('move')
        .summary('move messages at eHealth between a folder and its bin')
        .argument('<id...>', 'ids of the messages')
        .option('--to-folder <name>', 'inbox, bin, sent or sent-bin')
        .option('--dry-run', 'say what would be moved, change nothing'),
    ),
  ).addHelpText(
    'after',
    `
A received message goes between inbox and bin, a sent one between sent and sent-bin. Only messages with a
verified copy on this machine are moved.

Examples:
  # what was dealt with goes to the bin
  $ topaz ehbox move 9Y0001A7F3K02 --to-folder bin
  # and back
  $ topaz ehbox move 9Y0001A7F3K02 --to-folder inbox`,
  );
  return command.action((ids: string[], options: MoveFlags) =>
    action(ctx, command, async (run) => {
      const { runMove } = await import('./run-act.js');
      await runMove(run, ids, options);
    }),
  );
}

/** `topaz ehbox delete`. */
export function deleteCommand(ctx: Context): Command {
  const command = withKeystore(
    withBox(
      new Command('delete')
        .summary('delete messages at eHealth, for good; copies here stay')
        .argument('<id...>', 'ids of the messages')
        .option('--without-copy', 'also messages without a verified copy here: they are lost then')
        .option('--dry-run', 'say what would be deleted, change nothing'),
    ),
  ).addHelpText(
    'after',
    `
It asks for a confirmation; --yes gives it. The copies on this machine stay: "topaz ehbox prune" is for those.

Examples:
  # what would happen?
  $ topaz ehbox delete 9Y0001A7F3K02 --dry-run
  # all of the bin, from a script
  $ topaz ehbox list --folder bin | cut -f1 | xargs topaz ehbox delete --yes`,
  );
  return command.action((ids: string[], options: DeleteFlags) =>
    action(ctx, command, async (run) => {
      const { runDelete } = await import('./run-act.js');
      await runDelete(run, ids, options);
    }),
  );
}
