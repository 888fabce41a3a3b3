/**
 * Where the commands of a profile get ETKs from: its depot, its copies, its trust.
 *
 * @module
 */

import { join } from 'node:path';

import type { Run } from '../../cli/run.js';
import type { EtkSource } from '../../etk/obtain.js';
import { sealRevocation } from '../cert/open-revocation.js';

/** @throws TopazError `E_PROFILE_UNKNOWN`, `E_ENDPOINT_UNKNOWN`, `E_TRUST_MISSING`. */
export async function etkSource(run: Run): Promise<EtkSource> {
  const [{ endpoint }, { trustRoots }] = await Promise.all([
    import('../../profile/endpoints.js'),
    import('../../profile/trust.js'),
  ]);
  const profile = await run.profile();
  return {
    call: () => run.call(),
    url: endpoint(profile, 'etkdepot'),
    roots: await trustRoots(profile, 'ehealthRoots'),
    folder: join(run.paths.cache, 'etk', profile.environment),
    now: run.now(),
    revocation: await sealRevocation(run),
    onUnknown: () => {
      run.warn(run.t('seal.statusUnknown'));
    },
  };
}
