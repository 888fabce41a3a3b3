/**
 * `topaz ehbox export`: messages of the mirror as files that other programs open.
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

export interface ExportFlags extends BoxFlags, KeystoreFlags {
  out?: string;
  format?: string;
  folder?: string;
  since?: string;
  until?: string;
  force?: boolean;
  allowUnverified?: boolean;
}

/** `topaz ehbox export`. */
export function exportCommand(ctx: Context): Command {
  const command = withKeystore(
    withBox(
      new Command('export')
        .summary('write messages as files that other programs open')
        .argument('[id...]', 'ids of the messages; all of the mirror without them')
        .option('-o, --out <dir>', 'the folder; it is made when it does not exist')
        .option('--format <name>', 'eml, maildir or json', 'eml')
        .option('--folder <name>', 'only this folder: inbox, bin, sent or sent-bin')
        .option('--since <day>', 'published on this day or later')
        .option('--until <day>', 'published on this day or earlier')
        .option('-f, --force', 'replace files that differ')
        .option('--allow-unverified', 'also what was sealed by an unknown or wrong signer'),
    ),
  ).addHelpText(
    'after',
    `
The same messages give the same bytes; what is there already is left alone. Text is plain, HTML and XML are
attached as they came. The files are not sealed any more: keep them where patients' data may be.

Examples:
  # for a mail program
  $ topaz ehbox export --format maildir --out ~/Maildir-ehbox && mutt -R -f ~/Maildir-ehbox
  # everything of a year, for a program
  $ topaz ehbox export --format json --since 2026-01-01 --out year`,
  );
  return command.action((ids: string[], options: ExportFlags) =>
    action(ctx, command, async (run) => {
      const { runExport } = await import('./run-export.js');
      await runExport(run, ids, options);
    }),
  );
}
