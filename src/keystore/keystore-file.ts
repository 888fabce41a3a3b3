/**
 * The bytes of a keystore file. Apart from what understands them, so that a look at the file stays cheap.
 *
 * @module
 */

import { readFile } from 'node:fs/promises';

import { systemCode, TopazError } from '../errors.js';

/** @throws TopazError `E_FILE_NOT_FOUND`, `E_KEYSTORE_FORMAT` for a folder. */
export async function readKeystoreFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    switch (systemCode(error)) {
      case 'ENOENT':
      case 'ENOTDIR':
        throw new TopazError('E_FILE_NOT_FOUND', `no file ${path}`, {
          hint: 'check the path, or: topaz keystore list --scan',
          cause: error,
        });
      case 'EACCES':
        throw new TopazError('E_FILE_NOT_FOUND', `cannot read ${path}`, {
          hint: 'check the permissions of the file',
          cause: error,
        });
      case 'EISDIR':
        throw new TopazError('E_KEYSTORE_FORMAT', `${path} is a folder`, {
          hint: 'name the file of the keystore in it',
          cause: error,
        });
      default:
        throw error;
    }
  }
}
