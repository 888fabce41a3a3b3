/** Messages for nobody by name: a secret key opens them, and says what is wrong when it does not. */

import { createHash, randomBytes } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';

import { encodeContentInfo } from '../../src/cms/content-info.js';
import { unwrapKey, wrapKey } from '../../src/cms/key-wrap.js';
import { signContent } from '../../src/cms/sign.js';
import { OID_DATA, OID_ENVELOPED_DATA } from '../../src/der/oids.js';
import { pullBytes } from '../../src/der/pull.js';
import {
  context,
  contextPrimitive,
  integer,
  octetString,
  oid,
  sequence,
  setOf,
} from '../../src/der/writer.js';
import { SealError } from '../../src/etee/seal-error.js';
import {
  MAILBOX_MAX_BYTES,
  seal,
  sealedSize,
  sealStream,
  sealUnaddressed,
} from '../../src/etee/seal.js';
import { unseal, unsealStream, type UnsealOptions } from '../../src/etee/unseal.js';
import type { SecretKeySource } from '../../src/keys/keys.js';
import { encodeSignedData, encryptContent, readEnveloped, readSigned } from '../cms/encode.js';
import { decrypterOf, etkOf, MADE_AT, MESSAGE, oracleMessage, ROOTS, signerOf } from './pki.js';

const sender = signerOf('sender');
const now = MADE_AT;
const secretKey = { id: Buffer.from('the name of a key'), key: randomBytes(16) };
const AES128_WRAP = '2.16.840.1.101.3.4.1.5';

const keys = (key: Uint8Array | undefined): SecretKeySource => ({
  find: (name) => Promise.resolve(Buffer.compare(name, secretKey.id) === 0 ? key : undefined),
});
const options = (more: Partial<UnsealOptions>): UnsealOptions => ({
  decrypters: [],
  roots: ROOTS,
  now,
  ...more,
});

/** The verdict, or the fatal name, and the errors. */
async function outcome(sealed: Uint8Array, more: Partial<UnsealOptions>): Promise<string> {
  try {
    const { verdict, errors } = await unseal(sealed, options(more));
    return [verdict, ...errors].join(' ');
  } catch (error) {
    if (error instanceof SealError) {
      return [error.fatal, ...error.errors].join(' ');
    }
    throw error;
  }
}

/** Signed outside and inside, with that recipient in the middle. */
async function around(recipientInfo: (contentKey: Uint8Array) => Uint8Array): Promise<Uint8Array> {
  const signed = async (content: Uint8Array, isOuter: boolean): Promise<Uint8Array> =>
    encodeSignedData({
      contentType: OID_DATA,
      content,
      certificates: isOuter ? sender.chain.map(({ der }) => der) : [],
      signerInfos: [
        await signContent(createHash('sha256').update(content).digest(), {
          signer: sender,
          algorithm: 'rsa-pss-sha256',
          contentType: OID_DATA,
          now,
        }),
      ],
    });
  const { key, algorithm, encrypted } = encryptContent(await signed(MESSAGE, false));
  const middle = encodeContentInfo(
    OID_ENVELOPED_DATA,
    sequence(
      integer(2),
      setOf(recipientInfo(key)),
      sequence(oid(OID_DATA), algorithm, contextPrimitive(0, encrypted)),
    ),
  );
  return signed(middle, true);
}

const kek = (algorithm: string, wrapped: Uint8Array): Uint8Array =>
  context(2, integer(4), sequence(octetString(secretKey.id)), sequence(oid(algorithm)), octetString(wrapped)); // prettier-ignore

describe('with the key of that name', () => {
  test.each(['der', 'ber'] as const)('%s, bytes and stream', async (encoding) => {
    const sealed = await sealUnaddressed(MESSAGE, { sender, now, secretKey, encoding });
    const more = options({ secretKeys: keys(secretKey.key) });
    expect(await unseal(sealed, more)).toMatchObject({
      verdict: 'clean',
      sizeBytes: MESSAGE.length,
    });
    expect(await unsealStream(pullBytes(sealed, 11), () => undefined, more)).toMatchObject({ verdict: 'clean' }); // prettier-ignore
  });

  test('as the sheet describes it', async () => {
    const sealed = await sealUnaddressed(MESSAGE, { sender, now, secretKey });
    const middle = await readEnveloped((await readSigned(sealed)).octets);
    expect(middle.recipients).toEqual([]);
    const [recipient] = middle.secretKeys;
    expect(recipient).toMatchObject({ algorithm: { oid: AES128_WRAP, parameters: undefined } });
    expect(Buffer.from(recipient!.keyIdentifier)).toEqual(secretKey.id);
    expect(recipient!.encryptedKey).toHaveLength(24);
  });

  test('and for a person by name beside it: either key opens it', async () => {
    const sealed = await seal(MESSAGE, {
      sender,
      now,
      secretKey,
      recipients: [etkOf('recipient')],
    });
    expect(await outcome(sealed, { decrypters: [decrypterOf('recipient')] })).toBe('clean');
    expect(await outcome(sealed, { secretKeys: keys(secretKey.key) })).toBe('clean');
    const other = { decrypters: [decrypterOf('other')] };
    expect(await outcome(sealed, { ...other, secretKeys: keys(secretKey.key) })).toBe('clean');
    expect(await outcome(sealed, other)).toBe('DECRYPTION_PRIVATE_KEY_NOT_FOUND');
  });
});

