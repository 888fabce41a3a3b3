/** What `seal` writes, byte by byte, and what it refuses. */

import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';

import { readSignedData, type SignedData } from '../../src/cms/signed-data.js';
import { readDer } from '../../src/der/reader.js';
import { seal } from '../../src/etee/seal.js';
import { unseal } from '../../src/etee/unseal.js';
import type { Signer } from '../../src/keys/keys.js';
import { createDecrypter, createSigner } from '../../src/keys/software-keys.js';
import { buildCertificate, keyUsageExtension } from '../../src/x509/build.js';
import { parseCertificate, type Certificate } from '../../src/x509/certificate.js';
import { decrypt, readEnveloped } from '../cms/encode.js';
import { certificateOf, decrypterOf, etkOf, MADE_AT, MESSAGE, ROOTS, signerOf } from './pki.js';

const sender = signerOf('sender');
const decrypters = [decrypterOf('recipient')];
const recipients = [etkOf('recipient')];
const now = MADE_AT;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** etee §3.2: parameters of RSASSA-PSS. */
const PSS_PARAMETERS =
  '3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120';

/** A self-made holder whose key is of any kind; nobody trusts it. */
function holder(
  privateKey: KeyObject,
  publicKey: KeyObject,
  { keyUsage = 0xf0 }: { keyUsage?: number } = {},
): { signer: Signer; certificate: Certificate } {
  const { subject } = sender.certificate;
  const certificate = parseCertificate(
    buildCertificate(
      {
        serial: 7n,
        issuer: subject.der,
        subject: subject.der,
        notBefore: new Date('2020-01-01T00:00:00Z'),
        notAfter: new Date('2040-01-01T00:00:00Z'),
        publicKeyInfo: publicKey.export({ type: 'spki', format: 'der' }),
        extensions: [keyUsageExtension(keyUsage)],
      },
      privateKey,
    ),
  );
  return { signer: createSigner(privateKey, [certificate]), certificate };
}

describe('layout', () => {
  test('three layers; certificates outside only, in the order of the chain', async () => {
    const outer = readSignedData(await seal(MESSAGE, { sender, recipients, now }));
    expect(outer.certificates.map(hex)).toEqual(sender.chain.map(({ der }) => hex(der)));
    const middle = await readEnveloped(outer.content!);
    expect(middle.cipher.oid).toBe('2.16.840.1.101.3.4.1.2');
    expect(middle.recipients).toHaveLength(1);
    const [recipient] = middle.recipients;
    expect(hex(recipient!.algorithm.bytes)).toBe('300d06092a864886f70d0101010500');
    expect(recipient!.encryptedKey).toHaveLength(256);
  });

  test('algorithms and attributes of both signatures', async () => {
    const sealed = await seal(MESSAGE, { sender, recipients, now });
    // Everything but the certificates is strict DER.
    expect(readDer(sealed).bytes).toHaveLength(sealed.length);
    for (const { signers, contentType } of await bothSigned(sealed)) {
      const [info] = signers;
      expect(contentType).toBe('1.2.840.113549.1.7.1');
      expect(hex(info!.digestAlgorithm.bytes)).toBe('300d06096086480165030402010500');
      expect(info!.signatureAlgorithm.oid).toBe('1.2.840.113549.1.1.10');
      expect(hex(info!.signatureAlgorithm.parameters!.bytes)).toBe(PSS_PARAMETERS);
      expect(info!.signature).toHaveLength(256);
      // contentType, signingTime, messageDigest, cmsAlgorithmProtection: lengths of etee §3.3.
      expect(info!.signedAttributes!.list.map(({ type, values }) => [type, values.length])).toEqual(
        [
          ['1.2.840.113549.1.9.3', 1],
          ['1.2.840.113549.1.9.5', 1],
          ['1.2.840.113549.1.9.4', 1],
          ['1.2.840.113549.1.9.52', 1],
        ],
      );
      expect(
        readDer(info!.signedAttributes!.signedBytes).children.map(({ content }) => content.length),
      ).toEqual([0x18, 0x1c, 0x2f, 0x61]);
    }
  });

  test('a fresh key and vector each time', async () => {
    const [first, second] = await Promise.all(
      [1, 2].map(async () => {
        const outer = readSignedData(await seal(MESSAGE, { sender, recipients, now }));
        const { cipher, encrypted, recipients: infos } = await readEnveloped(outer.content!);
        return [cipher.bytes, encrypted, infos[0]!.encryptedKey].map(hex);
      }),
    );
    for (const [index, part] of first!.entries()) {
      expect(part).not.toBe(second![index]);
    }
  });

  test('a recipient named twice is written once', async () => {
    const sealed = await seal(MESSAGE, {
      sender,
      recipients: [...recipients, etkOf('other'), etkOf('recipient')],
      now,
    });
    expect((await readEnveloped(readSignedData(sealed).content!)).recipients).toHaveLength(2);
  });
});

