/**
 * The tokens of an exchange with the KGSS: its own, and ours where a key is made.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import type { Etk } from '../etee/etk.js';
import { obtainEtk } from '../etk/obtain.js';
import type { EtkSource } from '../etk/obtain.js';
import type { Decrypter } from '../keys/keys.js';
import type { Holder } from '../x509/holder.js';
import { KGSS_APPLICATION, KGSS_HOLDER } from './names.js';

/** The token of the KGSS: requests are sealed for it. @throws TopazError as `obtainEtk`. */
export async function obtainService(source: EtkSource, signal?: AbortSignal): Promise<Etk> {
  const { etk } = await obtainEtk(source, KGSS_HOLDER, {
    applicationId: KGSS_APPLICATION,
    signal,
  });
  return etk;
}

/**
 * Our own token, whose key must be among the decrypters. The copy at hand may be one of before a renewal: the
 * depot is asked again before giving up.
 *
 * @param why What the token is for.
 * @throws TopazError `E_KEYSTORE_INCOMPLETE` when the key is elsewhere; `E_ETK_NOT_FOUND` when we have no
 *   token; and as `obtainEtk`.
 */
export async function obtainOwn(
  source: EtkSource,
  { identifier, applicationId }: Holder,
  decrypters: readonly Decrypter[],
  signal?: AbortSignal,
  why = 'the KGSS seals its answer for it',
): Promise<Etk> {
  for (const refresh of [false, true]) {
    const { etk, fromCache } = await obtainEtk(source, identifier, {
      // Quirk: empty asks for the token without application id, left out for any.
      applicationId: applicationId ?? '',
      refresh,
      signal,
    }).catch((error: unknown) => withOwnHint(error, why));
    if (decrypters.some(({ certificate }) => isSame(certificate.der, etk.certificate.der))) {
      return etk;
    }
    if (!fromCache) {
      break;
    }
  }
  throw new TopazError('E_KEYSTORE_INCOMPLETE', 'the key of your own ETK is not in this keystore', {
    facts: [why],
    hint: 'use the keystore of your current certificate, or: topaz etk register',
  });
}

const isSame = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

function withOwnHint(error: unknown, why: string): never {
  if (error instanceof TopazError && error.code === 'E_ETK_NOT_FOUND') {
    throw new TopazError('E_ETK_NOT_FOUND', 'your own certificate has no ETK', {
      facts: error.facts,
      details: error.details,
      hint: `${why}: topaz etk register`,
      cause: error,
    });
  }
  throw error;
}
