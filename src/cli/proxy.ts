/**
 * Which proxy is on the way to a host: the profile's, else that of `HTTPS_PROXY` unless `NO_PROXY` excludes the
 * host (cli-ux §13). Addresses may hold a password: no text of them is repeated.
 *
 * @module
 */

import { BlockList, isIP } from 'node:net';

import { TopazError } from '../errors.js';
import type { Profile } from '../profile/profile.js';
import type { Context } from './context.js';

/** @returns The proxy's URL for an address; `undefined` where the way is direct. */
export type ProxyRule = (url: URL) => string | undefined;

/**
 * The rule of one command line. The profile's proxy wins over everything in the environment; the sandbox is on
 * this machine and never behind one.
 *
 * @throws TopazError `E_PROFILE_INVALID` for a variable that is no URL.
 */
export function proxyRule(
  { environment, proxy }: Pick<Profile, 'environment' | 'proxy'>,
  env: Context['env'],
): ProxyRule {
  if (environment === 'sandbox') {
    return () => undefined;
  }
  if (proxy !== undefined) {
    return () => proxy;
  }
  const address = given(env['HTTPS_PROXY']) ?? given(env['https_proxy']);
  if (address === undefined) {
    return () => undefined;
  }
  if (!URL.canParse(address)) {
    throw new TopazError('E_PROFILE_INVALID', 'HTTPS_PROXY is not a URL', {
      hint: 'write it as http://proxy.example:3128, or unset it',
    });
  }
  const excluded = (given(env['NO_PROXY']) ?? given(env['no_proxy']) ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(matcherOf);
  return (url) => (excluded.some((matches) => matches(url)) ? undefined : address);
}

const given = (value: string | undefined): string | undefined =>
  value === undefined || value.trim() === '' ? undefined : value.trim();

type Matcher = (url: URL) => boolean;

/** `*`, `host`, `.domain`, `*.domain`, each with a port; an address, or a net as `10.0.0.0/8`. */
function matcherOf(entry: string): Matcher {
  if (entry === '*') {
    return () => true;
  }
  const net = /^\[?([\da-f.:]+)\]?\/(\d{1,3})$/.exec(entry);
  if (net !== null) {
    return netMatcher(net[1] ?? '', Number(net[2]));
  }
  const [, name = '', port] = /^(.*?)(?::(\d{1,5}))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? []; // prettier-ignore
  const domain = name.replace(/^\*?\./, '');
  return (url) =>
    (port === undefined || port === (url.port === '' ? '443' : url.port)) &&
    domain !== '' &&
    // At a border of labels: `health.fgov.be` does not hold `ehealth.fgov.be`.
    (url.hostname === domain || url.hostname.endsWith(`.${domain}`));
}

function netMatcher(address: string, bits: number): Matcher {
  const family = isIP(address);
  if (family === 0 || bits > (family === 4 ? 32 : 128)) {
    return () => false;
  }
  const list = new BlockList();
  list.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6');
  return ({ hostname }) => {
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const kind = isIP(host);
    return kind !== 0 && list.check(host, kind === 4 ? 'ipv4' : 'ipv6');
  };
}
