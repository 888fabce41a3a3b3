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
import { checkEtkRevocation } from '../../etee/revocation.js';
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

Whether its holder was revoked is asked where the profile says so (profile key revocation:
optional or mandatory). Exit status 9: not genuine, or not in date; the names of the checks
are those of eHealth.`,
    );
  return command.action((what: string, options: FindEtkOptions) =>
    action(ctx, command, (session) => run(session, what, options)),
  );
}

export async function runVerify(run: Run, what: string, options: FindEtkOptions): Promise<void> {
  const source = await etkSource(run);
  const etk = await findEtk(run, what, source, options);
  const revoked = await checkEtkRevocation(
    etk,
    { roots: source.roots, at: source.now },
    source.revocation,
  );
  const errors = [...checkEtk(etk, source), ...revoked.errors];
  const valid = errors.length === 0;
  const revocation = revocationState(source.revocation !== undefined, errors, revoked);
  const shown = describeEtk(etk, source.now);
  run.result(
    {
      schema: 'topaz.etk.verify/1',
      etk: shown,
      valid,
      errors,
      warnings: revoked.warnings,
      revocation,
    },
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
  if (revoked.warnings.length > 0) {
    run.warn(run.t('seal.statusUnknown'));
  }
  if (!valid) {
    throw invalid('this ETK is not genuine, or not in date', errors);
  }
}

/** A token that does not hold by itself is not asked about. */
function revocationState(
  isAsked: boolean,
  errors: readonly string[],
  revoked: { readonly errors: readonly string[]; readonly warnings: readonly string[] },
): 'good' | 'revoked' | 'unknown' | 'not-checked' {
  if (revoked.errors.some((name) => name.endsWith('_REVOKED'))) {
    return 'revoked';
  }
  if (revoked.errors.length > 0 || revoked.warnings.length > 0) {
    return 'unknown';
  }
  return isAsked && !errors.includes('ETK_AUTHENTICATION_CERT_STATUS_UNKNOWN')
    ? 'good'
    : 'not-checked';
}
