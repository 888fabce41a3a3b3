/**
 * Signer and Decrypter of a private key in memory: keystores, the session agent, tests.
 *
 * Unwrapping rejects implicitly (etee §5.4): whatever is wrong with a wrapped key, the answer is a key of
 * the length asked for, derived from the private key and the bytes received. So the same input has the same
 * outcome each time, and nobody can ask this key whether a padding is right. Node's own PKCS#1 v1.5
 * decryption is not used: recent versions refuse it.
 *
 * @module
 */

import { constants, createHash, createHmac, privateDecrypt, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { TopazError } from '../errors.js';
import type { Certificate } from '../x509/certificate.js';
import type { Decrypter, KeyPadding, SignatureAlgorithm, Signer } from './keys.js';

interface Plan {
  readonly keyType: 'rsa' | 'ec';
  readonly hash: 'sha1' | 'sha256' | 'sha384' | 'sha512';
}

const PLANS: Readonly<Record<SignatureAlgorithm, Plan>> = {
  'rsa-sha256': { keyType: 'rsa', hash: 'sha256' },
  'rsa-pss-sha256': { keyType: 'rsa', hash: 'sha256' },
  'rsa-sha1': { keyType: 'rsa', hash: 'sha1' },
  'ecdsa-sha256': { keyType: 'ec', hash: 'sha256' },
  'ecdsa-sha384': { keyType: 'ec', hash: 'sha384' },
  'ecdsa-sha512': { keyType: 'ec', hash: 'sha512' },
};
const ALGORITHMS: Readonly<Record<'rsa' | 'ec', readonly SignatureAlgorithm[]>> = {
  rsa: ['rsa-sha256', 'rsa-pss-sha256', 'rsa-sha1'],
  ec: ['ecdsa-sha256', 'ecdsa-sha384', 'ecdsa-sha512'],
};

/**
 * A signer whose key is in memory; signatures are made off the main thread.
 *
 * @param chain Leaf first; the leaf belongs to the key.
 */
export function createSigner(
  privateKey: KeyObject,
  chain: readonly [Certificate, ...Certificate[]],
): Signer {
  const [certificate] = chain;
  return {
    certificate,
    chain,
    algorithms: ALGORITHMS[certificate.keyType],
    sign: async (algorithm, data) => {
      const { hash } = planOf(algorithm, privateKey);
      return signAsync(hash, data, signingKey(algorithm, privateKey));
    },
    signNow: (algorithm, data) => {
      const { hash } = planOf(algorithm, privateKey);
      return Uint8Array.from(sign(hash, data, signingKey(algorithm, privateKey)));
    },
  };
}

/** @throws TopazError `E_KEYSTORE_INCOMPLETE` for an algorithm of the other kind of key. */
function planOf(algorithm: SignatureAlgorithm, privateKey: KeyObject): Plan {
  const plan = PLANS[algorithm];
  if (privateKey.asymmetricKeyType !== plan.keyType) {
    throw new TopazError('E_KEYSTORE_INCOMPLETE', `this key cannot sign with ${algorithm}`, {
      hint: 'use the keystore of an eHealth certificate: topaz keystore list',
      details: { algorithm },
    });
  }
  return plan;
}

function signingKey(algorithm: SignatureAlgorithm, key: KeyObject): Parameters<typeof sign>[2] {
  if (algorithm === 'rsa-pss-sha256') {
    return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  }
  return PLANS[algorithm].keyType === 'ec' ? { key, dsaEncoding: 'ieee-p1363' } : key;
}

const signAsync = (
  hash: string,
  data: Uint8Array,
  key: Parameters<typeof sign>[2],
): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    sign(hash, data, key, (error, signature) => {
      if (error === null) {
        resolve(Uint8Array.from(signature));
      } else {
        reject(error);
      }
    });
  });

/**
 * A decrypter whose key is in memory.
 *
 * @throws TopazError `E_KEYSTORE_INCOMPLETE` when the key is not RSA.
 */
