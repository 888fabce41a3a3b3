/**
 * What the commands that change keystores share: one at a time, never beside a `cert finalize`, and the
 * choice of a new password.
 *
 * @module
 */

import type { Run, SecretFlags } from '../../cli/run.js';
import type { RequestRecord } from '../../lifecycle/request-record.js';
import type { RequestStore } from '../../lifecycle/request-store.js';
import { profileFolders } from '../../profile/paths.js';

/** Runs the work while no other command installs a certificate or changes a keystore of this profile. */
export async function exclusively<T>(run: Run, work: () => Promise<T>): Promise<T> {
  const { lockTimeoutMs } = run.settings;
  const store = await openStore(run);
  return store.exclusively({ timeoutMs: lockTimeoutMs, signal: run.ctx.signal }, work);
}

/** The request in progress whose key is in this file. */
export async function requestIn(run: Run, path: string): Promise<RequestRecord | undefined> {
  const [store, { isOpen }] = await Promise.all([
    openStore(run),
    import('../../lifecycle/request-record.js'),
  ]);
  return (await store.list()).find((record) => record.keystore === path && isOpen(record));
}

async function openStore(run: Run): Promise<RequestStore> {
  const { openRequestStore } = await import('../../lifecycle/request-store.js');
  return openRequestStore(profileFolders(run.paths, run.settings.profileName).state);
}

/**
 * Asks for a new password, the rule first, and wipes it afterwards.
 *
 * @throws TopazError `E_PASSWORD_WEAK`, and as `Run.secret`.
 */
export async function withNewPassword<T>(
  run: Run,
  { alias, flags }: { readonly alias: string; readonly flags: SecretFlags },
  work: (password: Uint8Array) => Promise<T>,
): Promise<T> {
  const { checkNewPassword } = await import('../../keystore/password.js');
  if (run.settings.canAskSecret) {
    run.remark(run.t('keystore.newPassword.rule'));
  }
  const prompt = run.t('keystore.newPassword', { alias });
  const { bytes } = await run.secret('newPassword', flags, prompt, { alias });
  try {
    checkNewPassword(bytes);
    return await work(bytes);
  } finally {
    bytes.fill(0);
  }
}
