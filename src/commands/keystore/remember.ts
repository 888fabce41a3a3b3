/**
 * Passwords that a person asked to be remembered: in the keyring of the system, never in a file of topaz. The
 * profile says for which keystores (`remember`), and without that no keyring is ever asked.
 *
 * @module
 */

import { createHash } from 'node:crypto';

import type { Command } from 'commander';

import type { Keyring } from '../../cli/keyring.js';
import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { profileOrNone } from '../eid/open-card.js';

export interface RememberFlags {
  /** `--remember`. */
  readonly remember?: boolean;
}

interface KeystoreFile {
  readonly path: string;
  readonly alias: string;
}

/** Adds `--remember`. */
export const withRemember = (command: Command): Command =>
  command.option('--remember', 'keep the password in the keyring of this system');

/** The name of a secret in the keyring. Not the path itself: names of keystores hold numbers of persons. */
export const accountOf = (path: string): string =>
  `keystore ${createHash('sha256').update(path).digest('hex').slice(0, 40)}`;

const isNamed = (names: readonly string[], { alias, path }: KeystoreFile): boolean =>
  names.some((name) => name === path || name.toLowerCase() === alias.toLowerCase());

/** Whether the profile says that this password is remembered. */
export async function isRemembered(run: Run, file: KeystoreFile): Promise<boolean> {
  const profile = await profileOrNone(run).catch(() => undefined);
  return isNamed(profile?.remember ?? [], file);
}

/**
 * The password that was remembered. Where the keyring cannot be asked or has none, that is said, and the caller
 * goes on as if nothing was remembered.
 */
export async function rememberedPassword(
  run: Run,
  file: KeystoreFile,
): Promise<Uint8Array | undefined> {
  if (!(await isRemembered(run, file))) {
    return undefined;
  }
  try {
    const keyring = await openKeyring(run);
    const bytes = await keyring.read(accountOf(file.path), run.ctx.signal);
    if (bytes === undefined) {
      run.warn(run.t('keystore.remember.gone', { alias: file.alias }));
    }
    return bytes;
  } catch (error) {
    if (error instanceof TopazError && error.code === 'E_KEYRING') {
      run.warn(run.t('keystore.remember.closed', { alias: file.alias }));
      return undefined;
    }
    throw error;
  }
}

/**
 * Puts a password that proved right into the keyring, and that into the profile.
 *
 * @throws TopazError `E_KEYRING`; nothing is in the profile then.
 */
export async function rememberPassword(
  run: Run,
  file: KeystoreFile,
  password: Uint8Array,
): Promise<void> {
  const keyring = await openKeyring(run);
  const account = accountOf(file.path);
  await keyring.write(account, password, run.ctx.signal);
  const kept = await keyring.read(account, run.ctx.signal);
  const isKept = kept !== undefined && Buffer.compare(kept, password) === 0;
  kept?.fill(0);
  if (!isKept) {
    throw new TopazError('E_KEYRING', 'the keyring of this system did not keep the password', {
      hint: 'unlock it, and try again; or use --password-file FILE instead',
    });
  }
  await changeNames(run, (names) => (isNamed(names, file) ? names : [...names, file.alias]));
  run.done(run.t('keystore.remember.done', { alias: file.alias }));
}

/**
 * Takes a password out of the keyring and of the profile. The profile goes first: from then on nobody looks.
 *
 * @returns Whether there was one.
 * @throws TopazError `E_KEYRING` when it may still be in the keyring.
 */
export async function forgetPassword(run: Run, file: KeystoreFile): Promise<boolean> {
  const was = await isRemembered(run, file);
  if (was) {
    await changeNames(run, (names) => names.filter((name) => !isNamed([name], file)));
  }
  const keyring = await openKeyring(run);
  return (await keyring.remove(accountOf(file.path), run.ctx.signal)) || was;
}

/** The same where the keystore goes away: a keyring that cannot be asked keeps nothing from going on. */
export async function forgetIfRemembered(run: Run, file: KeystoreFile): Promise<void> {
  if (await isRemembered(run, file)) {
    try {
      await forgetPassword(run, file);
    } catch (error) {
      if (!(error instanceof TopazError) || error.code !== 'E_KEYRING') {
        throw error;
      }
      run.warn(run.t('keystore.remember.left', { alias: file.alias }));
    }
  }
}

/**
 * Moves what is remembered of a profile that got another name. Where the keyring cannot be asked, the profile forgets
 * that it was.
 */
export async function moveRemembered(
  run: Run,
  { from, to, names }: { readonly from: string; readonly to: string; readonly names: readonly string[] }, // prettier-ignore
): Promise<void> {
  const [{ pathOfAlias }, { profileFolders }] = await Promise.all([
    import('../../keystore/store.js'),
    import('../../profile/paths.js'),
  ]);
  const placeIn = (profile: string, alias: string): string =>
    accountOf(pathOfAlias(profileFolders(run.paths, profile).keystores, alias));
  try {
    const keyring = await openKeyring(run);
    for (const alias of names) {
      const secret = await keyring.read(placeIn(from, alias), run.ctx.signal);
      if (secret !== undefined) {
        await keyring.write(placeIn(to, alias), secret, run.ctx.signal);
        secret.fill(0);
        await keyring.remove(placeIn(from, alias), run.ctx.signal);
      }
    }
  } catch (error) {
    if (!(error instanceof TopazError) || error.code !== 'E_KEYRING') {
      throw error;
    }
    const { unsetProfileValue } = await import('../../profile/profile.js');
    await unsetProfileValue(run.paths, to, 'remember');
    run.warn(run.t('keystore.remember.left', { alias: names.join(', ') }));
  }
}

const openKeyring = async (run: Run): Promise<Keyring> =>
  run.ctx.keyring === undefined
    ? (await import('../../cli/keyring.js')).openKeyring()
    : run.ctx.keyring();

async function changeNames(
  run: Run,
  change: (names: readonly string[]) => readonly string[],
): Promise<void> {
  const { changeProfile } = await import('../../profile/profile.js');
  const { profileName, env } = run.settings;
  await changeProfile(
    run.paths,
    profileName,
    (old) => {
      const before = old.get('remember');
      const names = change(typeof before === 'object' ? before : []);
      const values = new Map(old);
      if (names.length === 0) {
        values.delete('remember');
      } else {
        values.set('remember', names);
      }
      return values;
    },
    { environment: env },
  );
}
