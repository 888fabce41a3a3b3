/**
 * `topaz ehbox outbox`: what was sent from this machine, and what still waits.
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

export interface OutboxFlags extends BoxFlags, KeystoreFlags {
  retry?: boolean;
  despiteAbsence?: boolean;
  dryRun?: boolean;
}

/** `topaz ehbox outbox`. */
export function outboxCommand(ctx: Context): Command {
  const command = withKeystore(
    withBox(
      new Command('outbox')
        .summary('what was sent from here, and what still waits')
        .option('--retry', 'send what waits; what may have arrived is looked for first')
        .option('--despite-absence', 'with --retry: deliver also to who is out of office')
        .option('--dry-run', 'with --retry: say what would be sent'),
    ),
  ).addHelpText(
    'after',
    `
A message of which the answer was lost is looked for in the sent box, and sent
again under its own id only when it is not there.

Examples:
  # what became of it?
  $ topaz ehbox outbox
  # after the network came back
  $ topaz ehbox outbox --retry`,
  );
  return command.action((options: OutboxFlags) =>
    action(ctx, command, async (run) => {
      const { runOutbox } = await import('./outbox-run.js');
      await runOutbox(run, options);
    }),
  );
}
