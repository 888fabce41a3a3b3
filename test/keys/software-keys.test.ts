/** Keys in memory: signatures that node verifies, and unwrapping that tells nothing about paddings. */

import {
  constants,
  createHash,
  generateKeyPairSync,
  privateEncrypt,
  publicEncrypt,
  randomBytes,
  verify,
} from 'node:crypto';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { createDecrypter, createSigner } from '../../src/keys/software-keys.js';
import type { SignatureAlgorithm } from '../../src/keys/keys.js';
import { certificateOf, keyOf } from '../keystore/fixtures.js';

const DATA = new TextEncoder().encode('what is signed');
const encryption = certificateOf('doctor-encryption');
const decrypter = createDecrypter(keyOf('doctor-encryption'), encryption);

describe('createSigner', () => {
  const rsa = createSigner(keyOf('doctor'), [certificateOf('doctor'), certificateOf('ehealth-ca')]);
  const ec = createSigner(keyOf('citizen'), [certificateOf('citizen')]);

  test.each([
    ['rsa-sha256', 'sha256'],
    ['rsa-sha1', 'sha1'],
  ] as [SignatureAlgorithm, string][])('%s', async (algorithm, hash) => {
    const signature = await rsa.sign(algorithm, DATA);
    expect(verify(hash, DATA, rsa.certificate.publicKey, signature)).toBe(true);
  });

  test('rsa-pss-sha256: MGF1 with SHA-256, 32 bytes of salt', async () => {
    const key = rsa.certificate.publicKey;
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    const signature = await rsa.sign('rsa-pss-sha256', DATA);
    expect(verify('sha256', DATA, { key, padding, saltLength: 32 }, signature)).toBe(true);
    expect(verify('sha256', DATA, { key, padding, saltLength: 20 }, signature)).toBe(false);
  });

  test.each([
    ['ecdsa-sha256', 'sha256'],
    ['ecdsa-sha384', 'sha384'],
    ['ecdsa-sha512', 'sha512'],
  ] as [SignatureAlgorithm, string][])('%s, raw, on P-384', async (algorithm, hash) => {
    const signature = await ec.sign(algorithm, DATA);
    const key = ec.certificate.publicKey;
    expect(signature).toHaveLength(96);
    expect(verify(hash, DATA, { key, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true);
  });

  test('at once, the same signature; refused for the same reasons', async () => {
    expect(rsa.signNow?.('rsa-sha256', DATA)).toEqual(await rsa.sign('rsa-sha256', DATA));
    const key = rsa.certificate.publicKey;
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    const pss = rsa.signNow?.('rsa-pss-sha256', DATA) ?? new Uint8Array();
    expect(verify('sha256', DATA, { key, padding, saltLength: 32 }, pss)).toBe(true);
    const raw = ec.signNow?.('ecdsa-sha384', DATA) ?? new Uint8Array();
    const verifier = { key: ec.certificate.publicKey, dsaEncoding: 'ieee-p1363' } as const;
    expect(verify('sha384', DATA, verifier, raw)).toBe(true);
    expect(() => rsa.signNow?.('ecdsa-sha256', DATA)).toThrow(
      expect.objectContaining({ code: 'E_KEYSTORE_INCOMPLETE' }),
    );
  });

  test('says what it can, and refuses the rest', async () => {
    expect(rsa.algorithms[0]).toBe('rsa-sha256');
    expect(ec.algorithms[0]).toBe('ecdsa-sha256');
    expect(rsa.chain).toHaveLength(2);
    await expect(rsa.sign('ecdsa-sha256', DATA)).rejects.toMatchObject({
      code: 'E_KEYSTORE_INCOMPLETE',
    });
    await expect(ec.sign('rsa-sha256', DATA)).rejects.toMatchObject({
      code: 'E_KEYSTORE_INCOMPLETE',
    });
  });
});

/** Wraps with a block of one's own making: `m^e mod n`, as the private operation of the inverse key. */
function wrapBlock(block: Uint8Array): Uint8Array {
  return publicEncrypt({ key: encryption.publicKey, padding: constants.RSA_NO_PADDING }, block);
}

/** `00 02 PS 00 key`, with changes. */
function blockOf(key: Uint8Array, change: (block: Buffer) => void = () => undefined): Buffer {
  const block = Buffer.alloc(256, 0x5a);
  block[0] = 0;
  block[1] = 2;
  block[255 - key.length] = 0;
  block.set(key, 256 - key.length);
  change(block);
  return block;
}

describe('createDecrypter', () => {
  const key = createHash('sha256').update('content key').digest().subarray(0, 16);

  test.each([8, 16, 24, 32, 100, 245])(
    'unwraps a key of %i bytes that node wrapped',
    async (length) => {
      const content = randomBytes(length);
      const wrapped = publicEncrypt(
        { key: encryption.publicKey, padding: constants.RSA_PKCS1_PADDING },
        content,
      );
      expect(Buffer.from(await decrypter.unwrap(wrapped, length))).toEqual(content);
    },
  );

  test('a block of one’s own making opens', async () => {
    expect(Buffer.from(await decrypter.unwrap(wrapBlock(blockOf(key)), 16))).toEqual(key);
  });

  // One byte more than PKCS#1 allows.
  const LONG = Buffer.alloc(246, 0x33);
  LONG[0] = 0x34;

  const bad: [string, Uint8Array, number][] = [
    ['first byte not 0', wrapBlock(blockOf(key, (b) => (b[0] = 1))), 16],
    ['second byte not 2', wrapBlock(blockOf(key, (b) => (b[1] = 1))), 16],
    ['a zero in the padding, first byte', wrapBlock(blockOf(key, (b) => (b[2] = 0))), 16],
    ['a zero in the padding, eighth byte', wrapBlock(blockOf(key, (b) => (b[9] = 0))), 16],
    ['a zero in the padding, last byte', wrapBlock(blockOf(key, (b) => (b[238] = 0))), 16],
    ['no zero before the key', wrapBlock(blockOf(key, (b) => (b[239] = 9))), 16],
    ['a key of another length', wrapBlock(blockOf(key)), 24],
    ['a key too long for the modulus', wrapBlock(blockOf(key)), 246],
    ['seven bytes of padding', wrapBlock(blockOf(LONG)), LONG.length],
    ['all zeros', new Uint8Array(256), 16],
    ['empty', new Uint8Array(), 16],
    ['too long', new Uint8Array(257).fill(1), 16],
    ['larger than the modulus', new Uint8Array(256).fill(0xff), 16],
    ['made with the private key', privateEncrypt(keyOf('doctor-encryption'), key), 16],
    ['random', createHash('sha512').update('x').digest().subarray(0, 40), 16],
  ];

  test.each(bad)('%s: a key, and the same one each time', async (_, wrapped, length) => {
    const first = await decrypter.unwrap(wrapped, length);
    const again = await createDecrypter(keyOf('doctor-encryption'), encryption).unwrap(
      wrapped,
      length,
    );
    expect(first).toHaveLength(length);
    expect(first).toBeInstanceOf(Uint8Array);
    expect(Buffer.from(first)).toEqual(Buffer.from(again));
    expect(Buffer.from(first)).not.toEqual(key);
    expect(Buffer.from(first)).not.toEqual(LONG);
    expect(new Set(first).size).toBeGreaterThan(4);
  });

  test('another key, another wrapped key or another length gives other bytes', async () => {
    const other = createDecrypter(keyOf('old-encryption'), certificateOf('old-encryption'));
    const [one, two] = [new Uint8Array(256), new Uint8Array(256).fill(1)];
    const answers = await Promise.all([
      decrypter.unwrap(one, 16),
      decrypter.unwrap(two, 16),
      other.unwrap(one, 16),
    ]);
    expect(new Set(answers.map((each) => Buffer.from(each).toString('hex'))).size).toBe(3);
  });

  test('never throws, whatever comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 0, max: 300 }),
        async (wrapped, length) => {
          expect(await decrypter.unwrap(wrapped, length)).toHaveLength(length);
        },
      ),
      { seed: 20260301, numRuns: 60 },
    );
  });

  test('refuses an EC key', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(() => createDecrypter(privateKey, certificateOf('citizen'))).toThrow(
      expect.objectContaining({ code: 'E_KEYSTORE_INCOMPLETE' }),
    );
  });
});
