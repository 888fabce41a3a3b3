/** What does not fit in a keystore is found, and nothing else. */

import { generateKeyPairSync } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';

import { readPkcs12 } from '../../src/keystore/pkcs12-read.js';
import type { Pkcs12Contents } from '../../src/keystore/pkcs12-read.js';
import { buildPlaceholder } from '../../src/keystore/placeholder.js';
import { verifyContents } from '../../src/keystore/verify.js';
import type { Finding, VerifyOptions } from '../../src/keystore/verify.js';
import { buildCertificate, keyUsageExtension } from '../../src/x509/build.js';
import { parseCertificate } from '../../src/x509/certificate.js';
import { bytes, certificateOf, keyOf, keystoreBytes, PASSWORD } from './fixtures.js';

const NOW = new Date('2026-03-01T12:00:00Z');
const ROOTS = [certificateOf('root')];
const doctor = certificateOf('doctor');
const encryption = certificateOf('doctor-encryption');

const contents = (
  keys: readonly (readonly [string, string])[],
  certificates: readonly string[],
): Pkcs12Contents => ({
  keys: keys.map(([name, key]) => ({ name, privateKey: keyOf(key) })),
  certificates: certificates.map(certificateOf),
});
const SERIAL = encryption.serial.toString(10);
const GOOD = contents(
  [['authentication', 'doctor'], [SERIAL, 'doctor-encryption']],
  ['doctor', 'ehealth-ca', 'doctor-encryption'],
); // prettier-ignore

const complaints = (
  given: Pkcs12Contents,
  options: Partial<VerifyOptions> = {},
): readonly Finding[] =>
  verifyContents(given, { roots: ROOTS, now: NOW, ...options }).findings.filter(
    ({ state }) => state !== 'ok',
  );

describe('a good keystore', () => {
  test('has four checks in order', () => {
    const { findings, keystore } = verifyContents(GOOD, { roots: ROOTS, now: NOW });
    expect(findings).toEqual(
      ['keys', 'roles', 'dates', 'chain'].map((check) => ({ check, state: 'ok' })),
    );
    expect(keystore?.state).toBe('ready');
  });

  test.each(['keytool-modern', 'keytool-legacy', 'bouncycastle', 'openssl-modern', 'openssl-rc2'])(
    'as other programs write it: %s',
    async (name) => {
      const given = await readPkcs12(keystoreBytes(name), bytes(PASSWORD));
      expect(complaints(given).filter(({ state }) => state === 'failed')).toEqual([]);
    },
  );

  test('an old encryption certificate is neither too old nor unsigned', () => {
    const old = certificateOf('old-encryption');
    const given = {
      keys: [...GOOD.keys, { name: old.serial.toString(10), privateKey: keyOf('old-encryption') }],
      certificates: [...GOOD.certificates, old],
    };
    expect(complaints(given)).toEqual([]);
  });

  test('without roots the chain is not judged', () => {
    expect(complaints(GOOD, { roots: undefined })).toEqual([
      { check: 'chain', state: 'skipped', reason: 'no-roots' },
    ]);
  });
});

