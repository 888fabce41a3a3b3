/**
 * The keyring of the operating system: the login keychain on macOS, the credential manager of Windows, the Secret
 * Service of a Linux desktop. The package behind it is optional and native, and is loaded when a password is to be
 * remembered or was.
 *
 * On Linux the keyring of the kernel, which the package would take as a last resort, is refused: it forgets
 * everything at the next start of the machine.
 *
 * @module
 */

import type { AsyncEntry } from '@napi-rs/keyring';

import { TopazError } from '../errors.js';

/** Secrets by account, of one program and one user. */
export interface Keyring {
  /** `undefined` where there is none. To be wiped by whoever asked. */
  read(account: string, signal: AbortSignal): Promise<Uint8Array | undefined>;
  write(account: string, secret: Uint8Array, signal: AbortSignal): Promise<void>;
  /** @returns Whether there was one. */
  remove(account: string, signal: AbortSignal): Promise<boolean>;
}

const SERVICE = 'topaz';
/** A locked keyring asks in a window of its own; one that nobody answers must not hang for ever. */
const PATIENCE_MS = 120_000;

/**
 * Opens the keyring.
 *
 * @throws TopazError `E_KEYRING` where there is none; its functions throw the same for one that refuses.
 */
export async function openKeyring(): Promise<Keyring> {
  const { AsyncEntry } = await import('@napi-rs/keyring').catch((error: unknown) => {
    throw unavailable('the optional package for it is not installed', error);
  });
  const entryOf = (account: string): AsyncEntry =>
    new AsyncEntry(SERVICE, account, { linux: { store: 'secret-service' } });
  return {
    read: (account, signal) =>
      guarded(signal, async (patience) => {
        const secret = await entryOf(account).getSecret(patience);
        const bytes = secret === null ? undefined : Uint8Array.from(secret);
        secret?.fill(0);
        return bytes;
      }),
    write: (account, secret, signal) =>
      guarded(signal, (patience) => entryOf(account).setSecret(secret, patience)),
    remove: (account, signal) =>
      guarded(signal, (patience) => entryOf(account).deleteCredential(patience)),
  };
}

async function guarded<T>(
  signal: AbortSignal,
  work: (patience: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await work(AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]));
  } catch (error) {
    signal.throwIfAborted();
    throw unavailable('it does not answer, or is locked', error);
  }
}

/** What the package says is not repeated: it may name what is in the keyring. */
const unavailable = (why: string, cause: unknown): TopazError =>
  new TopazError('E_KEYRING', 'the keyring of this system cannot be used', {
    facts: [why],
    hint: 'on a machine without a desktop there is none: use --password-file FILE instead',
    cause,
  });
