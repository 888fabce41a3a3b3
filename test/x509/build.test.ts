/** What we make, judged by openssl: certificates and certificate requests. */

import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from '@jest/globals';

import { createSigner } from '../../src/keys/software-keys.js';
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  buildCertificate,
  buildSignedCertificate,
  extendedKeyUsageExtension,
  keyUsageExtension,
  policiesExtension,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
} from '../../src/x509/build.js';
import { isSignedBy, parseCertificate } from '../../src/x509/certificate.js';
import { createCsr, parseCsr } from '../../src/x509/csr.js';
import { keyIdentifierBytes } from '../../src/x509/key-identifier.js';
import { formatRfc2253 } from '../../src/x509/name.js';
import { formatPem } from '../../src/x509/pem.js';
import { certificateOf, keyOf, run } from '../keystore/fixtures.js';
import { hasProgram } from '../support/tools.js';
import { changeAt, EVER, makeCertificate, named, newEcKey, publicKeyInfoOf } from './make.js';

const folder = mkdtempSync(join(tmpdir(), 'topaz-build-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const openssl = hasProgram('openssl', { required: false }) ? test : test.skip;

async function judge(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run('openssl', args);
  expect({ args, status, stderr: status === 0 ? '' : stderr }).toMatchObject({ status: 0 });
  return stdout + stderr;
}

const save = (name: string, pem: string): string => {
  const path = join(folder, name);
  writeFileSync(path, pem);
  return path;
};

const doctor = certificateOf('doctor');
const doctorKey = keyOf('doctor');

describe('certificates', () => {
  const key = newEcKey();
  const publicKeyInfo = publicKeyInfoOf(key);

  openssl('every extension, as openssl shows it', async () => {
    const der = makeCertificate(
      {
        extensions: [
          basicConstraintsExtension(true, { pathLength: 2 }),
          keyUsageExtension(0x06),
          subjectKeyIdentifierExtension(publicKeyInfo),
          authorityKeyIdentifierExtension(keyIdentifierBytes(publicKeyInfo)),
          policiesExtension(['2.16.56.1.1.1.2.2']),
          extendedKeyUsageExtension(['1.3.6.1.5.5.7.3.1']),
          subjectAltNameExtension({ dns: ['localhost'], ip: ['127.0.0.1'] }),
        ],
      },
      { key },
    );
    const file = save('all.crt', formatPem('CERTIFICATE', der));
    const text = await judge('x509', '-in', file, '-noout', '-text');

    expect(text).toContain('CA:TRUE, pathlen:2');
    expect(text).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign/);
    expect(text).toContain('Policy: 2.16.56.1.1.1.2.2');
    expect(text).toContain('TLS Web Server Authentication');
    expect(text).toContain('DNS:localhost, IP Address:127.0.0.1');
    expect(text).toContain('Not After : Jan  1 00:00:00 2040 GMT');
    expect(await judge('verify', '-CAfile', file, file)).toContain('OK');
  });

  test.each([0x80, 0x40, 0xc0, 0x30, 0x06, 0x04, 0x02, 0x01])('key usage %i reads back', (bits) => {
    const der = makeCertificate({ extensions: [keyUsageExtension(bits)] }, { key });
    expect(parseCertificate(der).keyUsage).toBe(bits);
  });

  test('without extensions, and a leaf that says it is no CA', () => {
    expect(parseCertificate(makeCertificate({}, { key }))).toMatchObject({
      keyUsage: undefined,
      isCa: false,
      policies: [],
    });
    const leaf = makeCertificate({ extensions: [basicConstraintsExtension(false)] }, { key });
    expect(parseCertificate(leaf).isCa).toBe(false);
  });

  openssl('years before and after 2050', async () => {
    const notAfter = new Date('2062-07-01T12:34:56Z');
    const der = makeCertificate({ notAfter }, { key });
    const file = save('far.crt', formatPem('CERTIFICATE', der));

    expect(await judge('x509', '-in', file, '-noout', '-enddate')).toContain(
      'Jul  1 12:34:56 2062',
    );
    expect(parseCertificate(der).notAfter).toEqual(notAfter);
  });

  openssl('an encryption certificate, through a signer: RSA', async () => {
    const encryptionKey = keyOf('old-encryption');
    const der = await buildSignedCertificate(
      {
        serial: BigInt('0xfedcba98765432100123456789abcdef'),
        issuer: doctor.subject.der,
        subject: doctor.subject.der,
        notBefore: doctor.notBefore,
        notAfter: doctor.notAfter,
        publicKeyInfo: publicKeyInfoOf(encryptionKey),
        extensions: [keyUsageExtension(0x30)],
      },
      createSigner(doctorKey, [doctor]),
    );
    const certificate = parseCertificate(der);
    const file = save('encryption.crt', formatPem('CERTIFICATE', der));

    expect(isSignedBy(certificate, doctor.publicKey)).toBe(true);
    const text = await judge('x509', '-in', file, '-noout', '-text');
    expect(text).toMatch(/Key Usage: critical\s+Key Encipherment, Data Encipherment/);
    expect(text).toContain('Signature Algorithm: sha256WithRSAEncryption');
    expect(text).toContain('fe:dc:ba:98');
  });

  test('through a signer: EC', async () => {
    const citizen = certificateOf('citizen');
    const der = await buildSignedCertificate(
      {
        serial: 1n,
        issuer: citizen.subject.der,
        subject: named('by a card'),
        ...EVER,
        publicKeyInfo,
        extensions: [],
      },
      createSigner(keyOf('citizen'), [citizen]),
    );
    expect(isSignedBy(parseCertificate(der), citizen.publicKey)).toBe(true);
  });

  test('refuses to sign with another kind of key', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const fields = { serial: 1n, issuer: named('a'), subject: named('a'), ...EVER, publicKeyInfo, extensions: [] }; // prettier-ignore
    expect(() => buildCertificate(fields, privateKey)).toThrow(
      expect.objectContaining({ code: 'E_INTERNAL' }),
    );
  });
});

