/** Files that somebody made up or damaged: refused with a code, quickly, and never with another error. */

import { createHmac } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { readBer } from '../../src/der/reader.js';
import { readOctetString, readSequence } from '../../src/der/values.js';
import {
  context,
  contextPrimitive,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
  tlv,
} from '../../src/der/writer.js';
import { readKeystore } from '../../src/keystore/keystore.js';
import { passwordForms } from '../../src/keystore/password.js';
import { derivePkcs12, KDF_PURPOSE } from '../../src/keystore/pkcs12-kdf.js';
import { changeAt } from '../x509/make.js';
import { bytes, certificateOf, keyOf, keystoreBytes, PASSWORD } from './fixtures.js';

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED = '1.2.840.113549.1.7.6';
const SHA256 = '2.16.840.1.101.3.4.2.1';
const SHROUDED = '1.2.840.113549.1.12.10.1.2';
const KEY_BAG = '1.2.840.113549.1.12.10.1.1';
const CERT_BAG = '1.2.840.113549.1.12.10.1.3';
const SAFE_BAG = '1.2.840.113549.1.12.10.1.6';
const X509 = '1.2.840.113549.1.9.22.1';

const file = keystoreBytes('openssl-modern');

const read = (input: Uint8Array, password = PASSWORD): Promise<unknown> =>
  readKeystore(input, bytes(password));

const codeOf = (input: Uint8Array): Promise<string> =>
  read(input).then(
    () => 'read',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );

/** A file around `safe`, with a right MAC of one round. */
async function fileOf(
  safe: Uint8Array,
  {
    version = 3,
    type = DATA,
    hash = SHA256,
    iterations = integer(1),
    wrongMac = false,
  }: {
    version?: number;
    type?: string;
    hash?: string;
    iterations?: Uint8Array;
    wrongMac?: boolean;
  } = {},
): Promise<Uint8Array> {
  const salt = bytes('salt');
  const key = await derivePkcs12({
    hash: 'sha256',
    purpose: KDF_PURPOSE.mac,
    password: passwordForms(bytes(PASSWORD)).bmp[0]!,
    salt,
    iterations: 1,
    length: 32,
  });
  const mac = createHmac('sha256', key).update(safe).digest();
  return sequence(
    integer(version),
    sequence(oid(type), context(0, octetString(safe))),
    sequence(
      sequence(sequence(oid(hash), nullValue()), octetString(wrongMac ? mac.fill(0) : mac)),
      octetString(salt),
      iterations,
    ),
  );
}

const data = (...bags: readonly Uint8Array[]): Uint8Array =>
  sequence(oid(DATA), context(0, octetString(sequence(...bags))));
const bag = (type: string, value: Uint8Array): Uint8Array => sequence(oid(type), context(0, value));
const keyBag = bag(KEY_BAG, keyOf('doctor').export({ type: 'pkcs8', format: 'der' }));
const certificateBag = (der: Uint8Array): Uint8Array =>
  bag(CERT_BAG, sequence(oid(X509), context(0, octetString(der))));
const doctorBag = certificateBag(certificateOf('doctor').der);

