/**
 * The registration authority and the requests of the profile in use.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import type { Authority } from '../../lifecycle/authority.js';
import type { RequestStore } from '../../lifecycle/request-store.js';

/**
 * @throws TopazError of the profile; `E_ENDPOINT_UNKNOWN` only once a service is called whose address is
 *   not known.
 */
export async function openAuthority(run: Run): Promise<Authority> {
  const profile = await run.profile();
  const { endpoint } = await import('../../profile/endpoints.js');
  return {
    call: await run.call(),
    get certra() {
      return endpoint(profile, 'certra');
    },
    get etkra() {
      return endpoint(profile, 'etkra');
    },
    now: run.now,
    newId: run.ctx.newId,
    signal: run.ctx.signal,
  };
}

/** The requests of the profile; made at the first one. */
export async function requestsOf(run: Run): Promise<RequestStore> {
  const [{ openRequestStore }, { profileFolders }] = await Promise.all([
    import('../../lifecycle/request-store.js'),
    import('../../profile/paths.js'),
  ]);
  const { name } = await run.profile();
  return openRequestStore(profileFolders(run.paths, name).state);
}
