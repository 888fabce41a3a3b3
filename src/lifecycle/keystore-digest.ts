/**
 * How a keystore file is recognised as the one that was written, without its password.
 *
 * @module
 */

import { createHash } from 'node:crypto';

import { readKeystoreFile } from '../keystore/keystore-file.js';

/** SHA-256 of a keystore file, hex. */
export const keystoreDigest = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readKeystoreFile(path))
    .digest('hex');
