/**
 * `topaz profile remove`: forgets a profile. Keystores and messages stay.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';

/** `topaz profile remove NAME`. */
export function removeCommand(ctx: Context, run = runRemove): Command {
  const command = new Command('remove')
    .summary('forget a profile; its keystores stay')
    .argument('<name>', 'a profile of "topaz profile list"')
    .option('--dry-run', 'say what would be removed, change nothing')
    .addHelpText(
      'after',
      `
Examples:
  # asks before it does
  $ topaz profile remove tests
  # does not ask
  $ topaz profile remove tests --yes

It asks for a confirmation; --yes gives it.`,
    );
  return command.action((name: string, options: RemoveOptions) =>
    action(ctx, command, (session) => run(session, name, options)),
  );
}

export interface RemoveOptions {
  dryRun?: boolean;
}

export async function runRemove(
  run: Run,
  name: string,
  { dryRun = false }: RemoveOptions = {},
): Promise<void> {
  const [{ forgetUse, readProfileValues, removeProfileFile }, { environmentOf }] =
    await Promise.all([import('../../profile/files.js'), import('../../profile/profile.js')]);
  const { profileFolders } = await import('../../profile/paths.js');
  const environment = environmentOf(await readProfileValues(run.paths, name));
  if (dryRun) {
    run.result(
      { schema: 'topaz.profile.remove/1', profile: name, environment, dryRun: true },
      () => [run.t('profile.remove.dry', { name, environment })],
      () => [[name, environment]],
    );
    return;
  }
  await run.confirm(run.t('profile.remove.question', { name, environment }));
  await removeProfileFile(run.paths, name);
  await forgetUse(run.paths, name);
  run.result({ schema: 'topaz.profile.remove/1', profile: name, environment }, () => []);
  run.done(run.t('profile.removed', { name, folder: profileFolders(run.paths, name).keystores }));
}
