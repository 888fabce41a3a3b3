/**
 * `topaz eid list`: readers and what is in them.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { openPkcs11 } from './open-card.js';

export interface ListOptions {
  /** Also readers without an eID. */
  all?: boolean;
}

/** `topaz eid list`. */
export function listCommand(ctx: Context, run = runList): Command {
  const command = new Command('list')
    .summary('list the card readers and the cards in them')
    .option('--all', 'also readers that are empty or hold another card')
    .addHelpText(
      'after',
      `
Examples:
  # which readers hold an eID?
  $ topaz eid list
  # all readers, for a script
  $ topaz eid list --all --json`,
    );
  return command.action((options: ListOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runList(run: Run, { all = false }: ListOptions): Promise<void> {
  const { listReaders } = await import('../../eid/readers.js');
  const module = await openPkcs11(run);
  try {
    const readers = await listReaders(module);
    const shown = all ? readers : readers.filter(({ state }) => state === 'card');
    const hidden = readers.length - shown.length;
    run.result(
      { schema: 'topaz.eid.list/1', readers: shown },
      () =>
        shown.map(({ name, state, serial }) =>
          serial === undefined
            ? `${name}  ${run.t(`eid.list.${state}`)}`
            : `${name}  ${run.t(`eid.list.${state}`)}  ${serial}`,
        ),
      () => shown.map(({ name, state, serial = '' }) => [name, state, serial]),
    );
    if (readers.length === 0) {
      run.remark(run.t('eid.list.none'));
    } else if (hidden > 0) {
      run.remark(run.t('eid.list.hidden', { count: hidden }));
    }
  } finally {
    await module.close();
  }
}
