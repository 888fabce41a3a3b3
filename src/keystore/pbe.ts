/**
 * Password-based encryption of PKCS#5 and PKCS#12 (RFC 8018, RFC 7292 appendix C): PBES2 with AES or 3DES,
 * and the old schemes with SHA-1. Read all, write PBES2/AES-256 and PBE-SHA1-3DES (keystore-p12 §8).
 *
 * @module
 */

import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

import {
  OID_AES128_CBC,
  OID_AES192_CBC,
  OID_AES256_CBC,
  OID_DES_EDE3_CBC,
  OID_HMAC_SHA1,
  OID_HMAC_SHA224,
  OID_HMAC_SHA256,
  OID_HMAC_SHA384,
  OID_HMAC_SHA512,
  OID_PBE_SHA1_2DES,
  OID_PBE_SHA1_3DES,
  OID_PBE_SHA1_RC2_128,
  OID_PBE_SHA1_RC2_40,
  OID_PBES2,
  OID_PBKDF2,
} from '../der/oids.js';
import type { DerNode } from '../der/reader.js';
import { isType, readOctetString, readOid, readSequence, readSmallInteger } from '../der/values.js';
import { integer, nullValue, octetString, oid, sequence } from '../der/writer.js';
import { TopazError } from '../errors.js';
import type { PasswordForms } from './password.js';
import { derivePkcs12, KDF_PURPOSE } from './pkcs12-kdf.js';
import type { IterationBudget } from './pkcs12-kdf.js';
import { decryptRc2 } from './rc2.js';

const deriveKey = promisify(pbkdf2);

interface Cipher {
  readonly name: string;
  readonly keyLength: number;
  readonly ivLength: number;
}

const CIPHERS: ReadonlyMap<string, Cipher> = new Map([
  [OID_AES128_CBC, { name: 'aes-128-cbc', keyLength: 16, ivLength: 16 }],
  [OID_AES192_CBC, { name: 'aes-192-cbc', keyLength: 24, ivLength: 16 }],
  [OID_AES256_CBC, { name: 'aes-256-cbc', keyLength: 32, ivLength: 16 }],
  [OID_DES_EDE3_CBC, { name: 'des-ede3-cbc', keyLength: 24, ivLength: 8 }],
]);

const PRFS: ReadonlyMap<string, string> = new Map([
  [OID_HMAC_SHA1, 'sha1'],
  [OID_HMAC_SHA224, 'sha224'],
  [OID_HMAC_SHA256, 'sha256'],
  [OID_HMAC_SHA384, 'sha384'],
  [OID_HMAC_SHA512, 'sha512'],
]);

type Decrypt = (ciphertext: Uint8Array, key: Uint8Array, iv: Uint8Array) => Promise<Uint8Array>;

const decryptWith =
  (name: string): Decrypt =>
  (ciphertext, key, iv) => {
    const cipher = createDecipheriv(name, key, iv);
    return Promise.resolve(
      Uint8Array.from(Buffer.concat([cipher.update(ciphertext), cipher.final()])),
    );
  };

function decryptRc2With(bits: number): Decrypt {
  return (ciphertext, key, iv) => decryptRc2(ciphertext, key, iv, bits);
}

/** The old schemes: all with the PKCS#12 derivation over SHA-1 and an IV of eight bytes. */
const OLD_SCHEMES: ReadonlyMap<string, { keyLength: number; decrypt: Decrypt }> = new Map([
  [OID_PBE_SHA1_3DES, { keyLength: 24, decrypt: decryptWith('des-ede3-cbc') }],
  [OID_PBE_SHA1_2DES, { keyLength: 16, decrypt: decryptWith('des-ede-cbc') }],
  [OID_PBE_SHA1_RC2_40, { keyLength: 5, decrypt: decryptRc2With(40) }],
  [OID_PBE_SHA1_RC2_128, { keyLength: 16, decrypt: decryptRc2With(128) }],
]);

/** What decrypting needs besides the bytes. */
export interface PbeContext {
  readonly forms: PasswordForms;
  readonly budget: IterationBudget;
}

/** Key and IV for one form of the password. */
interface Attempt {
  readonly decrypt: Decrypt;
  readonly derive: () => Promise<{ key: Uint8Array; iv: Uint8Array }>;
}

/**
 * Decrypts, and reads what comes out. A form of the password counts as right when its result can be read.
 *
 * @param algorithm The AlgorithmIdentifier.
 * @throws TopazError `E_KEYSTORE_FORMAT` for an algorithm that is not known, `E_KEYSTORE_PASSWORD` when no
 *   form of the password opens it.
 */
export async function decryptPbe<T>(
  algorithm: DerNode | undefined,
  ciphertext: Uint8Array,
  context: PbeContext,
  read: (plain: Uint8Array) => T,
): Promise<T> {
  const [type, parameters] = readSequence(algorithm);
  const id = readOid(type);
  const attempts =
    id === OID_PBES2 ? pbes2Attempts(parameters, context) : oldAttempts(id, parameters, context);
  for (const { decrypt, derive } of attempts) {
    const { key, iv } = await derive();
    let plain: Uint8Array | undefined;
    try {
      plain = await decrypt(ciphertext, key, iv);
      return read(plain);
    } catch {
      // A wrong key shows as a wrong padding or as nonsense: the next form of the password may do.
    } finally {
      key.fill(0);
      plain?.fill(0);
    }
  }
  throw wrongPassword();
}

