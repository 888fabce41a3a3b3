/**
 * What the entries of a keystore are for. Decided by content: a key and a certificate belong together when
 * their public keys are equal, and the key usage gives the role; names only break ties (keystore-p12 §8).
 *
 * @module
 */

import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { TopazError } from '../errors.js';
import { isSignedBy, serialDecimal } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { namesEqual } from '../x509/name.js';
import type { EncryptionEntry, Keystore, UnpairedKey } from './keystore.js';
import type { Pkcs12Contents } from './pkcs12-read.js';
import { isPlaceholder } from './placeholder.js';

export const AUTHENTICATION = 'authentication';
/** Name of a key that waits for its encryption certificate. */
export const PENDING_ENCRYPTION = 'pending-encryption';

const DIGITAL_SIGNATURE = 0x80;
export const ENCIPHERMENT = 0x30;
const MAX_CHAIN = 8;

/** A private key and what the file says about it. */
interface Pair {
  readonly name: string | undefined;
  readonly privateKey: KeyObject;
  /** Certificates of this very key, newest first, placeholders last. */
  readonly certificates: readonly Certificate[];
}

/**
 * Gives every key its role.
 *
 * @throws TopazError `E_KEYSTORE_INCOMPLETE` when no key can authenticate.
 */
export function assignRoles({ keys, certificates }: Pkcs12Contents): Keystore {
  const pairs = keys.reduce<readonly Pair[]>(
    (found, { name, privateKey }) => addPair(found, name, privateKey, certificates),
    [],
  );
  const authentication = findAuthentication(pairs);
  const leaf = authentication?.certificates.find((entry) => canAuthenticate(entry)) ?? authentication?.certificates[0]; // prettier-ignore
  if (authentication === undefined || leaf === undefined) {
    throw new TopazError('E_KEYSTORE_INCOMPLETE', 'no authentication key in this keystore', {
      facts: [`${keys.length} keys, ${certificates.length} certificates`],
      hint: 'choose the keystore that holds the eHealth certificate: topaz keystore list',
    });
  }
  const others = pairs.filter((pair) => pair !== authentication);
  const unpairedKeys = others
    .filter((pair) => !pair.certificates.some(isEncryption))
    .map(toUnpaired);
  return {
    state: isPlaceholder(leaf) ? 'pending' : 'ready',
    authentication: {
      privateKey: authentication.privateKey,
      chain: buildChain(leaf, certificates),
    },
    encryption: pairs.flatMap(toEncryption).toSorted(byAge),
    ...(unpairedKeys.length === 0 ? {} : { unpairedKeys }),
  };
}

/** A key that occurs twice is one pair; the name `authentication` wins. */
function addPair(
  pairs: readonly Pair[],
  name: string | undefined,
  privateKey: KeyObject,
  certificates: readonly Certificate[],
): readonly Pair[] {
  const known = pairs.find((pair) => pair.privateKey.equals(privateKey));
  if (known !== undefined) {
    return isAuthenticationName(name)
      ? pairs.map((pair) => (pair === known ? { ...pair, name } : pair))
      : pairs;
  }
  const publicKey = createPublicKey(privateKey);
  const own = certificates
    .filter((certificate) => certificate.publicKey.equals(publicKey))
    .toSorted(
      (a, b) =>
        Number(isPlaceholder(a)) - Number(isPlaceholder(b)) ||
        b.notBefore.getTime() - a.notBefore.getTime(),
    );
  return [...pairs, { name, privateKey, certificates: own }];
}

// Java gives names back in lower case.
const isAuthenticationName = (name: string | undefined): boolean =>
  name?.toLowerCase() === AUTHENTICATION;

const isEncryption = (certificate: Certificate): boolean =>
  !isPlaceholder(certificate) &&
  ((certificate.keyUsage ?? 0) & (ENCIPHERMENT | DIGITAL_SIGNATURE)) === ENCIPHERMENT;

/** RFC 5280 §4.2.1.3: without the extension a key may be used for everything. */
const canAuthenticate = (certificate: Certificate): boolean =>
  !isPlaceholder(certificate) &&
  ((certificate.keyUsage ?? DIGITAL_SIGNATURE) & DIGITAL_SIGNATURE) !== 0;

function findAuthentication(pairs: readonly Pair[]): Pair | undefined {
  const start = ({ certificates }: Pair): number => certificates[0]?.notBefore.getTime() ?? 0;
  const best = (candidates: readonly Pair[]): Pair | undefined =>
    candidates.find(({ name }) => isAuthenticationName(name)) ??
    candidates.toSorted((a, b) => start(b) - start(a))[0];
  const waiting = pairs.filter(
    ({ name, certificates: [first] }) =>
      first !== undefined && isPlaceholder(first) && !name?.startsWith(PENDING_ENCRYPTION),
  );
  return (
    best(pairs.filter(({ certificates }) => certificates.some(canAuthenticate))) ?? best(waiting)
  );
}

const toEncryption = ({ privateKey, certificates }: Pair): readonly EncryptionEntry[] =>
  certificates
    .filter(isEncryption)
    .map((certificate) => ({ alias: serialDecimal(certificate), privateKey, certificate }));

/** Oldest first: simple readers take the last entry that they find. */
const byAge = (a: EncryptionEntry, b: EncryptionEntry): number =>
  a.certificate.notBefore.getTime() - b.certificate.notBefore.getTime();

function toUnpaired({ name, privateKey, certificates: [first] }: Pair, index: number): UnpairedKey {
  return {
    alias: name ?? `key-${index + 1}`,
    privateKey,
    ...(first === undefined || isPlaceholder(first) ? {} : { certificate: first }),
  };
}

/** Follows names and signatures; ends with the last certificate that is known (a missing root is normal). */
function buildChain(
  leaf: Certificate,
  certificates: readonly Certificate[],
): readonly [Certificate, ...Certificate[]] {
  const chain: [Certificate, ...Certificate[]] = [leaf];
  while (chain.length < MAX_CHAIN) {
    const last = chain.at(-1) ?? leaf;
    const [issuer] = certificates
      .filter(
        (entry) =>
          entry.isCa &&
          !chain.includes(entry) &&
          namesEqual(entry.subject, last.issuer) &&
          isSignedBy(last, entry.publicKey),
      )
      .toSorted((a, b) => b.notAfter.getTime() - a.notAfter.getTime());
    if (issuer === undefined) {
      break;
    }
    chain.push(issuer);
  }
  return chain;
}
