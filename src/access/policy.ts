/**
 * The grants of one keystore, in a file beside it: `doctor.p12` has `doctor.access.json`. Where there is none, and
 * no profile names a responsible, the keystore is free.
 *
 * @module
 */

import { lstat, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { writeFileAtomic } from '../disk/atomic.js';
import { withLock } from '../disk/lock.js';
import type { LockOptions } from '../disk/lock.js';
import { systemCode, TopazError } from '../errors.js';
import { isSsin } from '../ids/ssin.js';
import type { SignatureAlgorithm } from '../keys/keys.js';
import type { SignedGrant } from './grant.js';

export interface AccessPolicy {
  /** SSIN of who granted first; a profile that names another one is right against it. */
  readonly responsible: string;
  readonly grants: readonly SignedGrant[];
  /** Ids of grants that were taken back, so that an old one put back does not count. */
  readonly revoked: readonly string[];
}

const SCHEMA = 'topaz.access.policy/1';
const MAX_BYTES = 4 * 1024 * 1024;
const ENDING = '.access.json';

/** The file of a keystore's grants. `path` is that of the keystore, links resolved. */
export const policyFile = (path: string): string =>
  join(dirname(path), `${basename(path).replace(/\.p12$/i, '')}${ENDING}`);

/** The alias that a file of grants is for, or `undefined` for another file. */
export const aliasOfPolicy = (file: string): string | undefined =>
  basename(file).endsWith(ENDING) ? basename(file).slice(0, -ENDING.length) : undefined;

/**
 * Reads the grants of a keystore.
 *
 * @returns `undefined` where there is no file.
 * @throws TopazError `E_ACCESS_DENIED` for a file that is not one of grants: closed, not open.
 */
export async function readPolicy(file: string): Promise<AccessPolicy | undefined> {
  let text: string;
  try {
    const found = await lstat(file);
    if (!found.isFile() || found.size > MAX_BYTES) {
      throw unusable(file);
    }
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return undefined;
    }
    throw error instanceof TopazError ? error : unusable(file, error);
  }
  try {
    const policy = parsePolicy(JSON.parse(text));
    if (policy !== undefined) {
      return policy;
    }
  } catch (error) {
    throw unusable(file, error);
  }
  throw unusable(file);
}

/** Changes the grants of a keystore, alone. `change` gets those of now. */
export async function changePolicy(
  file: string,
  lock: LockOptions,
  change: (policy: AccessPolicy | undefined) => AccessPolicy,
): Promise<AccessPolicy> {
  return withLock(`${file}.lock`, lock, async () => {
    const policy = change(await readPolicy(file));
    await writeFileAtomic(file, `${JSON.stringify({ schema: SCHEMA, ...policy }, undefined, 1)}\n`);
    return policy;
  });
}

function parsePolicy(value: unknown): AccessPolicy | undefined {
  const { schema, responsible, grants, revoked } = recordOf(value);
  if (
    schema !== SCHEMA ||
    typeof responsible !== 'string' ||
    !isSsin(responsible) ||
    !Array.isArray(grants) ||
    !isTexts(revoked)
  ) {
    return undefined;
  }
  const signed = grants.map(parseGrant);
  return signed.every((grant) => grant !== undefined)
    ? { responsible, grants: signed, revoked }
    : undefined;
}

function parseGrant(value: unknown): SignedGrant | undefined {
  const { statementBase64, algorithm, signatureBase64, certificatesBase64 } = recordOf(value);
  return typeof statementBase64 === 'string' &&
    typeof algorithm === 'string' &&
    typeof signatureBase64 === 'string' &&
    isTexts(certificatesBase64)
    ? // The name is held against the known ones when the signature is.
      { statementBase64, algorithm: algorithm as SignatureAlgorithm, signatureBase64, certificatesBase64 } // prettier-ignore
    : undefined;
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

const unusable = (file: string, cause?: unknown): TopazError =>
  new TopazError('E_ACCESS_DENIED', 'the grants of this keystore cannot be read', {
    facts: [file],
    hint: 'put the file back from a backup, or ask the responsible to grant anew',
    cause,
  });
