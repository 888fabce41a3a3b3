/**
 * The way to the services of a profile: TLS trust, proxy, limits, log. Loaded and made only by commands that
 * speak to a service.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises';

import type { Profile } from '../profile/profile.js';
import type { Call } from '../soap/call.js';
import type { Context } from './context.js';
import { proxyRule } from './proxy.js';
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
  /** Many calls follow: the client that costs less for each. */
  readonly batch?: boolean | undefined;
  /** Told once when the clocks differ too much, in minutes. */
  readonly onSkew: (minutes: number) => void;
}

export interface Connection {
  readonly call: Call;
  readonly close: () => Promise<void>;
}

/** @throws TopazError `E_TRUST_MISSING`, `E_ENVIRONMENT_MISMATCH`, `E_PROFILE_INVALID`. */
export async function openCall(options: ConnectionOptions): Promise<Connection> {
  const { profile, settings, env, now, newId, log, onSkew, batch } = options;
  const [{ createTransport }, { createCall }, { tlsTrust }] = await Promise.all([
    import('../soap/transport.js'),
    import('../soap/call.js'),
    import('../profile/trust.js'),
  ]);
  const transport = createTransport({
    ...(await tlsTrust(profile)),
    userAgent: USER_AGENT,
    proxy: proxyRule(profile, env),
    client: batch === true ? 'undici' : 'axios',
  });
  let told = false;
  const call = createCall({
    transport,
    now,
    newId,
    timeoutMs: settings.timeoutMs,
    sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
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