describe('the shape of the file', () => {
  test('what is made here is read: keys and certificates in the clear', async () => {
    expect(await read(await fileOf(sequence(data(keyBag, doctorBag))))).toMatchObject({
      state: 'ready',
    });
  });

  test('cut off anywhere', async () => {
    for (let length = 0; length < file.length; length += 97) {
      expect(await codeOf(file.subarray(0, length))).toBe('E_KEYSTORE_FORMAT');
    }
  });

  test('bytes after the end do not matter, as for openssl and Java', async () => {
    expect(await read(Buffer.concat([file, Buffer.from('trailing')]))).toMatchObject({
      state: 'ready',
    });
  });

  test.each([
    ['text', bytes('this is no keystore')],
    ['PEM', bytes('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n')],
    ['a Java keystore', Buffer.from('feedfeed0000000200000000', 'hex')],
    ['a certificate', certificateOf('doctor').der],
    ['nothing', new Uint8Array()],
    ['zeros', new Uint8Array(100)],
    ['deep nesting', Buffer.concat([Buffer.alloc(40_000, '3080', 'hex'), Buffer.alloc(40_000)])],
    ['a length of four gigabytes', Buffer.from('3084ffffffff020103', 'hex')],
    ['eleven megabytes', new Uint8Array(11 * 1024 * 1024).fill(0x30)],
  ])('%s is no keystore', async (_, input) => {
    expect(await codeOf(input)).toBe('E_KEYSTORE_FORMAT');
  });

  test.each([
    ['version 2', { version: 2 }],
    ['signed instead of MAC', { type: '1.2.840.113549.1.7.2' }],
    ['MAC with MD5', { hash: '1.2.840.113549.2.5' }],
    ['zero rounds', { iterations: integer(0) }],
    ['negative rounds', { iterations: integer(-1) }],
    ['two thousand million rounds', { iterations: integer(0x7fffffff) }],
    ['more rounds than a number holds', { iterations: integer(1n << 64n) }],
    ['rounds that are text', { iterations: octetString(bytes('1')) }],
  ])('%s', async (_, options) => {
    const input = await fileOf(sequence(data(keyBag, doctorBag)), options);
    const start = performance.now();
    expect(await codeOf(input)).toBe('E_KEYSTORE_FORMAT');
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test('a wrong MAC', async () => {
    const input = await fileOf(sequence(data(keyBag, doctorBag)), { wrongMac: true });
    expect(await codeOf(input)).toBe('E_KEYSTORE_PASSWORD');
  });
});

describe('one byte changed anywhere', () => {
  test('is refused, or changes nothing that counts', async () => {
    const same = await readKeystore(file, bytes(PASSWORD));
    for (let at = 0; at < file.length; at += 13) {
      const changed = changeAt(file, at, 0x10);
      const result = await readKeystore(changed, bytes(PASSWORD)).catch(
        (error: unknown) => (error as { code: string }).code,
      );
      if (typeof result === 'object') {
        expect(result.authentication.privateKey.equals(same.authentication.privateKey)).toBe(true);
      } else {
        expect(['E_KEYSTORE_PASSWORD', 'E_KEYSTORE_FORMAT']).toContain(result);
      }
    }
  });

  test('random bytes in the place of the content', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (safe) => {
        const code = await codeOf(await fileOf(safe));
        expect(['E_KEYSTORE_FORMAT', 'E_KEYSTORE_INCOMPLETE']).toContain(code);
      }),
      { seed: 20260301, numRuns: 200 },
    );
  });
});

