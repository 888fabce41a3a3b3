/**
 * A keystore's password in the forms that PKCS#12 wants: UTF-16 with two zero bytes for the old schemes and
 * the MAC, plain bytes for PBES2, whose encoding nobody agrees on outside ASCII (keystore-p12 §6).
 *
 * @module
 */

import { concat } from '../der/writer.js';
import { TopazError } from '../errors.js';

/** Candidates, likeliest first. Wipe them with {@link wipeForms}. */
export interface PasswordForms {
  /** For the PKCS#12 key derivation. */
  readonly bmp: readonly Uint8Array[];
  /** For PBES2. */
  readonly raw: readonly Uint8Array[];
}

/** @param password UTF-8; bytes that are no UTF-8 are taken as Latin-1. Any password, the empty one too. */
export function passwordForms(password: Uint8Array): PasswordForms {
  if (isAscii(password)) {
    const bmp = new Uint8Array(password.length * 2 + 2);
    password.forEach((byte, index) => (bmp[index * 2 + 1] = byte));
    // Some writers give an empty password no bytes at all, not even the two zeros.
    return {
      bmp: password.length === 0 ? [bmp, new Uint8Array()] : [bmp],
      raw: [Uint8Array.from(password)],
    };
  }
  const text = decode(password);
  const utf8 = Uint8Array.from(Buffer.from(text, 'utf8'));
  const isLatin1 = /^[\0-\xff]*$/.test(text);
  return {
    bmp: [concat(Buffer.from(text, 'utf16le').swap16(), Uint8Array.of(0, 0))],
    raw: isLatin1 ? [utf8, Uint8Array.from(Buffer.from(text, 'latin1'))] : [utf8],
  };
}

export function wipeForms({ bmp, raw }: PasswordForms): void {
  for (const bytes of [...bmp, ...raw]) {
    bytes.fill(0);
  }
}

export const isAscii = (bytes: Uint8Array): boolean => bytes.every((byte) => byte < 0x80);

function decode(password: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(password);
  } catch {
    return Buffer.from(password).toString('latin1');
  }
}

const MIN_LENGTH = 12;
const MAX_LENGTH = 64;

/**
 * The rule for a password that somebody chooses (keystore-p12 §9): 12 to 64 printable ASCII characters, not
 * digits only. Other programs, Java first, cannot open a keystore whose password has accents.
 *
 * @throws TopazError `E_PASSWORD_WEAK` that says which part of the rule is not met.
 */
export function checkNewPassword(password: Uint8Array): void {
  const problem = problemOf(password);
  if (problem !== undefined) {
    throw new TopazError('E_PASSWORD_WEAK', problem, {
      hint: 'choose 12 to 64 letters, digits, spaces and signs without accents, not digits only',
    });
  }
}

function problemOf(password: Uint8Array): string | undefined {
  if (!password.every((byte) => byte >= 0x20 && byte <= 0x7e)) {
    return 'this password has characters that other programs cannot read';
  }
  if (password.length < MIN_LENGTH) {
    return `this password is shorter than ${MIN_LENGTH} characters`;
  }
  if (password.length > MAX_LENGTH) {
    return `this password is longer than ${MAX_LENGTH} characters`;
  }
  return password.every((byte) => byte >= 0x30 && byte <= 0x39)
    ? 'this password has digits only'
    : undefined;
}
