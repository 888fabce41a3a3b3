/**
 * The session that the profile holds.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { profileFolders } from '../../profile/paths.js';
import type { Session } from '../../sts/session.js';

/** State folder of the profile. */
export const sessionFolder = (run: Run): string =>
  profileFolders(run.paths, run.settings.profileName).state;

/**
 * Commands that open or close the session of a profile take turns.
 *
 * @param folder State folder of the profile, where it is another one's.
 * @throws TopazError `E_LOCKED` when another one does not end.
 */
export async function inTurn<T>(
  run: Run,
  work: () => Promise<T>,
  folder: string = sessionFolder(run),
): Promise<T> {
  const [{ withLock }, { makePrivateFolder }, { sessionLock }] = await Promise.all([
    import('../../disk/lock.js'),
    import('../../disk/atomic.js'),
    import('../../sts/session-store.js'),
  ]);
  await makePrivateFolder(folder);
  const wait = { timeoutMs: run.settings.lockTimeoutMs, signal: run.ctx.signal };
  return withLock(sessionLock(folder), wait, work);
}

/** The session that is open now, or `undefined`. */
export async function currentSession(run: Run): Promise<Session | undefined> {
  const { readSession } = await import('../../sts/session-store.js');
  const { environment } = await run.profile();
  const session = await readSession(sessionFolder(run), environment);
  return session !== undefined && session.notOnOrAfter > run.now() ? session : undefined;
}

/**
 * The stored session with this much life left.
 *
 * @throws TopazError `E_SESSION_NONE`, `E_SESSION_EXPIRED`.
 */
export async function requireSession(run: Run, leastMs: number): Promise<Session> {
  const { readSession } = await import('../../sts/session-store.js');
  const { environment } = await run.profile();
  const session = await readSession(sessionFolder(run), environment);
  if (session === undefined) {
    throw new TopazError('E_SESSION_NONE', 'no session is open', {
      facts: [`profile ${run.settings.profileName}, environment ${environment}`],
      hint: 'topaz session open',
    });
  }
  if (session.notOnOrAfter.getTime() - run.now().getTime() < leastMs) {
    throw new TopazError('E_SESSION_EXPIRED', 'the session has ended', {
      hint: 'topaz session open',
    });
  }
  return session;
}
