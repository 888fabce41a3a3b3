/**
 * `topaz ehbox sync`: mirror the box to this machine. It only adds: nothing is deleted here, nothing is moved
 * or deleted at eHealth.
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

export interface SyncFlags extends BoxFlags, KeystoreFlags {
  /** The sent side too. */
  sent?: boolean;
  limit?: string;
  listOnly?: boolean;
  /** `--no-attachments`. */
  attachments: boolean;
  sealed?: boolean;
  quick?: boolean;
  failIfSealed?: boolean;
  /** One JSON document per line and event. */
  ndjson?: boolean;
  watch?: boolean;
  /** Duration. */
  every?: string;
}

/** `topaz ehbox sync`. */
export function syncCommand(ctx: Context): Command {
  const command = withKeystore(
    withBox(
      new Command('sync')
        .summary('mirror the box to this machine')
        .option('--sent', 'also what was sent, with its bin')
        .option('--limit <n>', 'fetch at most so many messages, the rest next time (exit 11)')
        .option('--list-only', 'list, fetch nothing: no sender is told that his message was read')
        .option('--no-attachments', 'do not unpack attachments')
        .option('--sealed', 'keep messages sealed on the disk; unseal when they are read')
        .option('--quick', 'stop at the first page that is known; run it in full once a day')
        .option('--fail-if-sealed', 'exit with 9 when a message could not be unsealed')
        .option('--ndjson', 'one JSON document per line: each event as it happens, then the result')
        .option('--watch', 'again and again, one line per event, until it is stopped')
        .option('--every <duration>', 'with --watch, how long to wait in between', '15m'),
    ),
  ).addHelpText(
    'after',
    `
Fetching a message probably sends the receipt "read" to a sender who asked for it.

Examples:
  # fetch what is new
  $ topaz ehbox sync
  # look without fetching
  $ topaz ehbox sync --list-only
  # from cron: exit 11 = some of it is left for the next run
  $ topaz ehbox sync --fail-if-sealed --json --password-file doctor.pass
  # as a service
  $ topaz ehbox sync --watch --ndjson --password-file doctor.pass`,
  );
  return command.action((options: SyncFlags) =>
    action(ctx, command, async (run) => {
      if (options.watch === true) {
        const { runWatch } = await import('./watch-sync.js');
        await runWatch(run, options);
        return;
      }
      const { runSyncCommand } = await import('./run-sync.js');
      await runSyncCommand(run, options);
    }),
  );
}
