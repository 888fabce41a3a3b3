/**
 * Whether two keystores hold the same: what a save must not lose.
 *
 * @module
 */

import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { fingerprint } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import type { Keystore } from './keystore.js';

/** Whether both have the same keys in the same roles, with the same certificates; names do not count. */
export const holdsTheSame = (a: Keystore, b: Keystore): boolean => contentsOf(a) === contentsOf(b);

function contentsOf({ state, authentication, encryption, unpairedKeys = [] }: Keystore): string {
  return JSON.stringify([
    state,
    contentOf(authentication.privateKey, authentication.chain),
    encryption.map((entry) => contentOf(entry.privateKey, [entry.certificate])).sort(),
    unpairedKeys
      .map(({ privateKey, certificate }) =>
        contentOf(privateKey, certificate === undefined ? [] : [certificate]),
      )
      .sort(),
  ]);
}

/** A key by its public half, certificates by their fingerprints. */
const contentOf = (key: KeyObject, certificates: readonly Certificate[]): string =>
  [
    createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64'),
    ...certificates.map((certificate) => fingerprint(certificate)),
  ].join(' ');
