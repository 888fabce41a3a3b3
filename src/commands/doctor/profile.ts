/**
 * The profile in use: whether it can be read, where its services are, whom it trusts, which proxy is on the way.
 *
 * @module
 */

import { access } from 'node:fs/promises';

import { proxyRule } from '../../cli/proxy.js';
import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { endpoint } from '../../profile/endpoints.js';
import { SERVICE_ENDPOINTS } from '../../profile/keys.js';
import { listProfiles } from '../../profile/profile.js';
import type { Profile } from '../../profile/profile.js';
import { tlsTrust, trustRoots } from '../../profile/trust.js';
import { checksOf, describeError, examine } from './check.js';
import type { Check } from './check.js';
import { examineKeys } from './keys.js';

const check = checksOf('profile');

/** @returns The profile too, for what comes after. */
export async function examineProfile(
  run: Run,
): Promise<{ readonly checks: readonly Check[]; readonly profile?: Profile | undefined }> {
  let profile: Profile;
  try {
    profile = await run.profile();
  } catch (error) {
    if (!(error instanceof TopazError)) {
      throw error;
    }
    return { checks: [await withoutProfile(run, error)] };
  }
  const { name, environment } = profile;
  return {
    profile,
    checks: [
      check('profile', 'ok', run.t('doctor.profile.ok', { profile: name, environment })),
      ...(await examineKeys(run, profile)),
      endpoints(run, profile),
      ...(await examine(run, { id: 'trust', group: 'profile' }, () => trust(run, profile))),
      ...(await examine(run, { id: 'tls', group: 'profile' }, () => tls(run, profile))),
      ...(await examine(run, { id: 'proxy', group: 'profile' }, () => Promise.resolve([proxy(run, profile)]))), // prettier-ignore
    ],
  };
}

/** Nothing set up is where everybody begins; a profile that was named and is not there is a mistake. */
async function withoutProfile(run: Run, error: TopazError): Promise<Check> {
  const isNew =
    error.code === 'E_PROFILE_UNKNOWN' &&
    run.settings.profileFlag === undefined &&
    (await listProfiles(run.paths).catch(() => [])).length === 0;
  if (isNew) {
    return check('profile', 'warning', run.t('doctor.profile.none'), run.t('doctor.profile.next'));
  }
  const { summary, hint } = describeError(run, error);
  return check('profile', 'failed', summary, hint);
}

function endpoints({ t }: Run, profile: Profile): Check {
  const missing: string[] = [];
  for (const service of SERVICE_ENDPOINTS) {
    try {
      endpoint(profile, service);
    } catch (error) {
      if (!(error instanceof TopazError)) {
        throw error;
      }
      missing.push(service);
    }
  }
  const known = SERVICE_ENDPOINTS.length - missing.length;
  // The sandbox writes the addresses of what it plays.
  return missing.length === 0 || (profile.environment === 'sandbox' && known > 0)
    ? check('endpoints', 'ok', t('doctor.endpoints.ok', { count: known }))
    : check(
        'endpoints',
        known === 0 ? 'failed' : 'warning',
        t('doctor.endpoints.missing', { names: missing.join(', ') }),
        `topaz profile set endpoints.${missing[0] ?? 'SERVICE'} URL`,
      );
}

async function trust({ t }: Run, profile: Profile): Promise<readonly Check[]> {
  const roots = await Promise.all(
    (['stsSigner', 'eidRoots', 'ehealthRoots'] as const).map((key) => trustRoots(profile, key)),
  );
  return [check('trust', 'ok', t('doctor.trust.ok', { count: roots.flat().length }))];
}

async function tls({ t, ctx }: Run, profile: Profile): Promise<readonly Check[]> {
  const { caPem, systemRoots } = await tlsTrust(profile);
  const extra = ctx.env['NODE_EXTRA_CA_CERTS'];
  if (extra !== undefined && extra !== '' && !(await isReadable(extra))) {
    return [check('tls', 'warning', t('doctor.tls.extra'), t('doctor.tls.next'))];
  }
  return [
    systemRoots
      ? check('tls', 'ok', caPem.length === 0 ? t('doctor.tls.ok') : t('doctor.tls.more', { count: caPem.length })) // prettier-ignore
      : check('tls', 'ok', t('doctor.tls.sandbox')),
  ];
}

const isReadable = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** Host and port alone: the address may hold a password. */
function proxy({ t, ctx }: Run, profile: Profile): Check {
  const rule = proxyRule(profile, ctx.env);
  const places = SERVICE_ENDPOINTS.flatMap((service) => {
    try {
      return [new URL(endpoint(profile, service))];
    } catch {
      return [];
    }
  });
  const address = places.map(rule).find((found) => found !== undefined);
  if (address === undefined) {
    return check('proxy', 'ok', t('doctor.proxy.none'));
  }
  return URL.canParse(address)
    ? check('proxy', 'ok', t('doctor.proxy.used', { host: new URL(address).host }))
    : check(
        'proxy',
        'failed',
        t('doctor.proxy.invalid'),
        'topaz profile set proxy http://HOST:PORT',
      );
}