/** Outer and inner SignedData; the inner one through `unseal`, which gives no layer away. */
async function bothSigned(sealed: Uint8Array): Promise<readonly SignedData[]> {
  const outer = readSignedData(sealed);
  const { recipients: infos, encrypted, cipher } = await readEnveloped(outer.content!);
  const key = await decrypters[0]!.unwrap(infos[0]!.encryptedKey, 16);
  return [outer, readSignedData((await decrypt(cipher, key, encrypted))!)];
}

describe('round trip', () => {
  test.each([0, 1, 15, 16, 17, 100_000])('%d bytes', async (size) => {
    const content = new Uint8Array(size).map((_, index) => index % 251);
    const sealed = await seal(content, { sender, recipients, now });
    expect(await unseal(sealed, { decrypters, roots: ROOTS, now })).toMatchObject({
      verdict: 'clean',
      content: Buffer.from(content),
      signingTime: new Date(Math.floor(now.getTime() / 1000) * 1000),
    });
  });

  test('the time of the message counts, not the clock, and is remarked upon', async () => {
    const sealed = await seal(MESSAGE, { sender, recipients, now });
    const openAt = async (minutes: number): Promise<unknown> =>
      (
        await unseal(sealed, {
          decrypters,
          roots: ROOTS,
          now: new Date(now.getTime() + minutes * 60_000),
        })
      ).warnings;
    expect(await openAt(9)).toEqual([]);
    expect(await openAt(11)).toEqual(['SIGNING_TIME_EXPIRED']);
    expect(await openAt(-4)).toEqual([]);
    expect(await openAt(-6)).toEqual(['SIGNING_TIME_EXPIRED']);
    expect(await openAt(60 * 24 * 365 * 20)).toEqual(['SIGNING_TIME_EXPIRED']);
  });
});

describe('keys', () => {
  test('without PSS, PKCS#1 in both layers', async () => {
    const token: Signer = { ...sender, algorithms: ['rsa-sha256'] };
    const sealed = await seal(MESSAGE, { sender: token, recipients, now });
    for (const { signers } of await bothSigned(sealed)) {
      expect(signers[0]!.signatureAlgorithm.oid).toBe('1.2.840.113549.1.1.11');
    }
    expect((await unseal(sealed, { decrypters, roots: ROOTS, now })).verdict).toBe('clean');
  });

  test('an EC key cannot seal', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await expect(
      seal(MESSAGE, { sender: holder(privateKey, publicKey).signer, recipients, now }),
    ).rejects.toMatchObject({ code: 'E_USAGE' });
  });

  test('keys below 2048 bits are named, on both sides', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const small = holder(privateKey, publicKey);
    const opened = await unseal(
      await seal(MESSAGE, {
        sender: small.signer,
        recipients: [{ ...recipients[0]!, certificate: small.certificate }],
        now,
      }),
      { decrypters: [createDecrypter(privateKey, small.certificate)], roots: ROOTS, now },
    );
    expect(opened).toMatchObject({
      verdict: 'refused',
      errors: [
        'OUTER_SIGNATURE_KEY_LENGTH_UNAUTHORIZED',
        'OUTER_CERTIFICATE_CHAIN_NOT_TRUSTED',
        'DECRYPTION_ASYMMETRIC_KEY_LENGTH_UNAUTHORIZED',
      ],
    });
  });
});

describe('refused before anything is signed', () => {
  const silent: Signer = {
    ...sender,
    sign: () => Promise.reject(new Error('signed all the same')),
  };

  test('no recipient', async () => {
    await expect(seal(MESSAGE, { sender: silent, recipients: [], now })).rejects.toMatchObject({
      code: 'E_USAGE',
      hint: 'name one with --to TYPE=ID or --etk FILE',
    });
  });

  test.each([
    ['2019-06-01T00:00:00Z', 'E_CERT_NOT_YET_VALID', 'your certificate is not valid yet'],
    ['2041-06-01T00:00:00Z', 'E_CERT_EXPIRED', 'your certificate has ended'],
  ])('own certificate at %s', async (date, code, message) => {
    await expect(
      seal(MESSAGE, { sender: silent, recipients, now: new Date(date) }),
    ).rejects.toMatchObject({ code, message });
  });

  test('an ETK that has ended', async () => {
    const [etk] = recipients;
    const ended = { ...certificateOf('recipient-enc'), notAfter: new Date('2021-01-01T00:00:00Z') };
    await expect(
      seal(MESSAGE, { sender: silent, recipients: [{ ...etk!, certificate: ended }], now }),
    ).rejects.toMatchObject({
      code: 'E_CERT_EXPIRED',
      message: 'the ETK of a recipient has ended',
      facts: ['valid until 2021-01-01'],
    });
  });
});
