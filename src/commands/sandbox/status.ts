/**
 * `topaz sandbox status`: where it answers, its clock, the requests that wait, the faults that are set.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { ask, withData } from './data-folder.js';
import type { DataFlags } from './data-folder.js';

interface Status {
  readonly url: string;
  readonly now: string;
  readonly approve: string | number;
  readonly exchanges: number;
  readonly requests: readonly {
    readonly id: string;
    readonly holder: { readonly type: string; readonly id: string };
    readonly status: string;
    readonly etk: string;
  }[];
  readonly faults: readonly { readonly target: string; readonly kind: string }[];
  readonly counts: Readonly<Record<string, number>>;
}

/** `topaz sandbox status`. */
export function statusCommand(ctx: Context, run = runStatus): Command {
  const command = withData(
    new Command('status').summary('show the running sandbox and its requests'),
  ).addHelpText(
    'after',
    `
Examples:
  # is it running, and which requests wait?
  $ topaz sandbox status
  # for a script
  $ topaz sandbox status --json`,
  );
  return command.action((options: DataFlags) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runStatus(run: Run, options: DataFlags): Promise<void> {
  const facts = await ask(run, options, 'status');
  const status = facts as Readonly<Record<string, unknown>> & Status;
  const requests = status.requests.map(({ id, holder, status: state, etk }) => [
    id,
    `${holder.type}=${holder.id}`,
    state,
    etk,
  ]);
  run.result(
    { schema: 'topaz.sandbox.status/1', ...facts },
    () => [
      `${run.t('sandbox.status.url')}  ${status.url}`,
      `${run.t('sandbox.status.clock')}  ${status.now}`,
      `${run.t('sandbox.status.approve')}  ${status.approve}`,
      `${run.t('sandbox.status.exchanges')}  ${status.exchanges}`,
      `${run.t('sandbox.status.known')}  ${Object.entries(status.counts)
        .map(([name, count]) => `${count} ${name}`)
        .join(', ')}`,
      ...requests.map((request) => request.join('  ')),
      ...status.faults.map(
        ({ target, kind }) => `${run.t('sandbox.status.fault')}  ${target} ${kind}`,
      ),
    ],
    () => requests,
  );
}
