/**
 * Finalizes the keystore of a request, for `cert finalize` and for a renewal that runs to its end by itself.
 *
 * @module
 */

import { join } from 'node:path';

import type { Run } from '../../cli/run.js';
import type { Authority } from '../../lifecycle/authority.js';
import type { Finalized, FinalizeStep } from '../../lifecycle/finalize.js';
import type { RequestStore } from '../../lifecycle/request-store.js';
import { keystoreFiles } from '../keystore/open-keystore.js';
import { lockOf } from './send-request.js';

export interface FinalizeKeystore {
  readonly path: string;
  /** UTF-8. */
  readonly password: Uint8Array;
  /** `false` leaves the token for later. */
  readonly etk: boolean;
}

/**
 * Finalizes, and says each step.
 *
 * @returns What there is now, and whether anything had to be done for it.
 * @throws as `finalizeRequest`.
 */
export async function finalizeKeystore(
  run: Run,
  authority: Authority,
  store: RequestStore,
  { path, password, etk }: FinalizeKeystore,
): Promise<{ readonly finalized: Finalized; readonly changed: boolean }> {
  const [{ finalizeRequest }, { trustRoots }, profile, folder] = await Promise.all([
    import('../../lifecycle/finalize.js'),
    import('../../profile/trust.js'),
    run.profile(),
    keystoreFiles(run),
  ]);
  const done: FinalizeStep[] = [];
  const finalized = await run.step(run.t('cert.finalize.step'), () =>
    finalizeRequest(authority, store, {
      path,
      password,
      environment: profile.environment,
      etk,
      roots: () => trustRoots(profile, 'ehealthRoots'),
      backupFolder: join(folder, 'backups'),
      lock: lockOf(run),
      onStep: (step) => {
        done.push(step);
        tell(run, step, path);
      },
    }),
  );
  return { finalized, changed: done.length > 0 };
}

function tell(run: Run, step: FinalizeStep, path: string): void {
  if (step === 'approved' || step === 'installed' || step === 'registered') {
    run.done(run.t(`cert.finalize.${step}`, { path }));
  }
}
