/**
 * `topaz keystore use`: makes a keystore the active one of the profile, or the organisation's.
 *
 * @module
 */

import { dirname } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { withPasswordFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { keystoreFiles, keystorePath, withPassword } from './open-keystore.js';
import { withRemember } from './remember.js';

export interface UseOptions extends SecretFlags {
  /** Of the organisation one works for. */
  organisation?: boolean;
  remember?: boolean;
  forget?: boolean;
}

/** `topaz keystore use`. */
export function useCommand(ctx: Context, run = runUse): Command {
  const command = withPasswordFile(
    withRemember(
      new Command('use')
        .summary('make a keystore the active one of the profile')
        .argument('<alias>', 'alias or file')
        .option('--organisation', 'make it the keystore of the organisation instead'),
    ).option('--forget', 'take its password out of the keyring, and change nothing else'),
  ).addHelpText(
    'after',
    `
Examples:
  # from now on, work with this one
  $ topaz keystore use doctor
  # the one of the medical house, beside it
  $ topaz keystore use "NIHII-MEDICAL_HOUSE=89547133" --organisation
  # and never ask for its password again, on this machine
  $ topaz keystore use doctor --remember
  # ask for it again
  $ topaz keystore use doctor --forget

--remember asks for the password (--password-file), tries it, and keeps it in the
keyring of the desktop: whoever is logged in there can use the keystore. Not without it:
topaz stores no password anywhere.`,
  );
  return command.action((alias: string, options: UseOptions) =>
    action(ctx, command, (session) => run(session, alias, options)),
  );
}

export async function runUse(
  run: Run,
  aliasOrPath: string,
  { organisation = false, remember = false, forget = false, ...flags }: UseOptions,
): Promise<void> {
  const { aliasOf } = await import('../../keystore/store.js');
  const path = await keystorePath(run, aliasOrPath);
  const alias = aliasOf(path);
  if (forget) {
    await forgetIt(run, { alias, path }, { remember, organisation });
    return;
  }
  if (remember) {
    await rememberIt(run, { alias, path }, flags);
  }
  await setActive(run, path, organisation);
  run.result(
    {
      schema: 'topaz.keystore.use/1',
      alias,
      path,
      organisation,
      ...(remember ? { remembered: true } : {}),
    },
    () => [],
  );
  run.done(run.t(organisation ? 'keystore.use.organisation' : 'keystore.use.done', { alias }));
}

/** Tries the password, and puts it into the keyring. */
export async function rememberIt(
  run: Run,
  file: { readonly alias: string; readonly path: string },
  flags: SecretFlags,
): Promise<void> {
  const { openKeystore } = await import('../../keystore/keystore.js');
  await withPassword(run, file, { ...flags, remember: true }, (password) =>
    run.step(run.t('keystore.open.step', { alias: file.alias }), () =>
      openKeystore(file.path, password),
    ),
  );
}

async function forgetIt(
  run: Run,
  file: { readonly alias: string; readonly path: string },
  { remember, organisation }: { readonly remember: boolean; readonly organisation: boolean },
): Promise<void> {
  if (remember || organisation) {
    throw new TopazError('E_USAGE', '--forget goes with no other flag of use', {
      hint: `topaz keystore use "${file.alias}" --forget`,
    });
  }
  const { forgetPassword } = await import('./remember.js');
  const forgotten = await forgetPassword(run, file);
  const { alias, path } = file;
  run.result(
    { schema: 'topaz.keystore.use/1', alias, path, organisation, remembered: false },
    () => [],
  );
  if (forgotten) {
    run.done(run.t('keystore.remember.forgotten', { alias }));
  } else {
    run.remark(run.t('keystore.remember.none', { alias }));
  }
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
