/**
 * `topaz mycarenet mailbox list`: what was fetched to this machine, without any network.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../../cli/context.js';
import { action } from '../../../cli/run.js';
import type { Run } from '../../../cli/run.js';
import { parseDay } from '../../ehbox/days.js';
import { localMailboxes, withDomains } from './domain-flags.js';
import type { DomainFlags } from './domain-flags.js';
import { allItems } from './find-item.js';
import { itemJson, itemRecord, itemTable } from './summary.js';

export interface ListFlags extends DomainFlags {
  unconfirmed?: boolean;
  since?: string;
}

/** `topaz mycarenet mailbox list`. */
export function listCommand(ctx: Context, run = runList): Command {
  const command = withDomains(
    new Command('list').alias('ls').summary('list the messages on this machine'),
  )
    .option('--unconfirmed', 'only what still waits at MyCareNet')
    .option('--since <day>', 'arrived on this day or later: 2026-03-01, today, 30d').addHelpText(
    'after',
    `
Examples:
  # what came this week?
  $ topaz mycarenet mailbox list --since 7d
  # what was kept and not confirmed
  $ topaz mycarenet mailbox list --unconfirmed --json`,
  ); // prettier-ignore
  return command.action((options: ListFlags) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runList(run: Run, flags: ListFlags): Promise<void> {
  const since = flags.since === undefined ? '' : parseDay(flags.since, '--since', run.now());
  const items = (await allItems(await localMailboxes(run, flags))).filter(
    ({ record }) =>
      record.receivedAt >= since &&
      (flags.unconfirmed !== true || record.confirmedAt === undefined),
  );
  run.result(
    { schema: 'topaz.mycarenet.mailbox.list/1', messages: items.map(itemJson) },
    () => itemTable(run, items),
    () => items.map(itemRecord),
  );
  if (items.length === 0) {
    run.remark(run.t('mailbox.list.none'));
  }
}
