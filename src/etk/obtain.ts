/**
 * An ETK to seal with: the copy at hand when it is recent and good, else a fresh one from the depot; either
 * way verified here and now.
 *
 * @module
 */

import type { Etk } from '../etee/etk.js';
import { invalid } from '../etee/etk.js';
import { checkEtkRevocation, type SealRevocation } from '../etee/revocation.js';
import { checkEtk, verifyEtk } from '../etee/verify-etk.js';
import { normaliseIdentifier, type Identifier } from '../ids/identifier.js';
import type { Call } from '../soap/call.js';
import type { Certificate } from '../x509/certificate.js';
import { readCachedEtk, writeCachedEtk } from './cache.js';
import { fetchEtk } from './depot.js';
import { isEtkOf } from './holder-match.js';

export interface EtkSource {
  /** Made at the first fetch. */
  readonly call: () => Promise<Call>;
  /** Of the depot. */
  readonly url: string;
  readonly roots: readonly Certificate[];
  /** The `etk` folder of the cache. */
  readonly folder: string;
  readonly now: Date;
  /** Without it, nobody is asked whether the holder was revoked. */
  readonly revocation?: SealRevocation | undefined;
  /** Told the official name of what could not be found out. */
  readonly onUnknown?: ((name: string) => void) | undefined;
}

export interface ObtainEtkOptions {
  readonly applicationId?: string | undefined;
  /** Passes over the copy. @default false */
  readonly refresh?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ObtainedEtk {
  readonly etk: Etk;
  readonly fromCache: boolean;
}

/**
 * A token to seal with.
 *
 * @throws TopazError as `fetchEtk` and `verifyEtk`.
 */
export async function obtainEtk(
  source: EtkSource,
  identifier: Identifier,
  options: ObtainEtkOptions = {},
): Promise<ObtainedEtk> {
  const { roots, now } = source;
  const found = await lookUpEtk(source, identifier, options);
  const { etk } =
    found.fromCache && checkEtk(found.etk, { roots, now }).length > 0
      ? await lookUpEtk(source, identifier, { ...options, refresh: true })
      : found;
  verifyEtk(etk, { roots, now });
  await refuseRevoked(source, etk);
  return { etk, fromCache: etk === found.etk && found.fromCache };
}

/**
 * @throws TopazError `E_ETK_INVALID` for a holder who was revoked; with the policy `mandatory` also for one of
 *   whom nothing is known.
 */
export async function refuseRevoked(
  { roots, now, revocation, onUnknown }: EtkSource,
  etk: Etk,
): Promise<void> {
  const found = await checkEtkRevocation(etk, { roots, at: now }, revocation);
  if (found.errors.length > 0) {
    throw invalid('the certificate of this ETK cannot be relied on', found.errors);
  }
  for (const name of found.warnings) {
    onUnknown?.(name);
  }
}

/**
 * A token to look at: nothing about it is verified.
 *
 * @throws TopazError as `fetchEtk`.
 */
export async function lookUpEtk(
  { call, url, folder, now }: Omit<EtkSource, 'roots'>,
  identifier: Identifier,
  { applicationId, refresh = false, signal }: ObtainEtkOptions = {},
): Promise<ObtainedEtk> {
  const key = { identifier: normaliseIdentifier(identifier), applicationId, url };
  const copy = refresh ? undefined : await readCachedEtk(folder, key, now);
  // The name of a file is no proof of whose token is in it.
  if (copy !== undefined && isEtkOf(copy, key.identifier)) {
    return { etk: copy, fromCache: true };
  }
  const etk = await fetchEtk(await call(), url, identifier, { applicationId, signal });
  await writeCachedEtk(folder, key, etk, now);
  return { etk, fromCache: false };
}
