/**
 * A key under a passphrase: PKCS#8 `EncryptedPrivateKeyInfo` with PBES2, scrypt and AES-256-GCM (RFC 5958,
 * RFC 8018, RFC 7914 §7, RFC 5084). A standard form, so that other programs can open it: BouncyCastle does.
 *
 * @module
 */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

import { OID_AES256_GCM, OID_PBES2 } from '../der/oids.js';
import { readDer } from '../der/reader.js';
import type { DerNode } from '../der/reader.js';
import { isType, readOctetString, readOid, readSequence, readSmallInteger } from '../der/values.js';
import { integer, octetString, oid, sequence } from '../der/writer.js';
import { TopazError } from '../errors.js';
import { deriveScryptKey, isBearable, SCRYPT_WORK } from '../keys/scrypt-key.js';
import type { ScryptWork } from '../keys/scrypt-key.js';
import { keyInvalid } from './user-key.js';

/** RFC 7914 §7.1. */
const OID_SCRYPT = '1.3.6.1.4.1.11591.4.11';

const SALT_LENGTH = 16;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const KEY_LENGTH = 32;

/**
 * Encrypts a PKCS#8.
 *
 * @param passphrase UTF-8, in Unicode's composed form (NFC), so that an accent typed elsewhere is the same one.
 */
export async function encryptKey(pkcs8: Uint8Array, passphrase: Uint8Array): Promise<Uint8Array> {
  const salt = randomBytes(SALT_LENGTH);
  const nonce = randomBytes(NONCE_LENGTH);
  const key = await deriveScryptKey(passphrase, salt, SCRYPT_WORK, KEY_LENGTH);
  try {
    const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_LENGTH });
    const sealed = Buffer.concat([cipher.update(pkcs8), cipher.final(), cipher.getAuthTag()]);
    const { cost, blockSize, parallelization } = SCRYPT_WORK;
    const kdf = sequence(
      oid(OID_SCRYPT),
      sequence(
        octetString(salt),
        integer(cost),
        integer(blockSize),
        integer(parallelization),
        integer(KEY_LENGTH),
      ),
    );
    const scheme = sequence(oid(OID_AES256_GCM), sequence(octetString(nonce), integer(TAG_LENGTH)));
    return sequence(sequence(oid(OID_PBES2), sequence(kdf, scheme)), octetString(sealed));
  } finally {
    key.fill(0);
  }
}

/** Whether a DER has the outer form of an encrypted key. */
export function isEncryptedKey(der: Uint8Array): boolean {
  try {
    const [algorithm, data] = readSequence(readDer(der));
    return isType(data, 'OCTET STRING') && isType(algorithm, 'SEQUENCE') && readOid(readSequence(algorithm)[0]) === OID_PBES2; // prettier-ignore
  } catch {
    return false;
  }
}

/**
 * Decrypts it.
 *
 * @returns PKCS#8; the caller wipes it.
 * @throws TopazError `E_PASSPHRASE` (or the file was changed: the two cannot be told apart), `E_KEY_INVALID`.
 */
export async function decryptKey(der: Uint8Array, passphrase: Uint8Array): Promise<Uint8Array> {
  const { salt, work, nonce, tagLength, sealed } = readContainer(der);
  const key = await deriveScryptKey(passphrase, salt, work, KEY_LENGTH);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
    decipher.setAuthTag(sealed.subarray(sealed.length - tagLength));
    return Buffer.concat([
      decipher.update(sealed.subarray(0, sealed.length - tagLength)),
      decipher.final(),
    ]);
  } catch {
    throw new TopazError('E_PASSPHRASE', 'the passphrase is not the right one, or the file was changed', {
      hint: 'try again, or take another copy of the key',
    }); // prettier-ignore
  } finally {
    key.fill(0);
  }
}

interface Container {
  readonly salt: Uint8Array;
  readonly work: ScryptWork;
  readonly nonce: Uint8Array;
  readonly tagLength: number;
  readonly sealed: Uint8Array;
}

function readContainer(der: Uint8Array): Container {
  try {
    const [algorithm, data] = readSequence(readDer(der));
    const [scheme, parameters] = readSequence(algorithm);
    expectOid(scheme, OID_PBES2);
    const [kdf, cipher] = readSequence(parameters);
    const [kdfName, kdfParameters] = readSequence(kdf);
    expectOid(kdfName, OID_SCRYPT);
    const [salt, cost, blockSize, parallelization, length] = readSequence(kdfParameters);
    const [cipherName, cipherParameters] = readSequence(cipher);
    expectOid(cipherName, OID_AES256_GCM);
    const [nonce, tagLength] = readSequence(cipherParameters);
    const found: Container = {
      salt: readOctetString(salt),
      work: {
        cost: readSmallInteger(cost),
        blockSize: readSmallInteger(blockSize),
        parallelization: readSmallInteger(parallelization),
      },
      nonce: readOctetString(nonce),
      // RFC 5084: 12 unless it is given.
      tagLength: tagLength === undefined ? 12 : readSmallInteger(tagLength),
      sealed: readOctetString(data),
    };
    if (length !== undefined && readSmallInteger(length) !== KEY_LENGTH) {
      throw keyInvalid('the length of its key is not that of its cipher');
    }
    checkLimits(found);
    return found;
  } catch (error) {
    throw error instanceof TopazError && error.code === 'E_KEY_INVALID'
      ? error
      : keyInvalid('its encryption is of another form than PKCS#8 with scrypt and AES-256-GCM');
  }
}

function checkLimits({ work, nonce, tagLength, sealed }: Container): void {
  if (!isBearable(work)) {
    throw keyInvalid('the work of its derivation is not acceptable');
  }
  if (nonce.length !== NONCE_LENGTH || tagLength < 12 || tagLength > 16 || sealed.length < tagLength) {
    throw keyInvalid('the parameters of its cipher are not acceptable');
  } // prettier-ignore
}

function expectOid(node: DerNode | undefined, expected: string): void {
  if (readOid(node) !== expected) {
    throw keyInvalid('its encryption is of another form than PKCS#8 with scrypt and AES-256-GCM');
  }
}
