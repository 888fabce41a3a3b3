/**
 * `topaz cert list`: requests in progress on this machine. Asks nobody, neither a person nor eHealth.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { formatMoment, seconds, table } from '../../cli/text.js';
import type { RequestRecord } from '../../lifecycle/request-record.js';
import { requestsOf } from './authority.js';
import { requestDocument, shortId } from './documents.js';

/** `topaz cert list`. */
export function listCommand(ctx: Context, run = runList): Command {
  const command = new Command('list')
    .alias('ls')
    .summary('requests in progress on this machine')
    .addHelpText(
      'after',
      `
Examples:
  # which requests wait, and for how long?
  $ topaz cert list
  # their references, for a script
  $ topaz cert list --json`,
    );
  return command.action(() => action(ctx, command, (session) => run(session)));
}

export async function runList(run: Run): Promise<void> {
  const store = await requestsOf(run);
  const records = (await store.list()).filter(({ state }) => state !== 'issued');
  if (records.length === 0 && run.ctx.io.tty.stderr) {
    run.remark(run.t('cert.list.none'));
  }
  run.result(
    {
      schema: 'topaz.cert.list/1',
      requests: records.map((record) => ({
        ...requestDocument(record),
        keystore: { path: record.keystore },
      })),
    },
    () =>
      records.length === 0
        ? []
        : table(
            run,
            records.map((record) => [
              shortId(record.id),
              run.t(`cert.state.${record.state}`),
              formatMoment(run, momentOf(record)),
              record.keystore,
            ]),
            ['id', 'state', 'date', 'file'].map((name) => run.t(`cert.list.${name}`)),
          ),
    () =>
      records.map((record) => [
        record.id,
        record.state,
        seconds(momentOf(record)),
        record.keystore,
      ]),
  );
}

const momentOf = ({ submittedAt, createdAt }: RequestRecord): Date =>
  new Date(submittedAt ?? createdAt);
