/**
 * `topaz mycarenet insurability`: is the patient insured, where, at which rate? One question per patient, to
 * MemberData, or to GenIns where that is asked for.
 *
 * @module
 */

import { Command, Option } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import type { MemberDataQuery } from '../../mycarenet/memberdata/query.js';
import { withKeystore } from '../keystore/open-keystore.js';
import { checkNoBatchFlags, FORMATS } from './batch-flags.js';
import { checkService, parsePatients, parseQuestion } from './insurability-flags.js';
import type { InsurabilityOptions } from './insurability-flags.js';

/** `topaz mycarenet insurability`. */
export function insurabilityCommand(ctx: Context, run = runInsurability): Command {
  const command = withKeystore(
    new Command('insurability')
      .summary('is the patient insured, and at which rate?')
      .argument('[niss...]', 'SSIN of the patient, as on the card; several give a line each')
      .addOption(
        new Option('--on <date>', 'the day it is about, today unless said otherwise').conflicts([
          'from',
          'to',
        ]),
      )
      .option('--from <date>', 'first day of a period; goes with --to')
      .option('--to <date>', 'last day of the period, included')
      .addOption(
        new Option('--request-type <type>', 'why it is asked')
          .choices(['information', 'invoicing'])
          .default('information'),
      )
      .option('--hospitalized', 'about a stay in hospital; refused for who is in none')
      .option(
        '--facet <name>',
        'ask this too: chronicCondition, carePath, referencePharmacy, globalMedicalFile, palliativeStatus; repeat it for several',
        collect,
      ) // prettier-ignore
      .option('--mutuality <number>', 'ask this mutuality, for who has several')
      .option('--registration <number>', 'membership number at that mutuality, instead of an SSIN')
      .option('--file <list>', 'ask about a list: CSV, JSON lines or one SSIN a line; - for stdin')
      .addOption(
        new Option('--format <form>', 'how the lines of a list are written').choices(FORMATS),
      )
      .option('-o, --out <file>', 'write the lines of a list to <file>')
      .option('-f, --force', 'replace the file of --out')
      .option('--concurrency <n>', 'questions at a time, 2 unless said otherwise')
      .option('--rate <n>', 'questions a second, 5 unless said otherwise')
      .option('--max-age <duration>', 'use answers of today that are not older; 0 asks anew')
      .option(
        '--changes-since <date>',
        'list only what changed since that day, or since the last answer: last',
      )
      .option(
        '--async',
        'post the list to the mailbox in blocks; the answers come there, ask again with --collect',
      )
      .option('--collect', 'fetch the answers to a list that was posted with --async')
      .addOption(
        new Option('--service <name>', 'mda, or genins where MemberData does not answer').choices([
          'mda',
          'genins',
        ]),
      )
      .option('--encrypt', 'seal the question for MyCareNet, or ask nothing')
      .option('--no-encrypt', 'ask in clear; sealed otherwise where both have an ETK')
      .option('--raw', 'also every fact as the mutuality stated it')
      .option('--dry-run', 'show what would be asked, send nothing')
      .option('--fail-if-not-insured', 'exit with 10 when a patient is not insured'),
  ).addHelpText(
    'after',
    `
Examples:
  # is she insured today?
  $ topaz mycarenet insurability 85.06.11-998.14
  # on the day of the visit, with the number for the invoice
  $ topaz mycarenet insurability 85061199814 --on 2026-02-09 --request-type invoicing
  # a child that has no SSIN yet
  $ topaz mycarenet insurability --mutuality 319 --registration 0001234567890
  # MemberData does not answer: the older service, also for a list
  $ topaz mycarenet insurability 85061199814 --service genins
  # a list of patients, for a spreadsheet; interrupted, the same line goes on
  $ topaz mycarenet insurability --file patients.csv --format csv --out insured.csv
  # a long list through the mailbox: post it, and fetch the answers later
  $ topaz mycarenet insurability --file patients.csv --async
  $ topaz mycarenet insurability --file patients.csv --collect --format csv --out insured.csv
  # who changed since the last time?
  $ topaz mycarenet insurability --file patients.csv --changes-since last
  # in a script: go on only for the insured
  $ topaz mycarenet insurability 85061199814 --fail-if-not-insured --quiet`,
  );
  return command.action((niss: readonly string[], options: InsurabilityOptions) =>
    action(ctx, command, (session) => run(session, niss, options)),
  );
}

const collect = (value: string, previous: readonly string[] | undefined): readonly string[] => [
  ...(previous ?? []),
  value,
];

export async function runInsurability(
  run: Run,
  niss: readonly string[],
  options: InsurabilityOptions,
): Promise<void> {
  if (options.file !== undefined) {
    if (niss.length > 0 || options.registration !== undefined || options.mutuality !== undefined) {
      throw new TopazError('E_USAGE', 'a list and a patient on the line are not asked together', {
        hint: 'name the patient in the list, or leave out --file',
      });
    }
    if (options.service === 'genins' && (options.async === true || options.collect === true)) {
      throw new TopazError('E_USAGE', 'GenIns has no mailbox', {
        hint: 'ask it at once, without --async and --collect, or leave out --service',
      });
    }
    const { runList } = await import('./batch.js');
    await runList(run, options.file, options);
    return;
  }
  checkNoBatchFlags(options);
  const patients = parsePatients(niss, options);
  const question = parseQuestion(options, run.now());
  const profile = await run.profile();
  const queries = patients.map((patient): MemberDataQuery => ({ ...question, patient }));
  checkService(options, profile, queries);
  if (options.dryRun === true) {
    const { showRequests } = await import('./insurability-dry-run.js');
    showRequests(run, profile, queries, options);
    return;
  }
  const { askAll } = await import('./ask.js');
  const outcomes = await askAll(run, profile, queries, options);
  const { showOutcomes } = await import('./insurability-result.js');
  showOutcomes(run, profile, outcomes, options);
}
