/**
 * A key for the tests of user keys, made once per file.
 *
 * @module
 */

import { execFileSync } from 'node:child_process';

import { parsePartyId, readPrivateKey, toUserKey } from '../../src/userkey/user-key.js';
import type { UserKey } from '../../src/userkey/user-key.js';

/** A healthcare party that does not exist. */
export const ID = parsePartyId('3f2504e0-4f89-41d3-9a0c-0305e82c3301');
/** And a medical house. */
export const HOUSE = parsePartyId('7c9e6679-7425-40de-944b-e07fc1f90ae7');

/** PKCS#8 made by openssl, so that the code under test is not the maker of its own input. */
export function opensslKey(bits = 2048, exponent = 65537): Buffer {
  const options = [`rsa_keygen_bits:${bits}`, `rsa_keygen_pubexp:${exponent}`];
  const made = execFileSync(
    'openssl',
    ['genpkey', '-algorithm', 'RSA', ...options.flatMap((option) => ['-pkeyopt', option])],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  // genpkey itself writes PKCS#1 in DER.
  return execFileSync('openssl', ['pkcs8', '-topk8', '-nocrypt', '-outform', 'DER'], {
    input: made,
  });
}

/** A user key of {@link ID}. */
export const testKey = (pkcs8: Uint8Array = opensslKey()): UserKey =>
  toUserKey(ID, readPrivateKey(pkcs8));
