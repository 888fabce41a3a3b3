/** Certificates: the fields, the signatures, and what is no certificate. */

import { X509Certificate, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { readDer } from '../../src/der/reader.js';
import { oid, sequence } from '../../src/der/writer.js';
import { keyUsageExtension } from '../../src/x509/build.js';
import {
  fingerprint,
  isSignedBy,
  parseCertificate,
  serialDecimal,
} from '../../src/x509/certificate.js';
import { eidNames, readHolder } from '../../src/x509/holder.js';
import { publicKeyIdentifier } from '../../src/x509/key-identifier.js';
import { encodeName, formatRfc2253, parseName } from '../../src/x509/name.js';
import { formatPem, parsePem, parsePemCertificates } from '../../src/x509/pem.js';
import { certificateOf } from '../keystore/fixtures.js';
import { changeAt, makeCertificate } from './make.js';

const NAMES = [
  'root', 'citizen-ca', 'ehealth-ca', 'citizen', 'doctor', 'labo', 'doctor-encryption', 'expired', 'unknown-critical',
]; // prettier-ignore
const malformed = expect.objectContaining({ code: 'E_ASN1_MALFORMED' });

describe('reading', () => {
  test.each(NAMES)('%s, as node reads it', (name) => {
    const certificate = certificateOf(name);
    const judge = new X509Certificate(readFileSync(`fixtures/pki/${name}.crt`));

    expect(serialDecimal(certificate)).toBe(BigInt(`0x${judge.serialNumber}`).toString(10));
    expect(certificate.notBefore).toEqual(new Date(judge.validFrom));
    expect(certificate.notAfter).toEqual(new Date(judge.validTo));
    expect(certificate.isCa).toBe(judge.ca);
    expect(certificate.publicKey.equals(judge.publicKey)).toBe(true);
    expect(fingerprint(certificate)).toBe(judge.fingerprint256.replaceAll(':', '').toLowerCase());
    expect(Buffer.from(certificate.der)).toEqual(judge.raw);
  });

  test('an eHealth certificate: RSA, signed by a P-384 CA', () => {
    const doctor = certificateOf('doctor');
    const ca = certificateOf('ehealth-ca');

    expect(doctor).toMatchObject({ keyType: 'rsa', keyUsage: 0x80, isCa: false });
    expect(doctor.signatureAlgorithm).toBe('1.2.840.10045.4.3.3');
    expect(Buffer.from(doctor.authorityKeyIdentifier!)).toEqual(
      Buffer.from(ca.subjectKeyIdentifier!),
    );
    expect(ca).toMatchObject({ keyType: 'ec', keyUsage: 0x06, isCa: true, pathLength: 0 });
    expect(doctor.policies).toEqual(['2.16.56.1.40.40.40.1']);
    expect(publicKeyIdentifier(doctor.publicKeyInfo)).toBe(
      Buffer.from(doctor.subjectKeyIdentifier!).toString('hex'),
    );
  });

  test('a serial number with its top bit set is positive', () => {
    expect(serialDecimal(certificateOf('doctor-encryption'))).toBe(
      BigInt('0xF35A0C11D2E4470B9A6655443322110A').toString(10),
    );
  });

  test('a critical extension that nobody knows is named', () => {
    expect(certificateOf('unknown-critical').unknownCritical).toEqual(['1.2.3.4.5']);
  });
});

describe('isSignedBy', () => {
  const [doctor, ca, root] = ['doctor', 'ehealth-ca', 'root'].map(certificateOf);

  test('by the issuer, and by nobody else', () => {
    expect(isSignedBy(doctor!, ca!.publicKey)).toBe(true);
    expect(isSignedBy(doctor!, root!.publicKey)).toBe(false);
    expect(isSignedBy(doctor!, doctor!.publicKey)).toBe(false);
    expect(isSignedBy(root!, certificateOf('other-root').publicKey)).toBe(false);
  });

  test('the encryption certificate is signed by the authentication key, not by its own', () => {
    const encryption = certificateOf('doctor-encryption');

    expect(formatRfc2253(encryption.issuer)).toBe(formatRfc2253(encryption.subject));
    expect(isSignedBy(encryption, encryption.publicKey)).toBe(false);
    expect(isSignedBy(encryption, doctor!.publicKey)).toBe(true);
  });

  test('one changed bit anywhere in the signed part or the signature', () => {
    const { der } = doctor!;
    for (const at of [90, 200, 500, der.length - 5]) {
      let changed;
      try {
        changed = parseCertificate(changeAt(der, at));
      } catch (error) {
        expect(error).toMatchObject({ code: 'E_ASN1_MALFORMED' });
        continue;
      }
      expect(isSignedBy(changed, ca!.publicKey)).toBe(false);
    }
  });

  test('a key of another kind is no error', () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    expect(isSignedBy(doctor!, publicKey)).toBe(false);
  });

  test.each(['rsa-sha256', 'rsa-sha512', 'pss-sha256', 'pss-sha1', 'ec-sha256', 'ec-sha512'])(
    'a certificate of openssl, %s',
    (name) => {
      const [certificate] = parsePemCertificates(
        readFileSync(`fixtures/pki/self-${name}.crt`, 'utf8'),
      );
      expect(isSignedBy(certificate!, certificate!.publicKey)).toBe(true);
      const changed = parseCertificate(changeAt(certificate!.der, certificate!.der.length - 9));
      expect(isSignedBy(changed, certificate!.publicKey)).toBe(false);
    },
  );
});

