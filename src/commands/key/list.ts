/**
 * `topaz key list`: the user keys of the profile, one per healthcare party.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { table } from '../../cli/text.js';
import { describeKey, keysFolder } from './key-place.js';

/** `topaz key list`. */
export function listCommand(ctx: Context, run = runList): Command {
  const command = new Command('list')
    .alias('ls')
    .summary('list the user keys: the person, then each house')
    .addHelpText(
      'after',
      `
Examples:
  # which keys are there, and how many copies of each?
  $ topaz key list`,
    );
  return command.action(() => action(ctx, command, run));
}

export async function runList(run: Run): Promise<void> {
  const { listCopies, listKeys, loadKey } = await import('../../userkey/key-store.js');
  const folder = keysFolder(run);
  const keys = await Promise.all(
    (await listKeys(folder)).map(async (id) => ({
      ...describeKey(await loadKey(folder, id)),
      copies: (await listCopies(folder, id)).length,
    })),
  );
  const rows = keys.map(({ id, fingerprint, copies }) => [id, fingerprint, String(copies)]);
  run.result(
    { schema: 'topaz.key.list/1', keys },
    () => table(run, rows, [run.t('key.column.id'), run.t('key.column.fingerprint'), run.t('key.column.copies')]), // prettier-ignore
    () => rows,
  );
  if (keys.length === 0) {
    run.remark(run.t('key.list.none'));
  }
  for (const { id, copies } of keys) {
    if (copies < 2) {
      run.warn(run.t('key.copies.few', { id, count: copies }));
    }
  }
}
