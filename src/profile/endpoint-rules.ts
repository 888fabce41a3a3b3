/**
 * Which hosts an environment may speak to. The sandbox never leaks: its loopback addresses are refused in
 * every real environment, and it never speaks to the government's hosts (design §8).
 *
 * @module
 */

import { TopazError } from '../errors.js';
import type { Environment } from './environment.js';

/**
 * Checks the place of a URL against the environment.
 *
 * @param key The profile's key, for the message.
 * @throws TopazError `E_ENVIRONMENT_MISMATCH`; `E_PROFILE_INVALID` for plain HTTP outside the sandbox.
 */
export function checkPlace(url: string, key: string, environment: Environment): void {
  const { protocol, hostname } = new URL(url);
  if (environment === 'sandbox') {
    if (/(^|\.)fgov\.be\.?$/.test(hostname)) {
      throw new TopazError('E_ENVIRONMENT_MISMATCH', `${key} leaves the sandbox`, {
        facts: [`the profile is one of the sandbox, and ${hostname} is a real service`],
        hint: 'use a profile of the environment acc or prod',
      });
    }
    if (protocol === 'http:' && !isLoopback(hostname)) {
      throw unprotected(key);
    }
    return;
  }
  if (isLoopback(hostname)) {
    throw new TopazError('E_ENVIRONMENT_MISMATCH', `${key} points to this machine`, {
      facts: [`only the environment sandbox may; this profile is one of ${environment}`],
      hint: `topaz profile unset ${key}, or use the profile of the sandbox`,
    });
  }
  if (protocol !== 'https:') {
    throw unprotected(key);
  }
}

/** Names and addresses of this machine; `URL` has already brought IPv4 addresses to their plain form. */
export function isLoopback(hostname: string): boolean {
  const host = hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    /^(127|0)\.[0-9.]+$/.test(host) ||
    host === '::' ||
    host === '::1' ||
    /^::(ffff:)?(7f[0-9a-f]{2}|0):[0-9a-f]+$/.test(host)
  );
}

const unprotected = (key: string): TopazError =>
  new TopazError('E_PROFILE_INVALID', `${key} is not protected by TLS`, {
    hint: 'write a URL that begins with https://',
  });