/** A wrong password cannot be told from a changed file. */
export const wrongPassword = (): TopazError =>
  new TopazError('E_KEYSTORE_PASSWORD', 'wrong password, or the keystore is damaged', {
    hint: 'try again; a lost password cannot be recovered: topaz cert request',
  });

export const unsupported = (what: string): TopazError =>
  new TopazError('E_KEYSTORE_FORMAT', 'this keystore uses something topaz does not read', {
    facts: [what],
    hint: 'write it again with the program that made it, in another format',
  });

function oldAttempts(
  id: string,
  parameters: DerNode | undefined,
  { forms, budget }: PbeContext,
): readonly Attempt[] {
  const scheme = OLD_SCHEMES.get(id);
  if (scheme === undefined) {
    throw unsupported(`encryption algorithm ${id}`);
  }
  const [saltNode, iterationsNode] = readSequence(parameters);
  const salt = readOctetString(saltNode);
  const iterations = readSmallInteger(iterationsNode);
  return forms.bmp.map((password) => ({
    decrypt: scheme.decrypt,
    derive: async () => {
      budget.spend(iterations);
      return deriveOld(password, salt, iterations, scheme.keyLength);
    },
  }));
}

async function deriveOld(
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  keyLength: number,
): Promise<{ key: Uint8Array; iv: Uint8Array }> {
  const common = { hash: 'sha1', password, salt, iterations } as const;
  return {
    key: await derivePkcs12({ ...common, purpose: KDF_PURPOSE.key, length: keyLength }),
    iv: await derivePkcs12({ ...common, purpose: KDF_PURPOSE.iv, length: 8 }),
  };
}

function pbes2Attempts(
  parameters: DerNode | undefined,
  { forms, budget }: PbeContext,
): readonly Attempt[] {
  const [derivation, encryption] = readSequence(parameters);
  const [cipherType, ivNode] = readSequence(encryption);
  const cipher = CIPHERS.get(readOid(cipherType));
  const [kdfType, kdfParameters] = readSequence(derivation);
  if (readOid(kdfType) !== OID_PBKDF2) {
    throw unsupported(`key derivation ${readOid(kdfType)}`);
  }
  if (cipher === undefined) {
    throw unsupported(`cipher ${readOid(cipherType)}`);
  }
  const iv = readOctetString(ivNode);
  const [saltNode, iterationsNode, ...rest] = readSequence(kdfParameters);
  const lengthNode = isType(rest[0], 'INTEGER') ? rest.shift() : undefined;
  const prfId = rest[0] === undefined ? OID_HMAC_SHA1 : readOid(readSequence(rest[0])[0]);
  const prf = PRFS.get(prfId);
  if (prf === undefined) {
    throw unsupported(`pseudo-random function ${prfId}`);
  }
  if (
    iv.length !== cipher.ivLength ||
    (lengthNode !== undefined && readSmallInteger(lengthNode) !== cipher.keyLength)
  ) {
    throw unsupported(`${cipher.name} with a key or IV of another length`);
  }
  const salt = readOctetString(saltNode);
  const iterations = readSmallInteger(iterationsNode);
  return forms.raw.map((password) => ({
    decrypt: decryptWith(cipher.name),
    derive: async () => {
      budget.spend(iterations);
      return { key: await deriveKey(password, salt, iterations, cipher.keyLength, prf), iv };
    },
  }));
}

/** What an encrypting scheme gives: AlgorithmIdentifier and ciphertext. */
export interface Encrypted {
  readonly algorithm: Uint8Array;
  readonly ciphertext: Uint8Array;
}

const SALT_BYTES = 20;

/** PBES2: PBKDF2 with HMAC-SHA-256, AES-256-CBC. */
export async function encryptPbes2(
  plain: Uint8Array,
  forms: PasswordForms,
  iterations: number,
): Promise<Encrypted> {
  const [salt, iv] = [randomBytes(SALT_BYTES), randomBytes(16)];
  const key = await deriveKey(forms.raw[0] ?? '', salt, iterations, 32, 'sha256');
  const kdf = sequence(
    oid(OID_PBKDF2),
    sequence(
      octetString(salt),
      integer(iterations),
      integer(32),
      sequence(oid(OID_HMAC_SHA256), nullValue()),
    ),
  );
  const cipher = sequence(oid(OID_AES256_CBC), octetString(iv));
  const algorithm = sequence(oid(OID_PBES2), sequence(kdf, cipher));
  return { algorithm, ciphertext: encryptWith('aes-256-cbc', plain, key, iv) };
}

/** PBE-SHA1-3DES: old, but read by every program and every Java. */
export async function encryptOld3Des(
  plain: Uint8Array,
  forms: PasswordForms,
  iterations: number,
): Promise<Encrypted> {
  const salt = randomBytes(SALT_BYTES);
  const { key, iv } = await deriveOld(forms.bmp[0] ?? new Uint8Array(), salt, iterations, 24);
  return {
    algorithm: sequence(oid(OID_PBE_SHA1_3DES), sequence(octetString(salt), integer(iterations))),
    ciphertext: encryptWith('des-ede3-cbc', plain, key, iv),
  };
}

function encryptWith(name: string, plain: Uint8Array, key: Uint8Array, iv: Uint8Array): Uint8Array {
  const cipher = createCipheriv(name, key, iv);
  const ciphertext = Uint8Array.from(Buffer.concat([cipher.update(plain), cipher.final()]));
  key.fill(0);
  return ciphertext;
}