describe('what does not fit', () => {
  test('a certificate of another key: neither has its counterpart', () => {
    const given = contents([['authentication', 'labo']], ['doctor', 'ehealth-ca']);
    expect(complaints(given)).toEqual([
      { check: 'keys', state: 'failed', reason: 'no-certificate', entry: 'authentication' },
      { check: 'keys', state: 'failed', reason: 'no-key', entry: doctor.serial.toString(10) },
      { check: 'roles', state: 'failed', reason: 'no-authentication' },
      { check: 'dates', state: 'skipped', reason: 'no-authentication' },
      { check: 'chain', state: 'skipped', reason: 'no-authentication' },
    ]);
  });

  test('an encryption certificate that lost its key', () => {
    const given = { ...GOOD, keys: GOOD.keys.slice(0, 1) };
    expect(complaints(given)).toEqual([
      { check: 'keys', state: 'failed', reason: 'no-key', entry: SERIAL },
      { check: 'roles', state: 'warning', reason: 'no-encryption' },
    ]);
  });

  test('an encryption key under another name', () => {
    const [first, second] = GOOD.keys;
    const given = { ...GOOD, keys: [first!, { ...second!, name: 'encryption' }] };
    expect(complaints(given)).toEqual([
      { check: 'roles', state: 'warning', reason: 'name', entry: SERIAL },
    ]);
  });

  test('an encryption certificate of somebody else', () => {
    const [key] = GOOD.keys;
    const subject = certificateOf('labo').subject;
    const certificate = encryptionFor(subject.der, subject.der, keyOf('labo'));
    const given = {
      keys: [key!, { name: '7', privateKey: STRANGER.privateKey }],
      certificates: [...GOOD.certificates.slice(0, 2), certificate],
    };
    expect(complaints(given)).toEqual([
      { check: 'roles', state: 'failed', reason: 'other-holder', entry: '7' },
      { check: 'chain', state: 'failed', reason: 'signature', entry: '7' },
    ]);
  });

  test.each([
    ['in its name', doctor.subject.der],
    ['in the name of the CA', doctor.issuer.der],
    ['in the name of nobody known', certificateOf('other-root').subject.der],
  ])('an encryption certificate that the authentication key did not sign, %s', (_, issuer) => {
    const [key] = GOOD.keys;
    const certificate = encryptionFor(doctor.subject.der, issuer, keyOf('labo'));
    const given = {
      keys: [key!, { name: '7', privateKey: STRANGER.privateKey }],
      certificates: [...GOOD.certificates.slice(0, 2), certificate],
    };
    expect(complaints(given)).toEqual([
      { check: 'chain', state: 'failed', reason: 'signature', entry: '7' },
    ]);
  });

  test.each([
    ['an untrusted root', GOOD, { roots: [certificateOf('other-root')] }, 'untrusted'],
    ['a missing issuer', { ...GOOD, certificates: [doctor, encryption] }, {}, 'untrusted'],
  ])('%s', (_, given, options, reason) => {
    expect(complaints(given, options)).toEqual([
      { check: 'chain', state: 'failed', reason, entry: doctor.serial.toString(10) },
    ]);
  });

  test.each([
    ['2040-01-01T00:00:00Z', 'failed', 'expired'],
    ['2024-12-31T00:00:00Z', 'failed', 'not-yet-valid'],
    ['2034-12-01T00:00:00Z', 'warning', 'expiring'],
  ])('at %s: %s, %s', (now, state, reason) => {
    const dates = complaints(GOOD, { now: new Date(now) }).filter(({ check }) => check === 'dates');
    expect(dates).toEqual([{ check: 'dates', state, reason, entry: doctor.serial.toString(10) }]);
  });

  test('one that waits for its certificate is pending, not wrong', () => {
    const privateKey = keyOf('doctor');
    const given = {
      keys: [{ name: 'authentication', privateKey }],
      certificates: [buildPlaceholder(privateKey, NOW)],
    };
    expect(complaints(given)).toEqual([
      { check: 'roles', state: 'warning', reason: 'pending' },
      { check: 'dates', state: 'skipped', reason: 'pending' },
      { check: 'chain', state: 'skipped', reason: 'pending' },
    ]);
  });
});

const STRANGER = generateKeyPairSync('rsa', { modulusLength: 2048 });

const encryptionFor = (subject: Uint8Array, issuer: Uint8Array, signer: ReturnType<typeof keyOf>) =>
  parseCertificate(
    buildCertificate(
      {
        serial: 7n,
        issuer,
        subject,
        notBefore: doctor.notBefore,
        notAfter: doctor.notAfter,
        publicKeyInfo: Uint8Array.from(STRANGER.publicKey.export({ type: 'spki', format: 'der' })),
        extensions: [keyUsageExtension(0x30)],
      },
      signer,
    ),
  );
