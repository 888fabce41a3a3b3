/**
 * The profile that points to a sandbox (sandbox sheet §1). What the user set in it stays; endpoints, trust
 * and clock are written anew.
 *
 * @module
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { TopazError, systemCode } from '../errors.js';
import type { Paths } from '../profile/paths.js';
import { writeProfileFile } from '../profile/profile.js';
import type { ServerPki } from './pki.js';
import { SERVICES } from './server.js';

export interface ProfileFacts {
  readonly url: string;
  readonly pki: ServerPki;
  readonly eidRootsFile: string;
  readonly offsetSeconds: number;
}

/**
 * Writes or refreshes the profile.
 *
 * @returns Its path.
 * @throws TopazError `E_ENVIRONMENT_MISMATCH` where a profile of that name is one of another environment.
 */
export async function writeSandboxProfile(
  paths: Paths,
  name: string,
  { url, pki, eidRootsFile, offsetSeconds }: ProfileFacts,
): Promise<string> {
  const old = await readOld(paths, name);
  if (old['environment'] !== undefined && old['environment'] !== 'sandbox') {
    throw new TopazError(
      'E_ENVIRONMENT_MISMATCH',
      `the profile ${name} is not one of the sandbox`,
      {
        hint: 'choose another name: --profile sandbox',
      },
    );
  }
  return writeProfileFile(paths, name, {
    ...old,
    schema: 'topaz.profile/1',
    environment: 'sandbox',
    endpoints: endpointsOf(url),
    trust: {
      tls: pki.caFile,
      stsSigner: pki.stsFile,
      eidRoots: eidRootsFile,
      ehealthRoots: pki.ehealthRootsFile,
    },
    clock: { offsetSeconds },
  });
}

/** By key; one with a dot (`genasync.mda`) stands one level deeper. */
function endpointsOf(url: string): Readonly<Record<string, unknown>> {
  const flat: Record<string, string> = {};
  const deeper: Record<string, Record<string, string>> = {};
  for (const { name, endpoint = name, paths: [path = '/'] } of SERVICES) {
    const [key = '', domain] = endpoint.split('.');
    if (domain === undefined) {
      flat[key] = `${url}${path}`;
    } else {
      deeper[key] = { ...deeper[key], [domain]: `${url}${path}` };
    }
  }
  return { ...flat, ...deeper };
} // prettier-ignore

async function readOld(paths: Paths, name: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const value: unknown = JSON.parse(await readFile(join(paths.config, 'profiles', `${name}.json`), 'utf8')); // prettier-ignore
    return typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value))
      : {};
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || error instanceof SyntaxError) {
      return {};
    }
    throw error;
  }
}
