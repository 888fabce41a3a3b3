/**
 * The way to the services of a profile: TLS trust, proxy, limits, log. Loaded and made only by commands that
 * speak to a service.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import type { Profile } from '../profile/profile.js';
import type { Call } from '../soap/call.js';
import type { Context } from './context.js';
import type { Settings } from './settings.js';
import { USER_AGENT } from './version.js';

/** A clock that differs more than this makes services refuse what topaz signs. */
const MAX_SKEW_MINUTES = 4;

export interface ConnectionOptions {
  readonly profile: Profile;
  readonly settings: Settings;
  readonly env: Context['env'];
  readonly now: () => Date;
  readonly newId: () => string;
  readonly log: ((event: string) => void) | undefined;
  /** Told once when the clocks differ too much, in minutes. */
  readonly onSkew: (minutes: number) => void;
}

export interface Connection {
  readonly call: Call;
  readonly close: () => Promise<void>;
}

/** @throws TopazError `E_TRUST_MISSING`, `E_ENVIRONMENT_MISMATCH`, `E_PROFILE_INVALID`. */
export async function openCall(options: ConnectionOptions): Promise<Connection> {
  const { profile, settings, env, now, newId, log, onSkew } = options;
  const [{ createTransport }, { createCall }, { tlsTrust }] = await Promise.all([
    import('../soap/transport.js'),
    import('../soap/call.js'),
    import('../profile/trust.js'),
  ]);
  const proxy = proxyFor(profile, env);
  const transport = createTransport({
    ...(await tlsTrust(profile)),
    userAgent: USER_AGENT,
    ...(proxy === undefined ? {} : { proxy }),
  });
  let told = false;
  const call = createCall({
    transport,
    now,
    newId,
    timeoutMs: settings.timeoutMs,
    ...(log === undefined ? {} : { log }),
    // The sandbox answers in real time, whatever its own clock says.
    ...(profile.environment === 'sandbox'
      ? {}
      : {
          onDate: (server: Date) => {
            const minutes = Math.round(Math.abs(server.getTime() - now().getTime()) / 60_000);
            if (minutes > MAX_SKEW_MINUTES && !told) {
              told = true;
              onSkew(minutes);
            }
          },
        }),
  });
  return { call, close: () => transport.close() };
}

/**
 * The profile's proxy, else `HTTPS_PROXY` unless `NO_PROXY` excludes the government's hosts. The sandbox is on
 * this machine and never behind one.
 */
export function proxyFor(
  { environment, proxy }: Pick<Profile, 'environment' | 'proxy'>,
  env: Context['env'],
): string | undefined {
  if (environment === 'sandbox') {
    return undefined;
  }
  if (proxy !== undefined) {
    return proxy;
  }
  const fromEnvironment = env['HTTPS_PROXY'] ?? env['https_proxy'];
  const excluded = (env['NO_PROXY'] ?? env['no_proxy'] ?? '')
    .split(',')
    .map((host) => host.trim().replace(/^\*?\.?/, ''))
    .filter((host) => host !== '');
  if (
    fromEnvironment === undefined ||
    fromEnvironment === '' ||
    (env['NO_PROXY'] ?? '').trim() === '*' ||
    excluded.some((host) => 'services.ehealth.fgov.be'.endsWith(host))
  ) {
    return undefined;
  }
  if (!URL.canParse(fromEnvironment)) {
    throw new TopazError('E_PROFILE_INVALID', 'HTTPS_PROXY is not a URL', {
      hint: 'write it as http://proxy.example:3128, or unset it',
    });
  }
  return fromEnvironment;
}