describe('certificate requests', () => {
  const der = createCsr(doctor.subject.der, doctorKey);

  openssl('openssl accepts ours', async () => {
    const file = save('own.csr', formatPem('CERTIFICATE REQUEST', der));
    const text = await judge('req', '-in', file, '-noout', '-verify', '-text', '-nameopt', 'RFC2253'); // prettier-ignore

    expect(text).toMatch(/verify OK/);
    expect(text).toContain('sha256WithRSAEncryption');
    expect(text).toContain(`Subject: ${formatRfc2253(doctor.subject)}`);
    expect(text).toMatch(/Attributes:\s+\(none\)|a0:00/);
  });

  openssl('we accept those of openssl', async () => {
    const file = join(folder, 'theirs.csr');
    await judge('req', '-new', '-key', 'fixtures/pki/doctor.key', '-subj', '/C=BE/CN=SSIN=79021599732', '-outform', 'DER', '-out', file); // prettier-ignore
    const { readFileSync } = await import('node:fs');
    const csr = parseCsr(readFileSync(file));

    expect(csr.verified).toBe(true);
    expect(formatRfc2253(csr.subject)).toBe('CN=SSIN=79021599732,C=BE');
    expect(Buffer.from(csr.publicKeyInfo)).toEqual(Buffer.from(doctor.publicKeyInfo));
  });

  test('one changed bit: not verified, or malformed', () => {
    expect(parseCsr(der).verified).toBe(true);
    for (let at = 0; at < der.length; at += 3) {
      let csr;
      try {
        csr = parseCsr(changeAt(der, at));
      } catch (error) {
        expect(error).toMatchObject({ code: 'E_ASN1_MALFORMED' });
        continue;
      }
      expect(csr.verified).toBe(false);
    }
  });

  test('signed by another key', () => {
    const other = createCsr(doctor.subject.der, keyOf('labo'));
    const own = parseCsr(other);
    expect(own.verified).toBe(true);
    const at = Buffer.from(other).indexOf(Buffer.from(own.publicKeyInfo));
    const forged = Buffer.from(other);
    forged.set(doctor.publicKeyInfo, at);
    expect(parseCsr(forged).verified).toBe(false);
  });

  test.each([0, 1, 30, der.length - 1])('cut off after %i bytes', (length) => {
    expect(() => parseCsr(der.subarray(0, length))).toThrow(
      expect.objectContaining({ code: 'E_ASN1_MALFORMED' }),
    );
  });
});
