/**
 * The encryption of a backup (docs/backup-format.md): a header that names the work of scrypt and carries a MAC,
 * then chunks of 64 KiB under AES-256-GCM. The nonce of a chunk is its number and whether it is the last, so that
 * a chunk counts in its place alone, and nothing can be cut off or added.
 *
 * @module
 */

import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'; // prettier-ignore

import { TopazError } from '../errors.js';
import { deriveScryptKey, isBearable, SCRYPT_WORK } from '../keys/scrypt-key.js';
import type { ScryptWork } from '../keys/scrypt-key.js';
import { ByteSource } from './byte-source.js';
import { backupInvalid } from './invalid.js';

const MAGIC = Buffer.from('topaz backup 1\n');
const SALT_LENGTH = 16;
const MAC_LENGTH = 32;
const KEY_LENGTH = 32;
const TAG_LENGTH = 16;
const CHUNK_LENGTH = 64 * 1024;
/** Magic, log2 N, r, p, salt. */
const OPEN_LENGTH = MAGIC.length + 3 + SALT_LENGTH;
export const HEADER_LENGTH = OPEN_LENGTH + MAC_LENGTH;

/** What opens and closes one backup. Wipe it with {@link wipeKeys}. */
export interface BackupKeys {
  /** The whole header, MAC included. */
  readonly header: Buffer;
  readonly chunkKey: Buffer;
}

/** New keys with a salt of their own. @param work For tests; else {@link SCRYPT_WORK}. */
export function newBackupKeys(
  passphrase: Uint8Array,
  work: ScryptWork = SCRYPT_WORK,
): Promise<BackupKeys> {
  const { cost, blockSize, parallelization } = work;
  const numbers = Buffer.from([Math.log2(cost), blockSize, parallelization]);
  return keysOf(passphrase, Buffer.concat([MAGIC, numbers, randomBytes(SALT_LENGTH)]), work);
}

/**
 * The keys of a backup, from the first {@link HEADER_LENGTH} bytes of it.
 *
 * @throws TopazError `E_BACKUP_INVALID` for another file; `E_PASSPHRASE` for another passphrase or a changed
 *   header: the two cannot be told apart.
 */
export async function openBackupKeys(
  header: Uint8Array,
  passphrase: Uint8Array,
): Promise<BackupKeys> {
  const bytes = Buffer.from(header);
  if (bytes.length < HEADER_LENGTH || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw backupInvalid('it does not begin like a backup of topaz');
  }
  const [logCost = 0, blockSize = 0, parallelization = 0] = bytes.subarray(MAGIC.length);
  const work = { cost: 2 ** logCost, blockSize, parallelization };
  if (!isBearable(work)) {
    throw backupInvalid('the work of its derivation is not acceptable');
  }
  const keys = await keysOf(passphrase, bytes.subarray(0, OPEN_LENGTH), work);
  if (!timingSafeEqual(keys.header, bytes.subarray(0, HEADER_LENGTH))) {
    wipeKeys(keys);
    throw new TopazError('E_PASSPHRASE', 'the passphrase is not the right one, or the file was changed', {
      hint: 'try again, or take another copy of the backup',
    }); // prettier-ignore
  }
  return keys;
}

export const wipeKeys = ({ chunkKey }: BackupKeys): void => void chunkKey.fill(0);

async function keysOf(
  passphrase: Uint8Array,
  open: Uint8Array,
  work: ScryptWork,
): Promise<BackupKeys> {
  const secret = await deriveScryptKey(passphrase, open.subarray(-SALT_LENGTH), work, KEY_LENGTH);
  const keyFor = (use: string): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, '', `topaz backup 1 ${use}`, KEY_LENGTH));
  const macKey = keyFor('header');
  const mac = createHmac('sha256', macKey).update(open).digest();
  const chunkKey = keyFor('chunks');
  secret.fill(0);
  macKey.fill(0);
  return { header: Buffer.concat([open, mac]), chunkKey };
}

/** Header and chunks. */
export async function* encryptBackup(
  { header, chunkKey }: BackupKeys,
  plain: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield header;
  const source = new ByteSource(plain);
  for (let number = 0, last = false; !last; number += 1) {
    const chunk = await source.take(CHUNK_LENGTH);
    last = await source.isAtEnd();
    const cipher = createCipheriv('aes-256-gcm', chunkKey, nonceOf(number, last), { authTagLength: TAG_LENGTH }); // prettier-ignore
    cipher.setAAD(header);
    yield Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()]);
  }
}

/**
 * The content, chunk by chunk, each checked before it is given.
 *
 * @param sealed What follows the header.
 * @throws TopazError `E_BACKUP_INVALID` for anything changed, moved, missing or added.
 */
export async function* decryptBackup(
  { header, chunkKey }: BackupKeys,
  sealed: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer> {
  const source = new ByteSource(sealed);
  for (let number = 0, last = false; !last; number += 1) {
    const bytes = await source.take(CHUNK_LENGTH + TAG_LENGTH);
    last = await source.isAtEnd();
    if (bytes.length < TAG_LENGTH) {
      throw backupInvalid('it was cut off');
    }
    const decipher = createDecipheriv('aes-256-gcm', chunkKey, nonceOf(number, last), { authTagLength: TAG_LENGTH }); // prettier-ignore
    decipher.setAAD(header);
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_LENGTH));
    let chunk: Buffer;
    try {
      const open = decipher.update(bytes.subarray(0, bytes.length - TAG_LENGTH));
      chunk = Buffer.concat([open, decipher.final()]);
    } catch (error) {
      throw backupInvalid(`a part of it was changed, moved, cut off or added, at chunk ${number + 1}`, error); // prettier-ignore
    }
    yield chunk;
  }
}

/** Eleven bytes of number, one that says whether it is the last. */
function nonceOf(number: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(number, 5, 6);
  nonce[11] = last ? 1 : 0;
  return nonce;
}
