/**
 * `topaz backup restore`: puts a backup into an empty home. Nothing is overwritten.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { withPassphraseFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import { countKinds, rootsOf, withBackupKeys } from './place.js';

export interface RestoreOptions extends SecretFlags {
  dryRun?: boolean;
}

/** `topaz backup restore FILE`. */
export function restoreCommand(ctx: Context, run = runRestore): Command {
  const command = withPassphraseFile(
    new Command('restore')
      .summary('put a backup into an empty home')
      .argument('<file>', 'the backup')
      .option('--dry-run', 'read all of it and say what would be restored'),
  ).addHelpText(
    'after',
    `
Examples:
  # on a new machine
  $ topaz backup restore /media/stick/topaz-20260301T120000Z.backup
  # would it go?
  $ topaz backup restore safe.backup --dry-run

It refuses a home that is not empty; TOPAZ_HOME names another one. Nothing takes its
place before the last byte was checked. Asks for the passphrase (--passphrase-file).
Passwords of keystores, and files of profiles outside the home, are not in a backup.`,
  );
  return command.action((file: string, options: RestoreOptions) =>
    action(ctx, command, (session) => run(session, file, options)),
  );
}

export async function runRestore(run: Run, file: string, options: RestoreOptions): Promise<void> {
  const [{ requireEmpty, restoreBackup }, { checkBackup }] = await Promise.all([
    import('../../backup/restore.js'),
    import('../../backup/read.js'),
  ]);
  const roots = rootsOf(run);
  const dryRun = options.dryRun === true;
  await requireEmpty(roots);
  const counts = countKinds();
  const { path, read } = await withBackupKeys(run, file, options, async (place, keys) => ({
    path: place,
    read: await run.step(run.t('backup.restore.step'), () => {
      const { signal } = run.ctx;
      return dryRun
        ? checkBackup(place, keys, counts.add)
        : restoreBackup(place, keys, roots, { signal, visit: counts.add });
    }),
  }));
  const contents = counts.list();
  run.result(
    {
      schema: 'topaz.backup.restore/1',
      path,
      createdAt: read.manifest.createdAt,
      files: read.totals.files,
      bytes: read.totals.bytes,
      places: roots,
      contents,
      ...(dryRun ? { dryRun } : {}),
    },
    () => contents.map(({ kind, files }) => run.t(`backup.kind.${kind}`, { count: files })),
    () => contents.map(({ kind, files, bytes }) => [kind, String(files), String(bytes)]),
  );
  if (!dryRun) {
    run.done(run.t('backup.restore.done', { count: read.totals.files }));
    run.remark(run.t('backup.restore.next'));
  }
}