describe('official names', () => {
  test('no key at hand, another one, none of that name', async () => {
    const sealed = await sealUnaddressed(MESSAGE, { sender, now, secretKey });
    const ours = { decrypters: [decrypterOf('recipient')] };
    expect(await outcome(sealed, ours)).toBe('ENVELOPED_DATA_CONTAINS_NO_KEYTRANSRECIPIENTINFOS');
    expect(await outcome(sealed, { secretKeys: keys(randomBytes(16)) })).toBe('SECRET_KEY_CAN_NOT_DECRYPT_KEKRECIPIENTINFOS'); // prettier-ignore
    expect(await outcome(sealed, { secretKeys: keys(undefined) })).toBe('DECRYPTION_PRIVATE_KEY_NOT_FOUND'); // prettier-ignore
  });

  test('a secret key for a message with recipients by name', async () => {
    expect(await outcome(oracleMessage('none'), { secretKeys: keys(secretKey.key) })).toBe(
      'ENVELOPED_DATA_CONTAINS_NO_KEKRECIPIENTINFOS',
    );
  });

  test('a key that is too short', async () => {
    const sealed = await sealUnaddressed(MESSAGE, { sender, now, secretKey });
    expect(await outcome(sealed, { secretKeys: keys(randomBytes(8)) })).toBe(
      'SECRET_KEY_CAN_NOT_DECRYPT_KEKRECIPIENTINFOS DECRYPTION_SYMMETRIC_KEY_LENGTH_UNAUTHORIZED',
    );
  });

  test('a longer key, or another algorithm, opens and is refused', async () => {
    const long = randomBytes(32);
    const aes256 = '2.16.840.1.101.3.4.1.45';
    const { createCipheriv } = await import('node:crypto');
    const wrap = (key: Uint8Array): Buffer => {
      const cipher = createCipheriv('id-aes256-wrap', long, Buffer.alloc(8, 0xa6));
      return Buffer.concat([cipher.update(key), cipher.final()]);
    };
    const sealed = await around((key) => kek(aes256, wrap(key)));
    expect(await outcome(sealed, { secretKeys: keys(long) })).toBe(
      'refused DECRYPTION_ASYMMETRIC_KEY_ALGORITHM_UNAUTHORIZED',
    );
    const unknown = await around((key) => kek('1.2.3', wrap(key)));
    expect(await outcome(unknown, { secretKeys: keys(long) })).toBe(
      'SECRET_KEY_CAN_NOT_DECRYPT_KEKRECIPIENTINFOS DECRYPTION_ASYMMETRIC_KEY_ALGORITHM_UNAUTHORIZED',
    );
  });

  test('a wrapped key that was changed', async () => {
    for (const at of [0, 8, 23]) {
      const sealed = await around((key) => {
        const wrapped = wrapKey(secretKey.key, key);
        wrapped[at] = (wrapped[at] ?? 0) ^ 1;
        return kek(AES128_WRAP, wrapped);
      });
      expect(await outcome(sealed, { secretKeys: keys(secretKey.key) })).toBe(
        'SECRET_KEY_CAN_NOT_DECRYPT_KEKRECIPIENTINFOS',
      );
    }
  });

  test('an error of the source of keys is its own', async () => {
    const sealed = await sealUnaddressed(MESSAGE, { sender, now, secretKey });
    const secretKeys = { find: () => Promise.reject(new Error('no session')) };
    await expect(unseal(sealed, options({ secretKeys }))).rejects.toThrow('no session');
  });
});

test('the vector of RFC 3394', () => {
  const secret = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
  const key = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
  const wrapped = Buffer.from('1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5', 'hex');
  expect(wrapKey(secret, key)).toEqual(wrapped);
  expect(unwrapKey(AES128_WRAP, secret, wrapped)).toEqual(key);
  expect(unwrapKey(AES128_WRAP, secret, wrapped.subarray(8))).toBeUndefined();
});

test('keys of another length do not seal', async () => {
  for (const length of [0, 15, 32]) {
    const wrong = { id: secretKey.id, key: randomBytes(length) };
    await expect(sealUnaddressed(MESSAGE, { sender, now, secretKey: wrong })).rejects.toMatchObject({ code: 'E_USAGE' }); // prettier-ignore
  }
});

describe('sizes', () => {
  test.each([0, 1, 15, 16, 127, 128, 1000, 1001, 65_535, 300_000])('%d bytes', async (size) => {
    const to = { sender, now, recipients: [etkOf('recipient'), etkOf('other')] };
    const sealed = await seal(new Uint8Array(size), to);
    expect(sealedSize(size, to)).toBe(sealed.length);
    const unaddressed = { sender, now, secretKey };
    expect(sealedSize(size, unaddressed)).toBe(
      (await sealUnaddressed(new Uint8Array(size), unaddressed)).length,
    );
  });

  test('what just fits into the mailbox, and what does not', () => {
    const to = { sender, now, recipients: [etkOf('recipient')] };
    const overhead = sealedSize(10_000_000, to) - 10_000_000;
    expect(overhead).toBeLessThan(8_000);
    expect(sealedSize(MAILBOX_MAX_BYTES - 8_000, to)).toBeLessThanOrEqual(MAILBOX_MAX_BYTES);
    expect(sealedSize(MAILBOX_MAX_BYTES, to)).toBeGreaterThan(MAILBOX_MAX_BYTES);
  });

  test('a stream of another length than announced is refused', async () => {
    const to = { sender, now, recipients: [etkOf('recipient')] };
    for (const length of [MESSAGE.length - 1, MESSAGE.length + 1]) {
      await expect(
        sealStream(pullBytes(MESSAGE), () => undefined, { ...to, length }),
      ).rejects.toMatchObject({
        code: 'E_USAGE',
        message: 'the content changed while it was read',
      });
    }
  });
});
