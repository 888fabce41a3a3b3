/**
 * Whether the services answer, by one request without content to each host, and what time it is there.
 *
 * @module
 */

import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

import { shortDuration } from '../../cli/counter.js';
import { proxyRule } from '../../cli/proxy.js';
import type { Run } from '../../cli/run.js';
import { USER_AGENT } from '../../cli/version.js';
import { TopazError } from '../../errors.js';
import { endpoint } from '../../profile/endpoints.js';
import { SERVICE_ENDPOINTS } from '../../profile/keys.js';
import type { Profile } from '../../profile/profile.js';
import { tlsTrust } from '../../profile/trust.js';
import { createConnector } from '../../soap/connector.js';
import type { Connector } from '../../soap/connector.js';
import { networkError } from '../../soap/network-error.js';
import { parseProxy } from '../../soap/proxy.js';
import { checksOf, examine } from './check.js';
import type { Check } from './check.js';

const check = checksOf('network');

/** A Timestamp lives a minute; services refuse what is signed five minutes off. */
const WARN_SECONDS = 60;
const FAIL_SECONDS = 240;
/** No machine that runs this has an earlier date. */
const SURELY_PAST = Date.UTC(2025, 0, 1);

export async function examineNetwork(
  run: Run,
  profile: Profile | undefined,
  wanted: boolean,
): Promise<readonly Check[]> {
  const { t } = run;
  if (run.ctx.now().getTime() < SURELY_PAST) {
    return [check('clock', 'failed', t('E_CLOCK_SKEW'), t('explain.do.clock'))];
  }
  if (!wanted) {
    return [check('network', 'skipped', t('doctor.network.skipped'))];
  }
  if (profile === undefined) {
    return [check('network', 'skipped', t('doctor.network.noprofile'))];
  }
  return examine(run, { id: 'network', group: 'network' }, () => askHosts(run, profile));
}

async function askHosts(run: Run, profile: Profile): Promise<readonly Check[]> {
  const rule = proxyRule(profile, run.ctx.env);
  const connector = createConnector({
    ...(await tlsTrust(profile)),
    clientCertificate: undefined,
    proxyFor: (url) => {
      const address = rule(url);
      return address === undefined ? undefined : parseProxy(address);
    },
    connectMs: run.settings.timeoutMs,
    tlsMs: run.settings.timeoutMs,
  });
  try {
    const answers = await Promise.all(hostsOf(profile).map((url) => askHost(run, connector, url)));
    const times = answers.flatMap(({ date, at }) => (date === undefined ? [] : [{ date, at }]));
    return [...answers.flatMap(({ checks }) => checks), clock(run, times[0])];
  } finally {
    connector.close();
  }
}

/** One address of each host. */
function hostsOf(profile: Profile): readonly URL[] {
  const urls = new Map<string, URL>();
  for (const service of SERVICE_ENDPOINTS) {
    try {
      const url = new URL(endpoint(profile, service));
      if (!urls.has(url.host)) {
        urls.set(url.host, url);
      }
    } catch (error) {
      // Which addresses are missing is said by another check.
      if (!(error instanceof TopazError)) {
        throw error;
      }
    }
  }
  return [...urls.values()];
}

interface Answer {
  readonly checks: readonly Check[];
  readonly date?: Date | undefined;
  /** When it came, by the clock of this machine. */
  readonly at: Date;
}

async function askHost(run: Run, connector: Connector, url: URL): Promise<Answer> {
  const id = `network.${url.host}`;
  const from = performance.now();
  let date: Date | undefined;
  const checks = await examine(run, { id, group: 'network' }, async () => {
    try {
      const { headers } = await head(connector, url, run);
      const text = headers.date;
      date = text === undefined || Number.isNaN(Date.parse(text)) ? undefined : new Date(text);
    } catch (error) {
      throw networkError(error, url.host, {
        interrupted: run.ctx.signal.aborted,
        late: undefined,
        maxBytes: 0,
      });
    }
    const ms = Math.round(performance.now() - from);
    return [check(id, 'ok', run.t('doctor.host.ok', { host: url.host, ms }))];
  });
  return { checks, date, at: run.ctx.now() };
}

/** The head of an answer, whatever its status: somebody is there. */
async function head(
  connector: Connector,
  url: URL,
  { ctx, settings }: Run,
): Promise<IncomingMessage> {
  connector.check(url);
  const port = Number(url.port === '' ? 443 : url.port);
  const socket = await new Promise<TLSSocket>((resolve, reject) => {
    connector.open({ host: url.hostname.replace(/^\[|\]$/g, ''), port }, (error, opened) => {
      if (opened === null) {
        reject(error ?? new Error('no connection'));
      } else {
        resolve(opened);
      }
    });
  });
  try {
    return await new Promise<IncomingMessage>((resolve, reject) => {
      const asking = httpRequest({
        method: 'HEAD',
        path: url.pathname,
        headers: { Host: url.host, 'User-Agent': USER_AGENT, Connection: 'close' },
        createConnection: () => socket,
        signal: AbortSignal.any([ctx.signal, AbortSignal.timeout(settings.timeoutMs)]),
      });
      asking.once('response', resolve);
      asking.once('error', reject);
      asking.end();
    });
  } finally {
    socket.destroy();
  }
}

/** Services give whole seconds. */
function clock({ t }: Run, answer: { readonly date: Date; readonly at: Date } | undefined): Check {
  if (answer === undefined) {
    return check('clock', 'skipped', t('doctor.clock.unknown'));
  }
  const seconds = Math.round((answer.at.getTime() - answer.date.getTime()) / 1000);
  const off = Math.abs(seconds);
  if (off < WARN_SECONDS) {
    return check('clock', 'ok', t('doctor.clock.ok'));
  }
  const key = seconds > 0 ? 'doctor.clock.ahead' : 'doctor.clock.behind';
  const state = off >= FAIL_SECONDS ? 'failed' : 'warning';
  return check('clock', state, t(key, { time: shortDuration(off) }), t('explain.do.clock'));
}
