/**
 * `topaz profile list`: all profiles of this home.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { table } from '../../cli/text.js';
import { TopazError } from '../../errors.js';

/** `topaz profile list`. */
export function listCommand(ctx: Context, run = runList): Command {
  const command = new Command('list').summary('list the profiles').addHelpText(
    'after',
    `
Examples:
  # which ones are there, and which one is in use?
  $ topaz profile list
  # their names, for a script
  $ topaz profile list | cut -f1`,
  );
  return command.action(() => action(ctx, command, run));
}

interface Listed {
  readonly name: string;
  readonly environment?: string;
  readonly keystore?: string;
  readonly inUse: boolean;
  /** Why it cannot be read. */
  readonly problem?: string;
}

export async function runList(run: Run): Promise<void> {
  const { listProfiles } = await import('../../profile/profile.js');
  const names = await listProfiles(run.paths);
  const profiles = await Promise.all(names.map((name) => describe(run, name)));
  run.result(
    { schema: 'topaz.profile.list/1', profiles },
    () =>
      profiles.length === 0
        ? []
        : table(
            run,
            profiles.map(({ name, environment, keystore = '', inUse }) => [
              name,
              environment ?? run.t('profile.list.unreadable'),
              inUse ? run.t('profile.list.yes') : '',
              keystore,
            ]),
            [
              run.t('profile.list.name'),
              run.t('profile.list.environment'),
              run.t('profile.list.used'),
              run.t('profile.list.keystore'),
            ],
          ),
    () =>
      profiles.map(({ name, environment = '', keystore = '', inUse }) => [
        name,
        environment,
        inUse ? 'in-use' : '',
        keystore,
      ]),
  );
  if (profiles.length === 0) {
    run.remark(run.t('profile.list.none'));
  }
}

async function describe(run: Run, name: string): Promise<Listed> {
  const { readProfile } = await import('../../profile/profile.js');
  const inUse = name === run.settings.profileName;
  try {
    const { environment, keystore } = await readProfile(run.paths, name);
    return { name, environment, inUse, ...(keystore === undefined ? {} : { keystore }) };
  } catch (error) {
    if (error instanceof TopazError) {
      return { name, inUse, problem: error.message };
    }
    throw error;
  }
}
