/**
 * A profile for another machine, without secrets and without what belongs to this one: files of certificates travel
 * inside, keystores by their alias; modules, password files and remembered passwords stay behind and are named.
 *
 * What comes back from such a file is not trusted: it may name no file and no module of this machine, since a program
 * would be loaded from the one and the first line of the other sent to an address that the file names too.
 *
 * @module
 */

import { posix, win32 } from 'node:path';

import { TopazError } from '../errors.js';
import { formatPem, parsePemCertificates } from '../x509/pem.js';
import { nestValues, parseDocument } from './document.js';
import type { Values } from './document.js';
import { isProfileName } from './files.js';
import { keyRule, PROFILE_SCHEMA } from './keys.js';
import type { ProfileValue } from './keys.js';

export const PORTABLE_SCHEMA = 'topaz.profile.export/1';

export interface PortableProfile {
  readonly schema: typeof PORTABLE_SCHEMA;
  /** How it was called. */
  readonly name: string;
  /** Its keys, without `schema`. */
  readonly profile: Readonly<Record<string, unknown>>;
  /** Certificates in PEM, by key. */
  readonly certificates: Readonly<Record<string, string>>;
  /** Keys that belong to the other machine. */
  readonly leftOut: readonly string[];
}

const MAX_PEM = 256 * 1024;
const TRUST = /^trust\./;
const KEYSTORES: readonly string[] = ['keystore', 'organisationKeystore'];
/** Of this machine alone, or of a person's agreement with it. */
const STAYS: readonly string[] = ['pkcs11.module', 'pkcs11.reader', 'mycarenet.license.passwordFile', 'remember', 'clock.offsetSeconds']; // prettier-ignore

const isPath = (text: string): boolean => posix.isAbsolute(text) || win32.isAbsolute(text);
const baseOf = (path: string): string =>
  win32.basename(posix.basename(path)).replace(/\.p12$/i, '');

/**
 * What can be taken along.
 *
 * @param readCertificates Reads a file of certificates.
 * @throws TopazError `E_PROFILE_INVALID` for a file of certificates that is none.
 */
export async function exportProfile(
  name: string,
  values: Values,
  readCertificates: (path: string) => Promise<string>,
): Promise<PortableProfile> {
  const kept = new Map<string, ProfileValue>();
  const certificates: Record<string, string> = {};
  const leftOut: string[] = [];
  for (const [key, value] of values) {
    if (STAYS.includes(key)) {
      leftOut.push(key);
    } else if (TRUST.test(key) && typeof value === 'string') {
      certificates[key] = onlyCertificates(key, await readCertificates(value));
    } else if (KEYSTORES.includes(key) && typeof value === 'string' && isPath(value)) {
      kept.set(key, baseOf(value));
    } else if (key === 'alternates' && typeof value === 'object') {
      kept.set(key, value.map((each) => (isPath(each) ? baseOf(each) : each))); // prettier-ignore
    } else {
      kept.set(key, value);
    }
  }
  return { schema: PORTABLE_SCHEMA, name, profile: nestValues(kept), certificates, leftOut };
}

export interface ImportedProfile {
  readonly name: string;
  readonly values: Values;
  /** Certificates in PEM, by key: to be written to files whose paths become the values. */
  readonly certificates: ReadonlyMap<string, string>;
  /** Keys that decide whom this machine talks to and believes. */
  readonly sensitive: readonly string[];
}

/**
 * Reads such a file.
 *
 * @throws TopazError `E_PROFILE_INVALID` that names the key.
 */
export function parsePortable(text: string): ImportedProfile {
  const { schema, name, profile, certificates = {} } = recordOf(parseJson(text));
  if (schema !== PORTABLE_SCHEMA || typeof name !== 'string' || !isProfileName(name)) {
    throw invalid('it is not one that "topaz profile export" wrote');
  }
  const label = `profile "${name}"`;
  const values = parseDocument({ ...recordOf(profile), schema: PROFILE_SCHEMA }, { name: label });
  const forbidden = [...values].find(([key, value]) => STAYS.includes(key) || keyRule(key)?.kind === 'file' || (typeof value === 'string' && isPath(value))); // prettier-ignore
  if (forbidden !== undefined) {
    throw invalid(`${forbidden[0]} belongs to one machine, and may not come from another`);
  }
  const files = new Map<string, string>();
  for (const [key, pem] of Object.entries(recordOf(certificates))) {
    if (!TRUST.test(key) || keyRule(key)?.kind !== 'file' || typeof pem !== 'string') {
      throw invalid('it holds a file that is no certificate');
    }
    files.set(key, onlyCertificates(key, pem));
  }
  const sensitive = [...[...values.keys()].filter((key) => /^(endpoints\.|proxy$)/.test(key)), ...files.keys()]; // prettier-ignore
  return { name, values, certificates: files, sensitive };
}

/** Certificates and nothing else that may stand in the file, a private key for one. */
function onlyCertificates(key: string, pem: string): string {
  try {
    if (pem.length <= MAX_PEM) {
      return parsePemCertificates(pem)
        .map(({ der }) => formatPem('CERTIFICATE', der))
        .join('');
    }
  } catch (error) {
    throw invalid(`${key} holds no certificate`, error);
  }
  throw invalid(`${key} holds too much`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid('it is not JSON', error);
  }
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};

const invalid = (why: string, cause?: unknown): TopazError =>
  new TopazError('E_PROFILE_INVALID', 'this profile cannot be exported or imported', {
    facts: [why],
    hint: 'topaz profile set makes one by hand; topaz help profiles lists the keys',
    cause,
  });
