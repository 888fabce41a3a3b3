/**
 * `topaz keystore backups`: the dated copies of keystores, and one of them back in its place.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { formatSize, table } from '../../cli/text.js';
import { TopazError } from '../../errors.js';
import type { DatedCopy } from '../../keystore/backups.js';
import { exclusively } from './change.js';
import { keystoreFiles, keystorePath } from './open-keystore.js';

export interface BackupsOptions {
  restore?: string;
}

/** `topaz keystore backups`. */
export function backupsCommand(ctx: Context, run = runBackups): Command {
  const command = new Command('backups')
    .summary('list the dated copies, or put one back')
    .argument('[alias]', 'of one keystore only; needed with --restore')
    .option('--restore <date>', 'put the copy of that date back; the keystore is kept as a copy')
    .addHelpText(
      'after',
      `
Examples:
  # what was kept?
  $ topaz keystore backups
  # as it was before the password was changed; asks first
  $ topaz keystore backups doctor --restore 20260301-091244
  # bring back a removed keystore, without a person
  $ topaz keystore backups doctor --restore 2026-03-01 --yes

A copy opens with the password that it had then. --restore asks for a confirmation;
--yes gives it.`,
    );
  return command.action((alias: string | undefined, options: BackupsOptions) =>
    action(ctx, command, (session) => run(session, alias, options)),
  );
}

export async function runBackups(
  run: Run,
  named: string | undefined,
  { restore }: BackupsOptions,
): Promise<void> {
  const { backupsOf, listCopies } = await import('../../keystore/backups.js');
  const { aliasOf } = await import('../../keystore/store.js');
  const folder = backupsOf(await keystoreFiles(run));
  const wanted = named === undefined ? undefined : aliasOf(named).toLowerCase();
  const copies = (await listCopies(folder)).filter(
    ({ alias }) => wanted === undefined || alias.toLowerCase() === wanted,
  );
  if (restore !== undefined) {
    await restoreOne(run, named, { copies, date: restore, folder });
    return;
  }
  run.result(
    { schema: 'topaz.keystore.backups/1', folder, copies },
    () => tableOf(run, copies),
    () => copies.map(({ alias, date, sizeBytes, path }) => [alias, date, String(sizeBytes), path]),
  );
  if (copies.length === 0) {
    run.remark(run.t('keystore.backups.none', { folder }));
  }
}

const tableOf = (run: Run, copies: readonly DatedCopy[]): readonly string[] =>
  copies.length === 0
    ? []
    : table(
        run,
        copies.map(({ alias, date, sizeBytes, path }) => [
          alias,
          date,
          formatSize(run, sizeBytes),
          path,
        ]),
        [
          run.t('keystore.list.alias'),
          run.t('keystore.backups.date'),
          run.t('keystore.backups.size'),
          run.t('keystore.list.file'),
        ],
      );

interface Restore {
  readonly copies: readonly DatedCopy[];
  readonly date: string;
  readonly folder: string;
}

async function restoreOne(
  run: Run,
  named: string | undefined,
  { copies, date, folder }: Restore,
): Promise<void> {
  if (named === undefined) {
    throw new TopazError('E_USAGE', '--restore needs the alias of the keystore', {
      hint: 'topaz keystore backups ALIAS --restore DATE',
    });
  }
  const { chooseCopy, restoreCopy } = await import('../../keystore/backups.js');
  const copy = chooseCopy(copies, date);
  const { alias } = copy;
  const path = await placeOf(run, named, alias);
  await run.confirm(run.t('keystore.backups.question', { alias, date: copy.date }));
  await exclusively(run, () => restoreCopy(copy, path, { folder, now: run.now() }));
  run.result(
    { schema: 'topaz.keystore.backups/1', folder, copies: [copy], restored: path },
    () => [],
  );
  run.done(run.t('keystore.backups.restored', { alias, date: copy.date }));
  run.remark(run.t('keystore.backups.next', { alias }));
}

/** Where the keystore is, or was before it was removed. */
async function placeOf(run: Run, named: string, alias: string): Promise<string> {
  try {
    return await keystorePath(run, named);
  } catch (error) {
    if (
      error instanceof TopazError &&
      error.code === 'E_KEYSTORE_UNKNOWN' &&
      !/[/\\]/.test(named)
    ) {
      const { pathOfAlias } = await import('../../keystore/store.js');
      return pathOfAlias(await keystoreFiles(run), alias);
    }
    throw error;
  }
}
