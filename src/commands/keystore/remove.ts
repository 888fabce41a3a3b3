/**
 * `topaz keystore remove`: takes a keystore out of the profile. Its dated copies stay, and it becomes one of
 * them, since its keys are the only ones that open the messages sealed for it.
 *
 * @module
 */

import { dirname } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { profileOrNone } from '../eid/open-card.js';
import { exclusively, requestIn } from './change.js';
import { keystoreFiles, keystorePath } from './open-keystore.js';

export interface RemoveOptions {
  force?: boolean;
  dryRun?: boolean;
}

/** `topaz keystore remove`. */
export function removeCommand(ctx: Context, run = runRemove): Command {
  const command = new Command('remove')
    .summary('take a keystore out of the profile; a copy is kept')
    .argument('<alias>', 'a keystore of "topaz keystore list"')
    .option('-f, --force', 'also the active one, or one whose request is in progress')
    .option('--dry-run', 'say what would be done, change nothing')
    .addHelpText(
      'after',
      `
Examples:
  # asks before it does
  $ topaz keystore remove doctor-2023
  # does not ask
  $ topaz keystore remove doctor-2023 --yes
  # and back again
  $ topaz keystore backups doctor-2023 --restore 20260301-091244

The file is moved to the dated copies, so that old messages can still be opened.
It asks for a confirmation; --yes gives it.`,
    );
  return command.action((alias: string, options: RemoveOptions) =>
    action(ctx, command, (session) => run(session, alias, options)),
  );
}

type Use = 'keystore' | 'organisationKeystore';

export async function runRemove(
  run: Run,
  named: string,
  { force = false, dryRun = false }: RemoveOptions,
): Promise<void> {
  const [{ aliasOf }, { backupsOf, moveToBackups }] = await Promise.all([
    import('../../keystore/store.js'),
    import('../../keystore/backups.js'),
  ]);
  const [path, folder] = await Promise.all([keystorePath(run, named), keystoreFiles(run)]);
  const alias = aliasOf(path);
  if (dirname(path) !== folder) {
    throw new TopazError('E_USAGE', `${path} is not one of this profile`, {
      facts: ['only keystores in the folder of the profile are removed'],
      hint: 'topaz keystore list',
    });
  }
  const uses = await usesOf(run, { alias, path });
  if (!force) {
    await refuseInUse(run, { alias, path }, uses);
  }
  const document = { schema: 'topaz.keystore.remove/1', alias, path, dryRun };
  const backups = backupsOf(folder);
  if (dryRun) {
    run.result(document, () => [run.t('keystore.remove.dry', { alias, folder: backups })]);
    return;
  }
  await run.confirm(run.t('keystore.remove.question', { alias }));
  const { dropKeystore } = await import('../session/held-keys.js');
  await dropKeystore(run, path);
  const { forgetIfRemembered } = await import('./remember.js');
  await forgetIfRemembered(run, { alias, path });
  const copy = await exclusively(run, async () => {
    // First the profile: should the rest fail, the keystore is still there.
    const { unsetProfileValue } = await import('../../profile/profile.js');
    for (const use of uses) {
      await unsetProfileValue(run.paths, run.settings.profileName, use);
    }
    return moveToBackups(path, { folder: backups, now: run.now() });
  });
  run.result({ ...document, ...(copy === undefined ? {} : { copy }) }, () => []);
  run.done(run.t('keystore.remove.done', { alias }));
  run.remark(run.t('keystore.remove.copy', { folder: backups }));
}

interface Named {
  readonly alias: string;
  readonly path: string;
}

/** Which settings of the profile name it. */
async function usesOf(run: Run, { alias, path }: Named): Promise<readonly Use[]> {
  const profile = await profileOrNone(run);
  const names = (value: string | undefined): boolean =>
    value === path || value?.toLowerCase() === alias.toLowerCase();
  return (['keystore', 'organisationKeystore'] as const).filter((use) => names(profile?.[use]));
}

async function refuseInUse(run: Run, { alias, path }: Named, uses: readonly Use[]): Promise<void> {
  if (uses.length > 0) {
    const { name } = await run.profile();
    const what = uses.includes('keystore') ? 'the active one' : 'the one of the organisation';
    throw new TopazError('E_USAGE', `keystore "${alias}" is ${what} of profile "${name}"`, {
      hint: 'choose another one first (topaz keystore use ALIAS), or add --force',
    });
  }
  const request = await requestIn(run, path);
  if (request !== undefined) {
    throw new TopazError('E_USAGE', `keystore "${alias}" holds the key of a request in progress`, {
      facts: [`request ${request.id.slice(0, 8)}`],
      hint: 'wait for its certificate (topaz cert finalize), or add --force',
    });
  }
}
