/**
 * `topaz profile create`: a new profile for one environment.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { ENVIRONMENTS, parseEnvironment } from '../../profile/environment.js';

export interface CreateOptions {
  use?: boolean;
}

/** `topaz profile create NAME --env ENVIRONMENT`. */
export function createCommand(ctx: Context, run = runCreate): Command {
  const command = new Command('create')
    .summary('make a profile for one environment')
    .argument('<name>', 'letters, digits, dots, dashes and underscores')
    .option('--use', 'use it from now on')
    .addHelpText(
      'after',
      `
Examples:
  # a profile for tests with a test certificate of eHealth
  $ topaz profile create tests --env acc
  # the practice, used from now on
  $ topaz profile create cabinet --env prod --use

The environment is asked when --env is missing.`,
    );
  return command.action((name: string, options: CreateOptions) =>
    action(ctx, command, (session) => run(session, name, options)),
  );
}

export async function runCreate(run: Run, name: string, options: CreateOptions): Promise<void> {
  const { listProfiles, profileFile, useProfile } = await import('../../profile/files.js');
  const { writeProfileFile } = await import('../../profile/profile.js');
  profileFile(run.paths, name);
  if ((await listProfiles(run.paths)).includes(name)) {
    throw new TopazError('E_FILE_EXISTS', `there is a profile "${name}" already`, {
      hint: `topaz profile show ${name}, or choose another name`,
    });
  }
  const environment = parseEnvironment(
    await run.require('--env', run.settings.env, async () =>
      (await run.ctx.prompter()).choose(
        run.t('profile.create.environment'),
        ENVIRONMENTS.map((value) => ({ value, label: value })),
      ),
    ),
  );
  const file = await writeProfileFile(run.paths, name, { environment });
  if (options.use === true) {
    await useProfile(run.paths, name);
  }
  run.result({ schema: 'topaz.profile.create/1', profile: name, environment, file }, () => []);
  run.done(run.t('profile.created', { name, environment }));
}
