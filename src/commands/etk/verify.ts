/**
 * `topaz etk verify`: may a message be sealed for this token? The checks of the official checker, by name.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { formatDay } from '../../cli/text.js';
import { invalid } from '../../etee/etk.js';
import { checkEtk } from '../../etee/verify-etk.js';
import { describeEtk, etkRecord, holderText } from './describe.js';
import { etkSource } from './etk-source.js';
import { findEtk, type FindEtkOptions } from './find-etk.js';

/** `topaz etk verify`. */
export function verifyCommand(ctx: Context, run = runVerify): Command {
  const command = new Command('verify')
    .summary('check whether an encryption token is genuine and in date')
    .argument('<type=id|file>', 'a holder, or a file with a token')
    .option('--application <name>', "of one application of an organisation; '' for none")
    .option('--refresh', 'do not use the local copy')
    .addHelpText(
      'after',
      `
Examples:
  # a file that somebody sent: may I seal with it?
  $ topaz etk verify labo.etk
  # in a script, the token that the depot has now
  $ topaz etk verify SSIN=79021599732 --refresh --quiet

Revocation is not checked in this version. Exit status 9: not genuine, or not in date;
the names of the checks are those of eHealth.`,
    );
  return command.action((what: string, options: FindEtkOptions) =>
    action(ctx, command, (session) => run(session, what, options)),
  );
}

export async function runVerify(run: Run, what: string, options: FindEtkOptions): Promise<void> {
  const source = await etkSource(run);
  const etk = await findEtk(run, what, source, options);
  const errors = checkEtk(etk, source);
  const valid = errors.length === 0;
  const shown = describeEtk(etk, source.now);
  run.result(
    { schema: 'topaz.etk.verify/1', etk: shown, valid, errors, revocation: 'not-checked' },
    () =>
      valid
        ? [
            run.t('etk.verify.valid', {
              who: holderText(shown.holder),
              date: formatDay(run, shown.notAfter),
            }),
          ]
        : errors,
    () => [etkRecord(shown, errors.join(','))],
  );
  if (!valid) {
    throw invalid('this ETK is not genuine, or not in date', errors);
  }
}
