/**
 * `topaz keystore passwd`: another password for a keystore.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { withNewPasswordFile, withPasswordFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { exclusively, withNewPassword } from './change.js';
import { keystoreFiles, keystorePath, withPassword } from './open-keystore.js';
import { forgetIfRemembered, isRemembered, rememberPassword, withRemember } from './remember.js';

export interface PasswdOptions extends SecretFlags {
  remember?: boolean;
}

/** `topaz keystore passwd`. */
export function passwdCommand(ctx: Context, run = runPasswd): Command {
  const command = withNewPasswordFile(
    withPasswordFile(
      withRemember(
        new Command('passwd')
          .summary('change the password of a keystore')
          .argument('<alias>', 'alias or file'),
      ),
    ),
  ).addHelpText(
    'after',
    `
Examples:
  # asks for the old password, then twice for the new one
  $ topaz keystore passwd doctor
  # without a person
  $ topaz keystore passwd doctor --password-file pw --new-password-file new

The new password: 12 to 64 characters without accents, not digits only.
A dated copy is kept, and still opens with the old password. The file is written
with current algorithms; for an old Java: topaz keystore export --legacy

A password that is remembered is replaced in the keyring too; --remember puts it there.`,
  );
  return command.action((alias: string, options: PasswdOptions) =>
    action(ctx, command, (session) => run(session, alias, options)),
  );
}

export async function runPasswd(
  run: Run,
  named: string,
  { remember = false, ...flags }: PasswdOptions,
): Promise<void> {
  const [{ aliasOf }, { backupsOf, listCopies }, { openKeystore }, { changePassword }] =
    await Promise.all([
      import('../../keystore/store.js'),
      import('../../keystore/backups.js'),
      import('../../keystore/keystore.js'),
      import('../../keystore/change-password.js'),
    ]);
  const path = await keystorePath(run, named);
  const alias = aliasOf(path);
  const folder = backupsOf(await keystoreFiles(run));
  await withPassword(run, { alias, path }, flags, async (oldPassword) => {
    // A wrong password is said before a new one is asked.
    await run.step(run.t('keystore.open.step', { alias }), () => openKeystore(path, oldPassword));
    await withNewPassword(run, { alias, flags }, async (newPassword) => {
      if (Buffer.compare(oldPassword, newPassword) === 0) {
        throw new TopazError('E_USAGE', 'the new password is the old one', {
          hint: 'nothing was changed; choose another one',
        });
      }
      // Whoever changes a password wants the keys out of everywhere that opened with the old one.
      const { dropKeystore } = await import('../session/held-keys.js');
      await dropKeystore(run, path);
      await run.step(run.t('keystore.passwd.step'), () =>
        exclusively(run, () =>
          changePassword(path, { oldPassword, newPassword, backup: { folder, now: run.now() } }),
        ),
      );
      await rememberNew(run, { alias, path }, newPassword, remember);
    });
  });
  const [copy] = (await listCopies(folder)).filter((entry) => entry.alias === alias);
  run.result(
    {
      schema: 'topaz.keystore.passwd/1',
      alias,
      path,
      ...(copy === undefined ? {} : { copy: copy.path }),
    },
    () => [],
  );
  run.done(run.t('keystore.passwd.done', { alias }));
  run.remark(run.t('keystore.passwd.copy', { folder }));
}

/** The keystore has its new password by now: a keyring that refuses is said, and forgets the old one. */
async function rememberNew(
  run: Run,
  file: { readonly alias: string; readonly path: string },
  password: Uint8Array,
  asked: boolean,
): Promise<void> {
  if (!asked && !(await isRemembered(run, file))) {
    return;
  }
  try {
    await rememberPassword(run, file, password);
  } catch (error) {
    if (!(error instanceof TopazError) || error.code !== 'E_KEYRING') {
      throw error;
    }
    await forgetIfRemembered(run, file);
    run.warn(run.t('keystore.remember.failed', { alias: file.alias }));
  }
}
