/**
 * `topaz profile set`: one key of the profile in use. A profile that is not there yet is made.
 *
 * @module
 */

import { resolve } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { checkedValue } from './check-value.js';

/** `topaz profile set KEY VALUE`. */
export function setCommand(ctx: Context, run = runSet): Command {
  const command = new Command('set')
    .summary('set one key of the profile')
    .argument('<key>', 'in dotted form; topaz help profiles lists them')
    .argument('<value>', 'its value; several with commas where the key takes a list')
    .addHelpText(
      'after',
      `
Examples:
  # in which quality sessions are opened
  $ topaz profile set holder.quality doctor
  # where the PKCS#11 module is
  $ topaz profile set pkcs11.module /usr/lib/libbeidpkcs11.so.0
  # the address of a service that topaz does not know
  $ topaz profile set endpoints.etkdepot https://services.test/EtkDepot/v1

A profile that does not exist yet is made, for the environment of --env or acc.`,
    );
  return command.action((key: string, value: string) =>
    action(ctx, command, (session) => run(session, key, value)),
  );
}

export async function runSet(run: Run, key: string, value: string): Promise<void> {
  const [{ setProfileValue }, { keyRule }, { parseValue }] = await Promise.all([
    import('../../profile/profile.js'),
    import('../../profile/keys.js'),
    import('../../profile/document.js'),
  ]);
  const name = run.settings.profileName;
  // A relative path means the folder where the person is now, not where a later command runs.
  const whole = keyRule(key)?.kind === 'file' ? resolve(run.ctx.cwd, value) : value;
  parseValue(key, whole, `profile "${name}"`);
  const meant = await checkedValue(run, key, whole);
  await setProfileValue(run.paths, name, key, meant, { environment: run.settings.env });
  run.result({ schema: 'topaz.profile.set/1', profile: name, key, value: meant }, () => []);
  run.done(run.t('profile.set', { key, name }));
}
