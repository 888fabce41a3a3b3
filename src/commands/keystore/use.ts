/**
 * `topaz keystore use`: makes a keystore the active one of the profile, or the organisation's.
 *
 * @module
 */

import { dirname } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { keystoreFiles, keystorePath } from './open-keystore.js';

export interface UseOptions {
  /** Of the organisation one works for. */
  organisation?: boolean;
}

/** `topaz keystore use`. */
export function useCommand(ctx: Context, run = runUse): Command {
  const command = new Command('use')
    .summary('make a keystore the active one of the profile')
    .argument('<alias>', 'alias or file')
    .option('--organisation', 'make it the keystore of the organisation instead')
    .addHelpText(
      'after',
      `
Examples:
  # from now on, work with this one
  $ topaz keystore use doctor
  # the one of the medical house, beside it
  $ topaz keystore use "NIHII-MEDICAL_HOUSE=89547133" --organisation`,
    );
  return command.action((alias: string, options: UseOptions) =>
    action(ctx, command, (session) => run(session, alias, options)),
  );
}

export async function runUse(
  run: Run,
  aliasOrPath: string,
  { organisation = false }: UseOptions,
): Promise<void> {
  const { aliasOf } = await import('../../keystore/store.js');
  const path = await keystorePath(run, aliasOrPath);
  const alias = aliasOf(path);
  await setActive(run, path, organisation);
  run.result({ schema: 'topaz.keystore.use/1', alias, path, organisation }, () => []);
  run.done(run.t(organisation ? 'keystore.use.organisation' : 'keystore.use.done', { alias }));
}

/** Writes the profile's key: the alias of a stored keystore, the path of another file. */
export async function setActive(run: Run, path: string, organisation: boolean): Promise<void> {
  const [{ setProfileValue }, { aliasOf }] = await Promise.all([
    import('../../profile/profile.js'),
    import('../../keystore/store.js'),
  ]);
  const isStored = dirname(path) === (await keystoreFiles(run));
  await setProfileValue(
    run.paths,
    run.settings.profileName,
    organisation ? 'organisationKeystore' : 'keystore',
    isStored ? aliasOf(path) : path,
    { environment: run.settings.env },
  );
}
