/**
 * `topaz profile unset`: takes one key, or a group of keys, out of the profile in use.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';

/** `topaz profile unset KEY`. */
export function unsetCommand(ctx: Context, run = runUnset): Command {
  const command = new Command('unset')
    .summary('take one key out of the profile')
    .argument('<key>', 'in dotted form, or the name of a group')
    .addHelpText(
      'after',
      `
Examples:
  # let topaz look for the PKCS#11 module itself again
  $ topaz profile unset pkcs11.module
  # all keys of the MyCareNet licence
  $ topaz profile unset mycarenet.license`,
    );
  return command.action((key: string) => action(ctx, command, (session) => run(session, key)));
}

export async function runUnset(run: Run, key: string): Promise<void> {
  const { unsetProfileValue } = await import('../../profile/profile.js');
  const name = run.settings.profileName;
  const removed = await unsetProfileValue(run.paths, name, key);
  run.result({ schema: 'topaz.profile.unset/1', profile: name, key, removed }, () => []);
  if (removed) {
    run.done(run.t('profile.unset', { key, name }));
  } else {
    run.remark(run.t('profile.unset.absent', { key, name }));
  }
}
