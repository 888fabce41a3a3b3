/** Keystores of other programs: what OpenSSL, Java and BouncyCastle write, with every algorithm in the wild. */

import { describe, expect, test } from '@jest/globals';

import {
  keystoreDecrypters,
  keystoreHolder,
  keystoreRequestId,
  keystoreSigner,
  openKeystore,
  readKeystore,
} from '../../src/keystore/keystore.js';
import { formatIdentifier } from '../../src/ids/identifier.js';
import { serialDecimal } from '../../src/x509/certificate.js';
import {
  ACCENTS,
  bytes,
  certificateOf,
  keyOf,
  keystoreBytes,
  keystoreFile,
  PASSWORD,
} from './fixtures.js';

const doctor = certificateOf('doctor');

describe('one key, by every writer', () => {
  test.each([
    ['openssl-modern', PASSWORD, 2, 'PBES2, AES-256, MAC SHA-256'],
    ['openssl-rc2', PASSWORD, 2, 'certificates in RC2-40'],
    ['openssl-3des', PASSWORD, 2, '3DES for all, MAC SHA-1'],
    ['openssl-aes128-sha512', PASSWORD, 1, 'AES-128 and AES-192, MAC SHA-512'],
    ['openssl-clear-certificates', PASSWORD, 1, 'certificates in the clear'],
    ['openssl-empty-password', '', 1, 'no password'],
    ['openssl-rc2-accents', ACCENTS, 1, 'an old file, password with accents'],
    ['openssl-modern-accents', ACCENTS, 1, 'a modern file, password with accents'],
  ])('%s', async (name, password, length) => {
    const keystore = await readKeystore(keystoreBytes(name), bytes(password));

    expect(keystore.state).toBe('ready');
    expect(keystore.authentication.chain.map(({ der }) => Buffer.from(der))).toEqual(
      ['doctor', 'ehealth-ca'].slice(0, length).map((each) => Buffer.from(certificateOf(each).der)),
    );
    expect(keystore.authentication.privateKey.equals(keyOf('doctor'))).toBe(true);
    expect(keystore.encryption).toEqual([]);
    expect(keystore.unpairedKeys).toBeUndefined();
  });

  test('a password in Latin-1 bytes opens an old file too', async () => {
    const latin1 = Uint8Array.from(Buffer.from(ACCENTS, 'latin1'));
    const keystore = await readKeystore(keystoreBytes('openssl-rc2-accents'), latin1);

    expect(keystore.state).toBe('ready');
  });
});

describe('three keys, by programs that can', () => {
  test.each([['keytool-modern'], ['keytool-legacy'], ['bouncycastle']])('%s', async (name) => {
    const keystore = await readKeystore(keystoreBytes(name), bytes(PASSWORD));

    expect(serialDecimal(keystore.authentication.chain[0])).toBe(serialDecimal(doctor));
    expect(keystore.authentication.chain).toHaveLength(2);
    expect(keystore.encryption.map(({ alias }) => alias)).toEqual([
      String(0x1122334455667788990011223344556an),
      String(0xf35a0c11d2e4470b9a6655443322110an),
    ]);
    for (const { privateKey, certificate } of keystore.encryption) {
      expect(certificate.publicKey.export({ format: 'jwk' }).n).toBe(
        privateKey.export({ format: 'jwk' }).n,
      );
    }
  });
});

describe('what a keystore is used for', () => {
  test('holder, request id, signer and decrypters', async () => {
    const keystore = await openKeystore(keystoreFile('keytool-modern'), bytes(PASSWORD));

    const holder = keystoreHolder(keystore);
    expect(holder === undefined ? '' : formatIdentifier(holder.identifier)).toBe(
      'SSIN=79021599732',
    );
    expect(holder?.name).toBe('JEAN EXEMPLE');
    expect(keystoreRequestId(keystore)).toBe(
      Buffer.from(doctor.subjectKeyIdentifier!).toString('hex'),
    );
    expect(keystoreSigner(keystore).chain).toHaveLength(2);
    expect(keystoreDecrypters(keystore).map(({ certificate }) => certificate.notAfter)).toEqual([
      new Date('2035-01-01T00:00:00Z'),
      new Date('2025-01-01T00:00:00Z'),
    ]);
  });
});

describe('refusals', () => {
  const refused = (promise: Promise<unknown>, code: string): Promise<void> =>
    expect(promise).rejects.toMatchObject({ code });

  test.each([['openssl-modern'], ['openssl-rc2'], ['keytool-legacy'], ['bouncycastle']])(
    'a wrong password for %s',
    async (name) => {
      const bad = readKeystore(keystoreBytes(name), bytes('fixture only 1235'));
      await refused(bad, 'E_KEYSTORE_PASSWORD');
    },
  );

  test('the empty password where there is one', async () => {
    await refused(readKeystore(keystoreBytes('openssl-modern'), bytes('')), 'E_KEYSTORE_PASSWORD');
  });

  test('a file without MAC: anybody could have changed it', async () => {
    await refused(
      readKeystore(keystoreBytes('openssl-no-mac'), bytes(PASSWORD)),
      'E_KEYSTORE_FORMAT',
    );
  });

  test('no file, a folder', async () => {
    await refused(openKeystore('fixtures/keystore/none.p12', bytes('x')), 'E_FILE_NOT_FOUND');
    await refused(openKeystore('fixtures/keystore', bytes('x')), 'E_KEYSTORE_FORMAT');
  });

  test('the error names the file and never the password', async () => {
    const path = keystoreFile('openssl-modern');
    const error: unknown = await openKeystore(path, bytes('quite wrong')).catch(
      (reason: unknown) => reason,
    );

    expect(error).toMatchObject({ code: 'E_KEYSTORE_PASSWORD', facts: [path] });
    expect(JSON.stringify(error)).not.toContain('quite wrong');
  });
});
