/**
 * The eHealth keystore: one PKCS#12 file with the authentication key, its certificate and issuers, and every
 * encryption key the holder ever had, each under the serial number of its certificate (keystore-p12 §1).
 *
 * Invariant: what was read is written. No key is dropped on the way, whatever it may be for.
 *
 * @module
 */

import type { KeyObject } from 'node:crypto';

import { TopazError } from '../errors.js';
import type { Decrypter, Signer } from '../keys/keys.js';
import { createDecrypter, createSigner } from '../keys/software-keys.js';
import type { Certificate } from '../x509/certificate.js';
import { readHolder } from '../x509/holder.js';
import type { Holder } from '../x509/holder.js';
import { publicKeyIdentifier } from '../x509/key-identifier.js';
import { holdsTheSame } from './compare.js';
import { readKeystoreFile } from './keystore-file.js';
import { readPkcs12 } from './pkcs12-read.js';
import { writePkcs12 } from './pkcs12-write.js';
import type { KeyEntry, Pkcs12Format } from './pkcs12-write.js';
import { buildPlaceholder } from './placeholder.js';
import { replaceFile } from './replace-file.js';
import type { Backup } from './replace-file.js';
import { assignRoles, AUTHENTICATION, ENCIPHERMENT } from './roles.js';

export { keystoreFileName } from './file-name.js';
export { readKeystoreFile } from './keystore-file.js';

/** An encryption key and its certificate. */
export interface EncryptionEntry {
  /** Serial number of the certificate, decimal: what other programs look the key up by. */
  readonly alias: string;
  readonly privateKey: KeyObject;
  readonly certificate: Certificate;
}

/** A key without a role: it waits for its certificate, or belongs to something else. */
export interface UnpairedKey {
  readonly alias: string;
  readonly privateKey: KeyObject;
  /** Absent while there is none. */
  readonly certificate?: Certificate;
}

export interface Keystore {
  /** `pending`: eHealth has not delivered the certificate; a placeholder stands in for it. */
  readonly state: 'pending' | 'ready';
  readonly authentication: {
    readonly privateKey: KeyObject;
    /** Leaf first, then issuers as far as known. */
    readonly chain: readonly [Certificate, ...Certificate[]];
  };
  /** Oldest first. */
  readonly encryption: readonly EncryptionEntry[];
  readonly unpairedKeys?: readonly UnpairedKey[];
}

/**
 * Reads a keystore.
 *
 * @param password UTF-8.
 * @throws TopazError `E_KEYSTORE_PASSWORD` (wrong password or damaged: the two cannot be told apart),
 *   `E_KEYSTORE_FORMAT`, `E_KEYSTORE_INCOMPLETE` when no key can authenticate.
 */
export async function readKeystore(bytes: Uint8Array, password: Uint8Array): Promise<Keystore> {
  return assignRoles(await readPkcs12(bytes, password));
}

/**
 * Reads a keystore from a file.
 *
 * @throws TopazError `E_FILE_NOT_FOUND`, and as {@link readKeystore}, with the file's name.
 */
export async function openKeystore(path: string, password: Uint8Array): Promise<Keystore> {
  const bytes = await readKeystoreFile(path);
  try {
    return await readKeystore(bytes, password);
  } catch (error) {
    if (error instanceof TopazError) {
      throw new TopazError(error.code, error.message, {
        facts: [path, ...error.facts],
        hint: error.hint,
        details: error.details,
        cause: error,
      });
    }
    throw error;
  }
}

/**
 * Writes a keystore.
 *
 * @param password UTF-8; outside ASCII the format is always `compat`.
 * @param options.format `modern` (default), or `compat` for Java before 8u301.
 */
export async function writeKeystore(
  { authentication, encryption, unpairedKeys = [] }: Keystore,
  password: Uint8Array,
  options: { format?: Pkcs12Format } = {},
): Promise<Uint8Array> {
  const { privateKey, chain } = authentication;
  const entries: readonly KeyEntry[] = [
    { name: AUTHENTICATION, privateKey, chain },
    // Before the encryption keys: simple readers take the last entry for the encryption key.
    ...unpairedKeys.map(toEntry),
    ...encryption.map(({ alias, privateKey: key, certificate }): KeyEntry => ({
      name: alias,
      privateKey: key,
      chain: [certificate],
    })),
  ];
  return writePkcs12(entries, password, options);
}

