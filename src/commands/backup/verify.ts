/**
 * `topaz backup verify`: is every byte of a backup as it was written?
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { withPassphraseFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import { facts, formatMoment, formatSize } from '../../cli/text.js';
import { countKinds, withBackupKeys } from './place.js';

/** `topaz backup verify FILE`. */
export function verifyCommand(ctx: Context, run = runVerify): Command {
  const command = withPassphraseFile(
    new Command('verify')
      .summary('is every byte of a backup as it was written?')
      .argument('<file>', 'the backup'),
  ).addHelpText(
    'after',
    `
Examples:
  # once in a while, for each copy
  $ topaz backup verify /media/stick/topaz-20260301T120000Z.backup
  # in a script
  $ topaz backup verify safe.backup --passphrase-file phrase --json

Nothing is written. Asks for the passphrase (--passphrase-file). Exit status 9: changed.`,
  );
  return command.action((file: string, options: SecretFlags) =>
    action(ctx, command, (session) => run(session, file, options)),
  );
}

export async function runVerify(run: Run, file: string, options: SecretFlags): Promise<void> {
  const { checkBackup } = await import('../../backup/read.js');
  const counts = countKinds();
  const { path, read } = await withBackupKeys(run, file, options, async (place, keys) => ({
    path: place,
    read: await run.step(run.t('backup.verify.step'), () => checkBackup(place, keys, counts.add)),
  }));
  const { manifest, totals, sizeBytes, sha256 } = read;
  const contents = counts.list();
  run.result(
    {
      schema: 'topaz.backup.verify/1',
      path,
      valid: true,
      createdAt: manifest.createdAt,
      files: totals.files,
      bytes: totals.bytes,
      sizeBytes,
      sha256,
      contents,
    },
    () =>
      facts([
        [run.t('backup.row.made'), formatMoment(run, new Date(manifest.createdAt))],
        [run.t('backup.row.size'), formatSize(run, sizeBytes)],
        ...contents.map(({ kind, files, bytes }) => [run.t(`backup.row.${kind}`), `${files} (${formatSize(run, bytes)})`] as const), // prettier-ignore
      ]),
    () => contents.map(({ kind, files, bytes }) => [kind, String(files), String(bytes)]),
  );
  run.done(run.t('backup.verify.done'));
}
