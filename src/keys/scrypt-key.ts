/**
 * A key from a passphrase by scrypt (RFC 7914), with the limits of what is borne from a file.
 *
 * @module
 */

import { scrypt } from 'node:crypto';
import type { ScryptOptions } from 'node:crypto';

/** Parameters N, r and p. */
export interface ScryptWork {
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
}

/** 128 MiB of memory, about half a second. */
export const SCRYPT_WORK: ScryptWork = { cost: 2 ** 17, blockSize: 8, parallelization: 1 };

/** A bomb would ask for more. */
const MAX_MEMORY = 256 * 1024 * 1024;
const MAX_PARALLELIZATION = 16;

/** Whether this work may be done for a file that somebody else may have made. */
export const isBearable = ({ cost, blockSize, parallelization }: ScryptWork): boolean =>
  cost > 1 &&
  Number.isInteger(Math.log2(cost)) &&
  blockSize >= 1 &&
  parallelization >= 1 &&
  parallelization <= MAX_PARALLELIZATION &&
  128 * cost * blockSize <= MAX_MEMORY;

/**
 * Derives a key.
 *
 * @param passphrase UTF-8; taken in Unicode's composed form (NFC), so that an accent typed elsewhere is the same one.
 * @param length In bytes.
 */
export function deriveScryptKey(
  passphrase: Uint8Array,
  salt: Uint8Array,
  work: ScryptWork,
  length: number,
): Promise<Buffer> {
  const composed = Buffer.from(new TextDecoder().decode(passphrase).normalize('NFC'));
  const options: ScryptOptions = { ...work, maxmem: MAX_MEMORY + 1024 * 1024 };
  return new Promise((resolve, reject) => {
    scrypt(composed, salt, length, options, (error, key) => {
      composed.fill(0);
      if (error === null) {
        resolve(key);
      } else {
        reject(error);
      }
    });
  });
}
