/**
 * `topaz profile create`: a new profile for one environment; with `--group`, for a group and its certificate.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { withPasswordFile, withPinFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { withReader } from '../eid/open-card.js';
import type { CreateGroupOptions } from './create-group.js';
import { askEnvironment, refuseTaken } from './new-profile.js';

export interface CreateOptions extends CreateGroupOptions {
  group?: boolean;
}

/** `topaz profile create NAME --env ENVIRONMENT`. */
export function createCommand(ctx: Context, run = runCreate): Command {
  const command = withReader(
    withPinFile(
      withPasswordFile(
        new Command('create')
          .summary('make a profile for one environment')
          .argument('<name>', 'letters, digits, dots, dashes and underscores')
          .option('--use', 'use it from now on')
          .option('--group', 'for a group or house: its certificate, its responsible, who may use it')
          .option('--keystore <file>', 'with --group: PKCS#12 file of its certificate')
          .option('--alias <name>', 'with --group: how the keystore is called here')
          .option('--responsible <ssin>', 'with --group: who answers for it; else the eID in the reader')
          .option('--grant <ssin>', 'with --group: who may use it too; repeat it', collect)
          .option('--may <purpose>', 'with --grant: read, send, bill or manage; repeat it', collect)
          .option('--until <day>', 'with --grant: last day, for example 2026-12-31')
          .option('--billing <nihii>', 'with --group: number for the bills; else that of the certificate')
          .option('--dry-run', 'with --group: say what would be made, without writing and without PIN'),
      ),
    ),
  ).addHelpText(
    'after',
    `
Examples:
  # a profile for tests with a test certificate of eHealth
  $ topaz profile create tests --env acc
  # the practice, used from now on
  $ topaz profile create cabinet --env prod --use
  # a group of nurses, with the eID of its responsible in the reader
  $ topaz profile create group --env prod --group
  # the same in a script
  $ topaz profile create group --env prod --group --keystore group.p12 --password-file pw \\
      --grant 85.06.11-998.14 --may read --may bill --pin-file pin --yes

The environment is asked when --env is missing. With --group: the certificate (--keystore)
and its password (--password-file), the responsible (--responsible, or the card), who may
use it (--grant), the number for the bills (--billing), a confirmation (--yes), and where
somebody is granted something the PIN (--pin-file).`,
  ); // prettier-ignore
  return command.action(async (name: string, options: CreateOptions) => {
    if (options.group === true) {
      const { createGroup } = await import('./create-group.js');
      await createGroup(ctx, command, { name, options });
    } else {
      await action(ctx, command, (session) => run(session, name, options));
    }
  });
}

const collect = (value: string, previous: readonly string[] | undefined): readonly string[] => [
  ...(previous ?? []),
  value,
];

/** Flags that mean something for a group alone. */
const GROUP_FLAGS = ['keystore', 'alias', 'responsible', 'grant', 'may', 'until', 'billing', 'dryRun'] as const; // prettier-ignore

export async function runCreate(run: Run, name: string, options: CreateOptions): Promise<void> {
  const stray = GROUP_FLAGS.find((flag) => options[flag] !== undefined);
  if (stray !== undefined) {
    throw new TopazError('E_USAGE', `--${stray === 'dryRun' ? 'dry-run' : stray} goes with --group`, {
      hint: `topaz profile create ${name} --group`,
    }); // prettier-ignore
  }
  const { useProfile } = await import('../../profile/files.js');
  const { writeProfileFile } = await import('../../profile/profile.js');
  await refuseTaken(run, name);
  const environment = await askEnvironment(run);
  const file = await writeProfileFile(run.paths, name, { environment });
  if (options.use === true) {
    await useProfile(run.paths, name);
  }
  run.result({ schema: 'topaz.profile.create/1', profile: name, environment, file }, () => []);
  run.done(run.t('profile.created', { name, environment }));
}