/** Any day: the placeholder of a key that waits is never looked at. */
const PLACEHOLDER_DAY = new Date('2000-01-02T00:00:00Z');

function toEntry(
  { alias, privateKey, certificate }: UnpairedKey,
  index: number,
  all: readonly UnpairedKey[],
): KeyEntry {
  // prettier-ignore
  const isTaken = all.findIndex((entry) => entry.alias === alias) < index;
  return {
    name: isTaken || alias === AUTHENTICATION ? `${alias}-${index + 1}` : alias,
    privateKey,
    chain: [certificate ?? buildPlaceholder(privateKey, PLACEHOLDER_DAY)],
  };
}

export interface SaveOptions {
  /** `false` refuses an existing file. @default true when `backup` is given, else false */
  overwrite?: boolean;
  /** Where a dated copy of the file that is replaced goes. */
  backup?: Backup;
  /** @default 'modern' */
  format?: Pkcs12Format;
}

/**
 * Saves a keystore, mode 0600, whole or not at all: the new file is read back with the password and compared
 * before the old one is replaced, so that no key can be lost on the way.
 *
 * @param password UTF-8.
 * @throws TopazError `E_FILE_EXISTS`, `E_DISK_FULL`, `E_READ_ONLY`, `E_FILE_NOT_FOUND` (no such folder), and
 *   `E_KEYSTORE_FORMAT` when the new file does not read back as what was to be saved.
 */
export async function saveKeystore(
  path: string,
  keystore: Keystore,
  password: Uint8Array,
  { backup, overwrite = backup !== undefined, format = 'modern' }: SaveOptions = {},
): Promise<void> {
  const bytes = await writeKeystore(keystore, password, { format });
  await replaceFile(path, bytes, {
    overwrite,
    backup,
    check: async (written) => {
      if (!holdsTheSame(await readKeystore(written, password), keystore)) {
        throw new TopazError('E_KEYSTORE_FORMAT', 'the keystore does not read back as written', {
          hint: 'nothing was replaced; check the disk and try again',
        });
      }
    },
  });
}

/** A keystore for a key whose certificate will be asked for (certificate-lifecycle §10). */
export const createPendingKeystore = (privateKey: KeyObject, now: Date): Keystore => ({
  state: 'pending',
  authentication: { privateKey, chain: [buildPlaceholder(privateKey, now)] },
  encryption: [],
});

/** Whose keystore it is; `undefined` while pending, and for certificates that name no holder. */
export const keystoreHolder = ({ state, authentication }: Keystore): Holder | undefined =>
  state === 'pending' ? undefined : readHolder(authentication.chain[0].subject);

/** PublicKeyIdentifier of the authentication key: the handle of its request, 40 lower-case hex digits. */
export const keystoreRequestId = ({ authentication }: Keystore): string =>
  publicKeyIdentifier(authentication.chain[0].publicKeyInfo);

/** Signs with the authentication key. */
export const keystoreSigner = ({ authentication }: Keystore): Signer =>
  createSigner(authentication.privateKey, authentication.chain);

/** All keys that unseal, newest first. */
export function keystoreDecrypters({
  state,
  authentication,
  encryption,
}: Keystore): readonly Decrypter[] {
  const [leaf] = authentication.chain;
  // An authentication certificate with all four usages unseals as well (etee §5.2).
  const both = state === 'ready' && ((leaf.keyUsage ?? 0) & ENCIPHERMENT) === ENCIPHERMENT;
  return [
    ...encryption.toReversed(),
    ...(both ? [{ privateKey: authentication.privateKey, certificate: leaf }] : []),
  ]
    .filter(({ privateKey }) => privateKey.asymmetricKeyType === 'rsa')
    .map(({ privateKey, certificate }) => createDecrypter(privateKey, certificate));
}
