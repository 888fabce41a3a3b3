/**
 * Another password for a keystore: everything is read, everything is written again (keystore-p12 §8).
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { readKeystoreFile, saveKeystore } from './keystore.js';
import type { Keystore } from './keystore.js';
import { checkNewPassword } from './password.js';
import { readPkcs12 } from './pkcs12-read.js';
import type { Backup } from './replace-file.js';
import { assignRoles } from './roles.js';

export interface ChangePasswordOptions {
  readonly oldPassword: Uint8Array;
  readonly newPassword: Uint8Array;
  /** Where the file as it was goes; it still opens with the old password. */
  readonly backup: Backup;
}

/**
 * Changes the password. The new file is read back with the new password before it takes the old one's place.
 *
 * @throws TopazError `E_PASSWORD_WEAK`, `E_KEYSTORE_PASSWORD` (also when one entry has another password),
 *   `E_KEYSTORE_FORMAT` (also when an entry is not understood and would be lost), `E_KEYSTORE_INCOMPLETE`, and
 *   as `saveKeystore`. The file is then as it was.
 */
export async function changePassword(
  path: string,
  { oldPassword, newPassword, backup }: ChangePasswordOptions,
): Promise<Keystore> {
  checkNewPassword(newPassword);
  const contents = await readPkcs12(await readKeystoreFile(path), oldPassword);
  if (contents.unread !== undefined && contents.unread > 0) {
    throw new TopazError(
      'E_KEYSTORE_FORMAT',
      'this keystore holds entries that topaz does not read, and would lose',
      {
        facts: [`${contents.unread} entries; nothing was changed`],
        hint: 'change the password with the program that made it',
      },
    );
  }
  const keystore = assignRoles(contents);
  await saveKeystore(path, keystore, newPassword, { backup });
  return keystore;
}
