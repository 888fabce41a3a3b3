/**
 * Opens the way to find out about revocations for a profile: its policy, its proxy, its copies, and what its
 * environment may reach.
 *
 * @module
 */

import { join } from 'node:path';

import type { Run } from '../../cli/run.js';
import { seconds } from '../../cli/text.js';
import { USER_AGENT } from '../../cli/version.js';
import { profileFolders } from '../../profile/paths.js';
import type { Profile } from '../../profile/profile.js';
import type { SealRevocation } from '../../etee/revocation.js';
import type { RevocationPolicy } from '../../revocation/path-status.js';
import type { RevocationChecker, RevocationStatus } from '../../x509/revocation-status.js';
import { profileOrNone } from '../eid/open-card.js';

/** For one place; a shorter `--timeout` counts here too. */
const MAX_WAIT_MS = 5000;

export interface OpenRevocationOptions {
  /** Only copies that still count. @default false */
  readonly offline?: boolean | undefined;
  /** Asks even where a copy still counts. @default false */
  readonly fresh?: boolean | undefined;
}

/** A checker for this profile, or for none: public places alone then. */
export async function openRevocation(
  run: Run,
  { offline = false, fresh = false }: OpenRevocationOptions = {},
): Promise<RevocationChecker> {
  const [{ createRevocationChecker }, { openCopies }, { createFetch }, profile] = await Promise.all(
    [
      import('../../revocation/checker.js'),
      import('../../revocation/copies.js'),
      import('../../revocation/fetch.js'),
      profileOrNone(run),
    ],
  );
  const { state } = profileFolders(run.paths, run.settings.profileName);
  const fetch = createFetch({
    reach: profile?.environment === 'sandbox' ? 'loopback' : 'public',
    proxyFor: (url) => proxyFor(url, profile, run.ctx.env),
    userAgent: USER_AGENT,
    timeoutMs: Math.min(MAX_WAIT_MS, run.settings.timeoutMs),
  });
  return createRevocationChecker({
    fetch: (url, request) => logged(run, url, fetch(url, request)),
    copies: openCopies(join(state, 'revocation')),
    now: run.now,
    signal: run.ctx.signal,
    offline,
    fresh,
  });
}

async function logged<T>(run: Run, url: string, exchange: Promise<T>): Promise<T> {
  try {
    const answer = await exchange;
    run.log?.(`revocation ${url} answered`);
    return answer;
  } catch (error) {
    run.log?.(`revocation ${url} ${error instanceof Error ? error.message : 'failed'}`);
    throw error;
  }
}

/**
 * The profile's policy.
 *
 * @param otherwise Where the profile does not say: `optional` for commands that show, `off` for those that
 *   seal and unseal, as the official connector does (etee §5.5).
 */
export async function revocationPolicy(
  run: Run,
  otherwise: RevocationPolicy,
): Promise<RevocationPolicy> {
  return (await profileOrNone(run))?.revocation ?? otherwise;
}

/** For commands that seal and unseal: `undefined` where the profile does not ask for it. */
export async function sealRevocation(run: Run): Promise<SealRevocation | undefined> {
  const policy = await revocationPolicy(run, 'off');
  return policy === 'off' ? undefined : { policy, checker: await openRevocation(run) };
}

/** The profile's, else the one of the environment unless `NO_PROXY` names the host; none for a sandbox. */
function proxyFor(
  { protocol, hostname }: URL,
  profile: Profile | undefined,
  env: Run['ctx']['env'],
): string | undefined {
  if (profile?.environment === 'sandbox') {
    return undefined;
  }
  const excluded = (env['NO_PROXY'] ?? env['no_proxy'] ?? '').split(',').map((host) =>
    host
      .trim()
      .replace(/^\*?\.?/, '')
      .toLowerCase(),
  );
  const isExcluded = excluded.some(
    (host) => host !== '' && (hostname === host || hostname.endsWith(`.${host}`)),
  );
  const all = (env['NO_PROXY'] ?? env['no_proxy'] ?? '').trim() === '*';
  const name = protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const own = env[name.toUpperCase()] ?? env[name];
  return profile?.proxy ?? (isExcluded || all || own === '' ? undefined : own);
}

/** A status in JSON. */
export function describeStatus(
  status: RevocationStatus | undefined,
): Readonly<Record<string, unknown>> {
  if (status === undefined) {
    return { state: 'not-checked' };
  }
  if (status.state === 'unknown') {
    return { state: status.state, cause: status.cause, detail: status.detail };
  }
  const { kind, url, cached, thisUpdate, nextUpdate } = status.source;
  return {
    state: status.state,
    ...(status.state === 'revoked'
      ? {
          revokedAt: seconds(status.revokedAt),
          ...(status.reason === undefined ? {} : { reason: status.reason }),
        }
      : {}),
    source: kind,
    ...(url === undefined ? {} : { url }),
    cached,
    thisUpdate: seconds(thisUpdate),
    ...(nextUpdate === undefined ? {} : { nextUpdate: seconds(nextUpdate) }),
  };
}
