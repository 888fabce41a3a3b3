/**
 * `topaz access check`: may this person use this keystore? Nothing is opened, nothing is logged.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { formatSsin, maskSsin, parseSsin } from '../../ids/ssin.js';
import { requireKeystore } from './describe.js';
import { questionOf } from './place.js';

export interface CheckOptions {
  keystore?: string;
  may?: string;
}

/** `topaz access check SSIN`. */
export function checkCommand(ctx: Context, run = runCheck): Command {
  const command = new Command('check')
    .summary('may this person use this keystore?')
    .argument('<ssin>', 'SSIN of the person')
    .option('--keystore <alias>', 'which keystore: alias or file')
    .option('--may <purpose>', 'for what: read, send, bill or manage')
    .addHelpText(
      'after',
      `
Examples:
  # at all
  $ topaz access check 85.06.11-998.14 --keystore group
  # for MyCareNet
  $ topaz access check 85061199814 --keystore group --may bill

Exit status 10: no.`,
    );
  return command.action((ssin: string, options: CheckOptions) =>
    action(ctx, command, (session) => run(session, ssin, options)),
  );
}

export async function runCheck(run: Run, text: string, options: CheckOptions): Promise<void> {
  const person = parseSsin(text);
  const { isPurpose, PURPOSES } = await import('../../access/purpose.js');
  const { may: purpose } = options;
  if (purpose !== undefined && !isPurpose(purpose)) {
    throw new TopazError('E_USAGE', `--may takes ${PURPOSES.join(', ')}`, {
      hint: `for example --may ${PURPOSES[0]}`,
    });
  }
  const keystore = await requireKeystore(run, options.keystore);
  const { alias } = keystore;
  const { decideAccess } = await import('../../access/decide.js');
  const question = await questionOf(run, keystore);
  const { allowed, reason, grant } = decideAccess({ ...question, person, purpose });
  run.result(
    {
      schema: 'topaz.access.check/1',
      keystore: alias,
      person,
      ...(purpose === undefined ? {} : { purpose }),
      allowed,
      reason,
      ...(grant?.until === undefined ? {} : { until: grant.until }),
    },
    () => [
      run.t(allowed ? 'access.check.yes' : 'access.check.no', { person: formatSsin(person), alias }), // prettier-ignore
      run.t(`access.reason.${reason}`),
    ],
    () => [[alias, person, allowed ? 'yes' : 'no', reason, grant?.until ?? '']],
  );
  if (!allowed) {
    throw new TopazError('E_CHECK_FAILED', 'this person may not use this keystore', {
      facts: [`keystore "${alias}", ${maskSsin(person)}`],
      hint: `topaz access list --keystore "${alias}"`,
      details: { reason },
    });
  }
}
