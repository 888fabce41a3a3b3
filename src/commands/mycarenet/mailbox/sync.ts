/**
 * `topaz mycarenet mailbox sync`: fetch, store, confirm, until the mailboxes are empty.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../../cli/context.js';
import { action } from '../../../cli/run.js';
import { withKeystore } from '../../keystore/open-keystore.js';
import type { KeystoreFlags } from '../../keystore/open-keystore.js';
import { withDomains } from './domain-flags.js';
import type { DomainFlags } from './domain-flags.js';
import { withWatch } from './watch-flags.js';
import type { WatchFlags } from './watch-flags.js';

export interface SyncFlags extends DomainFlags, KeystoreFlags, WatchFlags {
  /** `--no-confirm`. */
  confirm: boolean;
  confirmUnreadable?: boolean;
  out?: string;
}

/** `topaz mycarenet mailbox sync`. */
export function syncCommand(ctx: Context): Command {
  const command = withKeystore(
    withWatch(
      withDomains(new Command('sync').summary('fetch and confirm what waits at MyCareNet')),
      'do it again and again',
    )
      .option('--no-confirm', 'confirm nothing: everything comes again the next time')
      .option('--confirm-unreadable', 'confirm also what cannot be read; it is gone at MyCareNet then')
      .option('-o, --out <dir>', 'write the documents that are new to this folder too'),
  ).addHelpText(
    'after',
    `
A message is on the disk before it is confirmed. One that cannot be read is kept and not confirmed.

Examples:
  # fetch what is new, from every mailbox that has an address
  $ topaz mycarenet mailbox sync
  # only invoicing, its documents for another program
  $ topaz mycarenet mailbox sync --domain invoicing --out returns
  # all day long, every quarter of an hour
  $ topaz mycarenet mailbox sync --watch --until 10h
  # look first, leave everything where it is
  $ topaz mycarenet mailbox sync --no-confirm --json`,
  ); // prettier-ignore
  return command.action((options: SyncFlags) =>
    action(ctx, command, async (run) => {
      const { runSync } = await import('./run-sync.js');
      await runSync(run, options);
    }),
  );
}
