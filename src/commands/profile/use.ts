/**
 * `topaz profile use`: the profile that holds where no flag or variable names one.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';

/** `topaz profile use NAME`. */
export function useCommand(ctx: Context, run = runUse): Command {
  const command = new Command('use')
    .summary('use a profile from now on')
    .argument('<name>', 'a profile of "topaz profile list"')
    .addHelpText(
      'after',
      `
Examples:
  # every command works with the practice's profile
  $ topaz profile use cabinet
  # one command with another one
  $ topaz cert status --profile tests`,
    );
  return command.action((name: string) => action(ctx, command, (session) => run(session, name)));
}

export async function runUse(run: Run, name: string): Promise<void> {
  const { useProfile } = await import('../../profile/files.js');
  await useProfile(run.paths, name);
  run.result({ schema: 'topaz.profile.use/1', profile: name }, () => []);
  run.done(run.t('profile.used', { name }));
  const variable = run.ctx.env['TOPAZ_PROFILE'];
  if (variable !== undefined && variable !== '' && variable !== name) {
    run.warn(run.t('profile.variable', { variable: 'TOPAZ_PROFILE' }));
  }
}
