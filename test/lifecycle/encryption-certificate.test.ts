/** The challenge of the token registration, and the certificate that answers it. */

import {
  constants,
  createHash,
  generateKeyPairSync,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';

import { describe, expect, test } from '@jest/globals';

import { createDecrypter, createSigner } from '../../src/keys/software-keys.js';
import { buildPlaceholder } from '../../src/keystore/placeholder.js';
import { belongsTo, buildEncryptionCertificate, solveChallenge } from '../../src/lifecycle/encryption-certificate.js'; // prettier-ignore
import { isSignedBy } from '../../src/x509/certificate.js';

const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const encryption = pair();
const other = pair();
const holder = buildPlaceholder(encryption.privateKey, new Date('2026-01-01T00:00:00Z'));
const decrypter = createDecrypter(encryption.privateKey, holder);

const wrap = (plain: Uint8Array, key = encryption.publicKey): Uint8Array =>
  publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, plain);
const digest = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

describe('solveChallenge', () => {
  test('gives the serial number as an unsigned number', async () => {
    const serial = Buffer.from('ff0102030405060708090a0b0c0d0e0f', 'hex');
    expect(await solveChallenge(join(wrap(serial), digest(serial)), decrypter)).toBe(
      0xff0102030405060708090a0b0c0d0e0fn,
    );
    const small = Buffer.from('00000000000000000000000000000007', 'hex');
    expect(await solveChallenge(join(wrap(small), digest(small)), decrypter)).toBe(7n);
  });

  const serial = randomBytes(16);
  const good = join(wrap(serial), digest(serial));
  const flipped = Uint8Array.from(good);
  flipped[flipped.length - 1]! ^= 1;
  const broken = Uint8Array.from(good);
  broken[3]! ^= 1;
  test.each<[string, Uint8Array]>([
    ['empty', new Uint8Array()],
    ['a digest alone', digest(serial)],
    ['a digest that differs in one bit', flipped],
    ['a wrapped part that was changed', broken],
    ['wrapped for another key', join(wrap(serial, other.publicKey), digest(serial))],
    [
      'a serial of another length',
      join(wrap(serial.subarray(0, 15)), digest(serial.subarray(0, 15))),
    ],
    ['not padded at all', join(new Uint8Array(256), digest(serial))],
    ['larger than the modulus', join(new Uint8Array(256).fill(255), digest(serial))],
    ['too long', join(new Uint8Array(1), good)],
    ['the digest of nothing', join(wrap(serial), digest(new Uint8Array()))],
  ])('refuses one that is %s, with one and the same answer', async (_, challenge) => {
    await expect(solveChallenge(challenge, decrypter)).rejects.toMatchObject({
      code: 'E_REPLY_INVALID',
      message: expect.stringMatching(/not for this encryption key|too short/) as unknown,
    });
  });
});

describe('buildEncryptionCertificate', () => {
  const authentication = pair();
  const certificate = buildPlaceholder(authentication.privateKey, new Date('2026-01-01T00:00:00Z'));
  const signer = createSigner(authentication.privateKey, [certificate]);
  const build = () =>
    buildEncryptionCertificate(signer, { serial: 12n, publicKeyInfo: holder.publicKeyInfo });

  test('takes name and validity from the certificate that signs', async () => {
    const made = await build();
    expect(made).toMatchObject({ serial: 12n, keyUsage: 0x30, isCa: false });
    expect(made.issuer.der).toEqual(certificate.subject.der);
    expect(made.subject.der).toEqual(certificate.subject.der);
    expect([made.notBefore, made.notAfter]).toEqual([certificate.notBefore, certificate.notAfter]);
    expect(made.publicKeyInfo).toEqual(holder.publicKeyInfo);
    expect(isSignedBy(made, authentication.publicKey)).toBe(true);
  });

  test('belongs to that certificate and to no other of the same name', async () => {
    const made = await build();
    expect(belongsTo(made, certificate)).toBe(true);
    expect(belongsTo(made, holder)).toBe(false);
  });
});
