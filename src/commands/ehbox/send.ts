/**
 * `topaz ehbox send`: write to care providers and organisations, sealed for each of them.
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

export interface SendFlags extends BoxFlags, KeystoreFlags {
  to: readonly string[];
  subject?: string;
  text?: string;
  document?: string;
  attach: readonly string[];
  freeTextFile?: string;
  tableFile?: string;
  patientFile?: string;
  /** `--no-seal`. */
  seal?: boolean;
  important?: boolean;
  receipt: readonly string[];
  meta: readonly string[];
  news?: boolean;
  id?: string;
  despiteAbsence?: boolean;
  dryRun?: boolean;
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** `topaz ehbox send`. */
export function sendCommand(ctx: Context): Command {
  const command = withKeystore(
    withBox(
      new Command('send')
        .summary('send a message, sealed for its recipients')
        .option('--to <address>', 'TYPE=ID:QUALITY; an organisation needs no quality; repeat it', collect, [])
        .option('--subject <text>', 'the title; it is never sealed: name no patient in it')
        .option('--text <text>', 'the message itself; - reads it from stdin')
        .option('--document <file>', 'a file in place of the text, for example HTML')
        .option('--attach <file>', 'an attachment; repeat it', collect, [])
        .option('--free-text-file <file>', 'free information beside the message')
        .option('--table-file <file>', 'free information as a table: two cells a line, a tab between')
        .option('--patient-file <file>', 'file with the SSIN of the patient; it is sealed')
        .option('--seal', 'seal it for every recipient (the default)')
        .option('--no-seal', 'send it in clear: eHealth and whoever opens the box can read it')
        .option('--important', 'mark it as important')
        .option('--receipt <kind>', 'ask for a receipt: publication, received or read; repeat it', collect, [])
        .option('--meta <name=value>', 'a value of your software, never sealed; repeat it', collect, [])
        .option('--news', 'news: sent again with the same --id, they replace the earlier ones')
        .option('--id <id>', 'own id, 1 to 13 of A-Z and 0-9: the same id is never sent twice')
        .option('--despite-absence', 'deliver also to recipients who are out of office')
        .option('--dry-run', 'check recipients, seals and size; send nothing'),
    ),
  ).addHelpText(
    'after',
    `
The message waits in the outbox until the eHealthBox has answered. When an answer
is lost, it is asked for before anything is sent again:
topaz ehbox outbox --retry

Examples:
  # a report for a doctor and a hospital
  $ topaz ehbox send --to SSIN=79021599732:DOCTOR --to NIHII-HOSPITAL=71022212 --subject Report --attach report.pdf
  # from a script: never twice
  $ cat letter.txt | topaz ehbox send --id VISIT20261124 --to NIHII-LABO=71234523 --subject Letter --text -`,
  ); // prettier-ignore
  return command.action((options: SendFlags) =>
    action(ctx, command, async (run) => {
      const { runSend } = await import('./send-run.js');
      await runSend(run, options);
    }),
  );
}