export function createDecrypter(privateKey: KeyObject, certificate: Certificate): Decrypter {
  if (privateKey.asymmetricKeyType !== 'rsa') {
    throw new TopazError('E_KEYSTORE_INCOMPLETE', 'an encryption key must be RSA', {
      hint: 'this keystore cannot unseal; look for another: topaz keystore list',
    });
  }
  const modulus = modulusOf(privateKey);
  const secret = createHash('sha256')
    .update(privateKey.export({ type: 'pkcs8', format: 'der' }))
    .digest();
  return {
    certificate,
    unwrap: (encryptedKey, keyLength, padding = 'pkcs1') =>
      Promise.resolve(
        padding === 'pkcs1'
          ? unwrap(privateKey, modulus, secret, encryptedKey, keyLength)
          : unwrapOaep(privateKey, padding, secret, encryptedKey, keyLength),
      ),
  };
}

const modulusOf = (key: KeyObject): Buffer =>
  Buffer.from(key.export({ format: 'jwk' }).n ?? '', 'base64url');

/** `00 02`, at least eight non-zero bytes, `00`, the key: looked at as a whole, without a branch. */
function unwrap(
  privateKey: KeyObject,
  modulus: Buffer,
  secret: Uint8Array,
  encryptedKey: Uint8Array,
  keyLength: number,
): Uint8Array {
  const { length } = modulus;
  const instead = deriveKey(secret, encryptedKey, keyLength);
  const { input, fits } = toModulusSize(encryptedKey, modulus);
  const block = privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, input);
  // What is known to everyone (sizes) may decide here; what the block holds may not.
  const separator = length - keyLength - 1;
  let bad = Number(!fits) | Number(separator < 10);
  bad |= block[0] ?? 1;
  bad |= (block[1] ?? 0) ^ 2;
  for (let at = 2; at < separator; at += 1) {
    bad |= isZero(block[at] ?? 0);
  }
  bad |= block[separator] ?? 1;
  const keep = isZero(bad) * 0xff;
  const key = new Uint8Array(keyLength);
  for (let at = 0; at < keyLength; at += 1) {
    key[at] = ((block[separator + 1 + at] ?? 0) & keep) | ((instead[at] ?? 0) & ~keep);
  }
  block.fill(0);
  instead.fill(0);
  return key;
}

/** OpenSSL tells one error from no other here; what is wrong gives a key that opens nothing. */
function unwrapOaep(
  privateKey: KeyObject,
  padding: Exclude<KeyPadding, 'pkcs1'>,
  secret: Uint8Array,
  encryptedKey: Uint8Array,
  keyLength: number,
): Uint8Array {
  const instead = deriveKey(secret, encryptedKey, keyLength);
  try {
    const key = privateDecrypt(
      {
        key: privateKey,
        padding: constants.RSA_PKCS1_OAEP_PADDING,
        oaepHash: padding === 'oaep-sha1' ? 'sha1' : 'sha256',
      },
      encryptedKey,
    );
    return key.length === keyLength ? Uint8Array.from(key) : instead;
  } catch {
    return instead;
  }
}

/** 1 for zero, 0 for 1 … 255. */
const isZero = (byte: number): number => ((byte - 1) >> 8) & 1;

/** The ciphertext at the size of the modulus; a stand-in when it cannot be one of this key. */
function toModulusSize(
  encryptedKey: Uint8Array,
  modulus: Buffer,
): { readonly input: Uint8Array; readonly fits: boolean } {
  const { length } = modulus;
  const input = new Uint8Array(length);
  if (encryptedKey.length <= length) {
    input.set(encryptedKey, length - encryptedKey.length);
    if (Buffer.compare(input, modulus) < 0) {
      return { input, fits: true };
    }
  }
  input.fill(0);
  input[length - 1] = 2;
  return { input, fits: false };
}

/** HMAC-SHA-256 over a counter and the ciphertext, keyed with the private key's digest. */
function deriveKey(secret: Uint8Array, encryptedKey: Uint8Array, keyLength: number): Uint8Array {
  const key = new Uint8Array(keyLength);
  for (let at = 0, counter = 0; at < keyLength; at += 32, counter += 1) {
    const block = createHmac('sha256', secret)
      .update(`implicit rejection ${counter}:`)
      .update(encryptedKey)
      .digest();
    key.set(block.subarray(0, keyLength - at), at);
  }
  return key;
}
