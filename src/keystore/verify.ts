/**
 * Whether a keystore fits together: each key with its certificate, the roles, the dates, the chain up to a
 * root that is trusted. Nothing is thrown for what does not fit; everything is reported.
 *
 * @module
 */

import { createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { TopazError } from '../errors.js';
import { isSignedBy, serialDecimal } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { buildPath, isValidAt } from '../x509/chain.js';
import { readHolder } from '../x509/holder.js';
import { namesEqual } from '../x509/name.js';
import { keystoreDecrypters } from './keystore.js';
import type { Keystore } from './keystore.js';
import type { Pkcs12Contents } from './pkcs12-read.js';
import { isPlaceholder } from './placeholder.js';
import { assignRoles } from './roles.js';

export type CheckName = 'keys' | 'roles' | 'dates' | 'chain';

/** One thing that was looked at. A check without a finding to complain about gives one `ok`. */
export interface Finding {
  readonly check: CheckName;
  readonly state: 'ok' | 'warning' | 'failed' | 'skipped';
  /** Why it is not `ok`, for example `expired`. */
  readonly reason?: string;
  /** The entry that it is about: a name, or the serial number of a certificate. */
  readonly entry?: string;
}

export interface VerifyOptions {
  /** Trusted issuers; without them the chain is not judged. */
  readonly roots: readonly Certificate[] | undefined;
  readonly now: Date;
  /** A certificate that ends sooner is worth a warning. @default 60 */
  readonly warningDays?: number;
}

export interface Verification {
  /** Absent when no key can authenticate. */
  readonly keystore: Keystore | undefined;
  readonly findings: readonly Finding[];
}

const DAY_MS = 86_400_000;

/** Looks at what a file holds (keystore-p12 §1, §2, §8). */
export function verifyContents(contents: Pkcs12Contents, options: VerifyOptions): Verification {
  const keystore = rolesOf(contents);
  const checks: readonly (readonly [CheckName, readonly Finding[]])[] = [
    ['keys', checkKeys(contents)],
    ['roles', checkRoles(keystore, contents)],
    ['dates', keystore === undefined ? [] : checkDates(keystore, options)],
    ['chain', keystore === undefined ? [] : checkChain(keystore, contents, options)],
  ];
  return {
    keystore,
    findings: checks.flatMap(([check, found]): readonly Finding[] =>
      found.length > 0
        ? found
        : [
            keystore === undefined && (check === 'dates' || check === 'chain')
              ? { check, state: 'skipped', reason: 'no-authentication' }
              : { check, state: 'ok' },
          ],
    ),
  };
}

function rolesOf(contents: Pkcs12Contents): Keystore | undefined {
  try {
    return assignRoles(contents);
  } catch (error) {
    if (error instanceof TopazError && error.code === 'E_KEYSTORE_INCOMPLETE') {
      return undefined;
    }
    throw error;
  }
}

function checkKeys({ keys, certificates }: Pkcs12Contents): readonly Finding[] {
  const publicKeys = keys.map(({ privateKey }) => createPublicKey(privateKey));
  return [
    ...keys.flatMap(({ name, privateKey }, index): readonly Finding[] => {
      const own = certificates.find(({ publicKey }) => publicKeys[index]?.equals(publicKey));
      const reason =
        own === undefined
          ? 'no-certificate'
          : provesItself(privateKey, own.publicKey)
            ? undefined
            : 'mismatch';
      return reason === undefined
        ? []
        : [{ check: 'keys', state: 'failed', reason, entry: name ?? `key-${index + 1}` }];
    }),
    ...certificates
      .filter(
        (entry) =>
          !entry.isCa &&
          !isPlaceholder(entry) &&
          !publicKeys.some((key) => key.equals(entry.publicKey)),
      )
      .map((entry): Finding => ({
        check: 'keys',
        state: 'failed',
        reason: 'no-key',
        entry: serialDecimal(entry),
      })),
  ];
}

const PROBE = new TextEncoder().encode('does this key belong to this certificate?');

/** Equal public halves say what the file claims; a signature proves that the private half works. */
function provesItself(privateKey: KeyObject, publicKey: KeyObject): boolean {
  try {
    return verify('sha256', PROBE, publicKey, sign('sha256', PROBE, privateKey));
  } catch {
    return false;
  }
}

function checkRoles(keystore: Keystore | undefined, { keys }: Pkcs12Contents): readonly Finding[] {
  const check = 'roles';
  if (keystore === undefined) {
    return [{ check, state: 'failed', reason: 'no-authentication' }];
  }
  if (keystore.state === 'pending') {
    return [{ check, state: 'warning', reason: 'pending' }];
  }
  const [leaf] = keystore.authentication.chain;
  const holder = readHolder(leaf.subject)?.identifier;
  return [
    ...(holder === undefined
      ? [{ check, state: 'failed', reason: 'no-holder' } satisfies Finding]
      : []),
    ...(keystoreDecrypters(keystore).length === 0
      ? [{ check, state: 'warning', reason: 'no-encryption' } satisfies Finding]
      : []),
    ...keystore.encryption.flatMap(({ alias, privateKey, certificate }): readonly Finding[] => {
      const other = readHolder(certificate.subject)?.identifier;
      if (holder !== undefined && (other?.type !== holder.type || other.id !== holder.id)) {
        return [{ check, state: 'failed', reason: 'other-holder', entry: alias }];
      }
      // Other programs look the key up by this very name.
      return keys.some((key) => key.name === alias && key.privateKey.equals(privateKey))
        ? []
        : [{ check, state: 'warning', reason: 'name', entry: alias }];
    }),
  ];
}

function checkDates(
  { state, authentication, encryption }: Keystore,
  { now, warningDays = 60 }: VerifyOptions,
): readonly Finding[] {
  const check = 'dates';
  if (state === 'pending') {
    return [{ check, state: 'skipped', reason: 'pending' }];
  }
  const [leaf] = authentication.chain;
  if (!isValidAt(leaf, now)) {
    const reason = now < leaf.notBefore ? 'not-yet-valid' : 'expired';
    return [{ check, state: 'failed', reason, entry: serialDecimal(leaf) }];
  }
  const newest = encryption.at(-1);
  return [
    ...(leaf.notAfter.getTime() - now.getTime() <= warningDays * DAY_MS
      ? [{ check, state: 'warning', reason: 'expiring', entry: serialDecimal(leaf) } as const]
      : []),
    // Older ones are kept for old messages; only the newest must be good today.
    ...(newest === undefined || isValidAt(newest.certificate, now)
      ? []
      : [{ check, state: 'warning', reason: 'encryption', entry: newest.alias } as const]),
  ];
}

function checkChain(
  { state, authentication, encryption }: Keystore,
  { certificates }: Pkcs12Contents,
  { roots, now }: VerifyOptions,
): readonly Finding[] {
  const check = 'chain';
  if (state === 'pending') {
    return [{ check, state: 'skipped', reason: 'pending' }];
  }
  const [leaf] = authentication.chain;
  // At a moment of its own validity: that it has expired is said once, under the dates.
  const at = now < leaf.notBefore ? leaf.notBefore : now > leaf.notAfter ? leaf.notAfter : now;
  const trusted =
    roots === undefined
      ? [{ check, state: 'skipped', reason: 'no-roots' } as const]
      : buildPath(leaf, certificates, roots, at) === undefined
        ? [{ check, state: 'failed', reason: 'untrusted', entry: serialDecimal(leaf) } as const]
        : [];
  return [
    ...trusted,
    ...encryption
      .filter(({ certificate }) => !isVouchedFor(certificate, leaf, certificates))
      .map(({ alias }): Finding => ({ check, state: 'failed', reason: 'signature', entry: alias })),
  ];
}

/**
 * An encryption certificate is signed with the authentication key of its day (etee §1.2). One that is older
 * than the authentication certificate was signed with a key that is not kept: it cannot be checked any more.
 */
const isVouchedFor = (
  certificate: Certificate,
  leaf: Certificate,
  issuers: readonly Certificate[],
): boolean =>
  certificate.notBefore < leaf.notBefore ||
  [leaf, ...issuers.filter(({ isCa }) => isCa)].some(
    ({ subject, publicKey }) =>
      namesEqual(certificate.issuer, subject) && isSignedBy(certificate, publicKey),
  );