describe('what the bags hold', () => {
  const nested = (depth: number, inner: Uint8Array): Uint8Array =>
    depth === 0 ? inner : bag(SAFE_BAG, sequence(nested(depth - 1, inner)));
  const pbes2 = (
    rounds: bigint,
    {
      kdf = '1.2.840.113549.1.5.12',
      cipher = '2.16.840.1.101.3.4.1.42',
      iv = 16,
      prf = '1.2.840.113549.2.9',
    } = {},
  ): Uint8Array =>
    // prettier-ignore
    sequence(
      oid('1.2.840.113549.1.5.13'),
      sequence(
        sequence(
          oid(kdf),
          sequence(octetString(bytes('salt')), integer(rounds), sequence(oid(prf), nullValue())),
        ),
        sequence(oid(cipher), octetString(new Uint8Array(iv))),
      ),
    );
  const shrouded = (algorithm: Uint8Array): Uint8Array =>
    bag(SHROUDED, sequence(algorithm, octetString(new Uint8Array(32))));
  const old = (scheme: string, rounds: number): Uint8Array =>
    sequence(oid(scheme), sequence(octetString(bytes('salt')), integer(rounds)));

  test.each([
    ['no key at all', [doctorBag], 'E_KEYSTORE_INCOMPLETE'],
    ['a key without certificate', [keyBag], 'E_KEYSTORE_INCOMPLETE'],
    ['a key and the certificate of another', [keyBag, certificateBag(certificateOf('labo').der)], 'E_KEYSTORE_INCOMPLETE'],
    ['an encryption key alone', [bag(KEY_BAG, keyOf('doctor-encryption').export({ type: 'pkcs8', format: 'der' })), certificateBag(certificateOf('doctor-encryption').der)], 'E_KEYSTORE_INCOMPLETE'],
    ['a certificate that is none', [keyBag, certificateBag(bytes('no certificate'))], 'E_KEYSTORE_INCOMPLETE'],
    ['a key that is none', [bag(KEY_BAG, sequence(integer(0)))], 'E_KEYSTORE_FORMAT'],
    ['a bag without a value', [sequence(oid(KEY_BAG))], 'E_KEYSTORE_FORMAT'],
    ['nothing', [], 'E_KEYSTORE_INCOMPLETE'],
    ['a bag nobody knows', [keyBag, doctorBag, bag('1.2.3.4', nullValue())], 'read'],
    ['bags in bags', [nested(4, keyBag), doctorBag], 'read'],
    ['bags too deep in bags', [nested(6, keyBag), doctorBag], 'E_KEYSTORE_FORMAT'],
    ['a thousand bags and one', Array<Uint8Array>(1001).fill(doctorBag), 'E_KEYSTORE_FORMAT'],
    ['a key with garbage for ciphertext', [shrouded(pbes2(1n))], 'E_KEYSTORE_PASSWORD'],
    ['a key with too many rounds', [shrouded(pbes2(0x7fffffffn))], 'E_KEYSTORE_FORMAT'],
    ['more rounds than a number holds', [shrouded(pbes2(1n << 80n))], 'E_KEYSTORE_FORMAT'],
    ['a KDF nobody knows', [shrouded(pbes2(1n, { kdf: '1.3.6.1.4.1.11591.4.11' }))], 'E_KEYSTORE_FORMAT'],
    ['a cipher nobody knows', [shrouded(pbes2(1n, { cipher: '1.2.3' }))], 'E_KEYSTORE_FORMAT'],
    ['an IV of a wrong length', [shrouded(pbes2(1n, { iv: 8 }))], 'E_KEYSTORE_FORMAT'],
    ['a PRF nobody knows', [shrouded(pbes2(1n, { prf: '1.2.3' }))], 'E_KEYSTORE_FORMAT'],
    ['old 3DES with garbage', [shrouded(old('1.2.840.113549.1.12.1.3', 1))], 'E_KEYSTORE_PASSWORD'],
    ['old 3DES with too many rounds', [shrouded(old('1.2.840.113549.1.12.1.3', 0x7fffffff))], 'E_KEYSTORE_FORMAT'],
    ['RC2 with garbage', [shrouded(old('1.2.840.113549.1.12.1.6', 1))], 'E_KEYSTORE_PASSWORD'],
    ['RC4, which nobody should use', [shrouded(old('1.2.840.113549.1.12.1.1', 1))], 'E_KEYSTORE_FORMAT'],
  ] as [string, Uint8Array[], string][])('%s', async (_, bags, code) => {
    const start = performance.now();
    expect(await codeOf(await fileOf(sequence(data(...bags))))).toBe(code);
    expect(performance.now() - start).toBeLessThan(1000);
  }); // prettier-ignore

  test('encrypted content that is missing, and content of another type', async () => {
    const empty = sequence(
      oid(ENCRYPTED),
      context(0, sequence(integer(0), sequence(oid(DATA), pbes2(1n)))),
    );
    expect(await codeOf(await fileOf(sequence(empty)))).toBe('E_KEYSTORE_FORMAT');
    const enveloped = sequence(oid('1.2.840.113549.1.7.3'), context(0, nullValue()));
    expect(await codeOf(await fileOf(sequence(enveloped)))).toBe('E_KEYSTORE_FORMAT');
    const garbage = sequence(
      oid(ENCRYPTED),
      context(
        0,
        sequence(
          integer(0),
          sequence(oid(DATA), pbes2(1n), contextPrimitive(0, new Uint8Array(64))),
        ),
      ),
    );
    expect(await codeOf(await fileOf(sequence(garbage)))).toBe('E_KEYSTORE_PASSWORD');
  });

  test('strings in pieces and indefinite lengths, as BouncyCastle writes them', async () => {
    const safe = sequence(data(keyBag, doctorBag));
    const pieces = tlv(
      0x24,
      Buffer.concat([octetString(safe.subarray(0, 100)), octetString(safe.subarray(100))]),
    );
    const whole = await fileOf(safe);
    const [version, , mac] = readSequence(readBer(whole));
    const ber = Buffer.concat([
      Buffer.from('3080', 'hex'),
      version!.bytes,
      sequence(oid(DATA), context(0, pieces)),
      mac!.bytes,
      Buffer.alloc(2),
    ]);
    expect(readOctetString(readBer(pieces))).toHaveLength(safe.length);
    expect(await read(ber)).toMatchObject({ state: 'ready' });
  });

  test('the error never shows the password', async () => {
    const error: unknown = await read(file, 'a wrong password').catch((reason: unknown) => reason);
    const shown = [String(error), JSON.stringify(error), (error as Error).stack].join();
    expect(shown).not.toContain('a wrong password');
  });
});