describe('hostile input', () => {
  const { der } = certificateOf('doctor');

  test('cut off at every length', () => {
    for (let length = 0; length < der.length; length += 7) {
      expect(() => parseCertificate(der.subarray(0, length))).toThrow(malformed);
    }
  });

  test('bytes after the end', () => {
    expect(() => parseCertificate(Uint8Array.of(...der, 0))).toThrow(malformed);
  });

  test('any changed byte: a certificate or E_ASN1_MALFORMED, never anything else', () => {
    const key = certificateOf('ehealth-ca').publicKey;
    for (let at = 0; at < der.length; at += 1) {
      let changed;
      try {
        changed = parseCertificate(changeAt(der, at, 0xff));
      } catch (error) {
        expect(error).toMatchObject({ code: 'E_ASN1_MALFORMED' });
        continue;
      }
      expect(isSignedBy(changed, key)).toBe(false);
    }
  });

  test('an indefinite length is no DER', () => {
    const ber = Buffer.concat([Buffer.from('3080', 'hex'), der.subarray(4), Buffer.alloc(2)]);
    expect(() => parseCertificate(ber)).toThrow(malformed);
  });

  test('an extension that occurs twice', () => {
    const extensions = [keyUsageExtension(0x80), keyUsageExtension(0x04)];
    expect(() => parseCertificate(makeCertificate({ extensions }))).toThrow(malformed);
  });

  test('two signature algorithms: the outer one is not signed', () => {
    const [tbs, , signature] = readDer(makeCertificate({})).children;
    const outer = sequence(oid('1.2.840.10045.4.3.3'));
    expect(() => parseCertificate(sequence(tbs!.bytes, outer, signature!.bytes))).toThrow(
      malformed,
    );
  });

  test('a key that is neither RSA nor EC', () => {
    const publicKeyInfo = generateKeyPairSync('ed25519').publicKey.export({
      type: 'spki',
      format: 'der',
    });
    expect(() => parseCertificate(makeCertificate({ publicKeyInfo }))).toThrow(malformed);
  });
});

describe('whose it is', () => {
  const subject = (...attributes: [string, string][]) =>
    parseName(encodeName(attributes.map(([type, value]) => ({ type, value }))));
  const OU = '2.5.4.11';
  const CN = '2.5.4.3';

  test('an eID: the person by number, names by their own attributes', () => {
    const citizen = certificateOf('citizen').subject;
    expect(readHolder(citizen)).toEqual({
      identifier: { type: 'SSIN', id: '79021599732' },
      name: 'Jean Albert Exemple',
      applicationId: undefined,
      isEid: true,
    });
    expect(eidNames(citizen)).toEqual({ givenNames: 'Jean Albert', surname: 'Exemple' });
  });

  test('an eHealth certificate of a person', () => {
    expect(readHolder(certificateOf('doctor').subject)).toEqual({
      identifier: { type: 'SSIN', id: '79021599732' },
      name: 'JEAN EXEMPLE',
      applicationId: undefined,
      isEid: false,
    });
  });

  test('an organisation with an application id', () => {
    expect(readHolder(certificateOf('labo').subject)).toEqual({
      identifier: { type: 'NIHII-LABO', id: '71234523' },
      name: 'LABO EXEMPLE',
      applicationId: 'LABO_1',
      isEid: false,
    });
  });

  test('a name that ends the CN is no application id', () => {
    const name = subject([OU, 'CBE=0123456749'], [OU, '0123456749'], [CN, 'CBE=0123456749']);
    expect(readHolder(name)).toMatchObject({ name: '0123456749', applicationId: undefined });
  });

  test('an application id that looks like an identifier does not take its place', () => {
    const name = subject(
      [OU, 'APP=1'],
      [OU, 'CBE=0123456749'],
      [OU, 'FIRM'],
      [CN, 'CBE=0123456749, APP=1'],
    );
    expect(readHolder(name)).toEqual({
      identifier: { type: 'CBE', id: '0123456749' },
      name: 'FIRM',
      applicationId: 'APP=1',
      isEid: false,
    });
  });

  test('a CN of another form: the first OU that is an identifier', () => {
    const name = subject([OU, 'NAME'], [OU, 'EHP=1234567890'], [CN, 'a server']);
    expect(readHolder(name)).toEqual({
      identifier: { type: 'EHP', id: '1234567890' },
      name: 'NAME',
      applicationId: undefined,
      isEid: false,
    });
  });

  test.each([['root'], ['citizen-ca'], ['ehealth-ca']])('%s names nobody', (name) => {
    expect(readHolder(certificateOf(name).subject)).toBeUndefined();
  });
});

describe('PEM', () => {
  test('writes what it reads, 64 characters per line', () => {
    const { der } = certificateOf('doctor');
    const pem = formatPem('CERTIFICATE', der);

    expect(parsePem(pem, 'CERTIFICATE').map((each) => Buffer.from(each))).toEqual([
      Buffer.from(der),
    ]);
    expect(Math.max(...pem.split('\n').map((line) => line.length))).toBe(64);
    expect(createPublicKey(pem).type).toBe('public');
  });

  test('several blocks with text between them', () => {
    const text = ['doctor', 'root'].map((name) => readFileSync(`fixtures/pki/${name}.crt`, 'utf8'));
    expect(parsePemCertificates(`Subject: x\n${text.join('\nnext\n')}`)).toHaveLength(2);
    expect(parsePem(text.join(''), 'PRIVATE KEY')).toEqual([]);
  });

  test.each([
    ['', 'no block'],
    ['-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----', 'an empty block'],
    ['-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----', 'no base64'],
    ['-----BEGIN CERTIFICATE-----\nab!d\n-----END CERTIFICATE-----', 'odd characters'],
    ['-----BEGIN CERTIFICATE-----\nAAAA\n', 'no end'],
  ])('refuses %j (%s)', (text) => {
    expect(() => parsePemCertificates(text)).toThrow(malformed);
  });
});
