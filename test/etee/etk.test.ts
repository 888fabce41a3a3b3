/** Encryption tokens: what is read from them, and the checks of the official checker. */

import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { RSA_IDENTIFIER, SHA256_IDENTIFIER } from '../../src/cms/algorithms.js';
import { encodeIssuerAndSerial } from '../../src/cms/entity.js';
import { readSignedData } from '../../src/cms/signed-data.js';
import { OID_DATA } from '../../src/der/oids.js';
import { integer, octetString, sequence } from '../../src/der/writer.js';
import { readEtk } from '../../src/etee/etk.js';
import { checkEtk, verifyEtk } from '../../src/etee/verify-etk.js';
import { buildCertificate, keyUsageExtension } from '../../src/x509/build.js';
import { parseCertificate, type Certificate } from '../../src/x509/certificate.js';
import { encodeSignedData } from '../cms/encode.js';
import { certificateOf, etkOf, MADE_AT, pkiPath, ROOTS, tokenOf } from './pki.js';

const NOW = { roots: ROOTS, now: MADE_AT };
const registrar = certificateOf('etkra');
const key = (name: string): ReturnType<typeof createPrivateKey> =>
  createPrivateKey(readFileSync(pkiPath(`${name}.key`)));

/** A token made by hand around a certificate. */
function token(
  content: Uint8Array,
  certificates: readonly Certificate[],
  { signedBy = 'etkra', covers = content }: { signedBy?: string; covers?: Uint8Array } = {},
): Uint8Array {
  return encodeSignedData({
    contentType: OID_DATA,
    content,
    certificates: certificates.map(({ der }) => der),
    signerInfos: [
      sequence(
        integer(1),
        encodeIssuerAndSerial(registrar),
        SHA256_IDENTIFIER,
        RSA_IDENTIFIER,
        octetString(sign('sha256', covers, key(signedBy))),
      ),
    ],
  });
}

const enc = certificateOf('recipient-enc');
const auth = certificateOf('recipient-auth');
const all = [registrar, auth, certificateOf('ca'), certificateOf('root')];

/** An encryption certificate that differs in one thing. */
function encryption(
  change: Partial<Parameters<typeof buildCertificate>[0]>,
  by = 'recipient-auth',
): Uint8Array {
  return buildCertificate(
    {
      serial: 99n,
      issuer: auth.subject.der,
      subject: auth.subject.der,
      notBefore: auth.notBefore,
      notAfter: auth.notAfter,
      publicKeyInfo: enc.publicKeyInfo,
      extensions: [keyUsageExtension(0x30)],
      ...change,
    },
    key(by),
  );
}

describe('reading', () => {
  test('the parts of a token in BER', () => {
    const etk = etkOf('recipient');
    expect(etk.token).toEqual(tokenOf('recipient'));
    expect(etk.certificate.der).toEqual(enc.der);
    expect(etk.authentication.der).toEqual(auth.der);
    expect(etk.authorities.map(({ der }) => der)).toEqual(all.slice(2).map(({ der }) => der));
    expect(etk.registration).toMatchObject({ signature: 'valid', certificate: registrar });
    expect(etk.holder).toMatchObject({
      identifier: { type: 'SSIN', id: '85061199814' },
      name: 'Marie Voorbeeld',
    });
  });

  test('certificates in any order, with strangers between', () => {
    const shuffled = [
      certificateOf('root'),
      certificateOf('other-auth'),
      auth,
      certificateOf('ca'),
    ];
    const etk = readEtk(token(enc.der, shuffled));
    expect(etk.authentication.der).toEqual(auth.der);
    expect(checkEtk(etk, NOW)).toEqual([]);
  });

  test.each([
    ['nothing', new Uint8Array()],
    ['text', Buffer.from('not a token')],
    ['a certificate', enc.der],
    ['a sealed message', readFileSync(pkiPath('../oracle/none.sealed'))],
    ['a token around something else', token(Buffer.from('hello'), all)],
    ['a token cut off', tokenOf('recipient').subarray(0, 2000)],
  ])('refuses %s', (_, bytes) => {
    expect(() => readEtk(bytes)).toThrow(
      expect.objectContaining({ code: 'E_ETK_INVALID', message: 'this is not an ETK' }),
    );
  });

  test.each([
    [
      'the certificate of someone else’s key under the holder’s name',
      token(encryption({}, 'other-auth'), all),
      'ETK_ENCRYPTION_CERT_SIGNATURE_NOT_VALID',
    ],
    [
      'an encryption certificate that signs itself',
      token(encryption({}, 'recipient-enc'), all),
      'ETK_ENCRYPTION_CERT_SIGNATURE_NOT_VALID',
    ],
    [
      'no authentication certificate',
      token(enc.der, [registrar, certificateOf('ca'), certificateOf('root')]),
      'ETK_CERTS_DO_NOT_MATCH',
    ],
    [
      'the authentication certificate of another holder',
      token(enc.der, [registrar, certificateOf('other-auth'), certificateOf('ca')]),
      'ETK_CERTS_DO_NOT_MATCH',
    ],
    [
      'a subject that is not the issuer',
      token(encryption({ subject: certificateOf('other-auth').subject.der }), all),
      'ETK_CERTS_DO_NOT_MATCH',
    ],
  ])('refuses %s', (_, bytes, error) => {
    expect(() => readEtk(bytes)).toThrow(
      expect.objectContaining({ code: 'E_ETK_INVALID', details: { errors: [error] } }),
    );
  });
});

describe('checking', () => {
  test('a good token', () => {
    expect(() => {
      verifyEtk(etkOf('recipient'), NOW);
    }).not.toThrow();
  });

  test.each([
    ['nothing that is trusted', etkOf('stranger'), 'ETK_AUTHENTICATION_CERT_STATUS_UNKNOWN'],
    [
      'the wrong key usage',
      readEtk(token(encryption({ extensions: [keyUsageExtension(0x20)] }), all)),
      'ETK_ENCRYPTION_CERT_HAS_INVALID_KEYUSAGE',
    ],
    [
      'no key usage',
      readEtk(token(encryption({ extensions: [] }), all)),
      'ETK_ENCRYPTION_CERT_HAS_INVALID_KEYUSAGE',
    ],
    [
      'the signature of someone who is not the registration authority',
      readEtk(token(enc.der, all, { signedBy: 'other-auth' })),
      'ETK_RA_SIGNATURE_NOT_VALID',
    ],
    [
      'a signature over something else',
      readEtk(token(enc.der, all, { covers: auth.der })),
      'ETK_RA_SIGNATURE_NOT_VALID',
    ],
    [
      'no issuing CA',
      readEtk(token(enc.der, [registrar, auth, certificateOf('root')])),
      'ETK_AUTHENTICATION_CERT_STATUS_UNKNOWN',
    ],
  ])('refuses %s', (_, etk, error) => {
    expect(checkEtk(etk, NOW)).toEqual([error]);
    expect(() => {
      verifyEtk(etk, NOW);
    }).toThrow(expect.objectContaining({ code: 'E_ETK_INVALID', facts: [error] }));
  });

  test.each([
    [
      'ended itself',
      readEtk(token(encryption({ notAfter: new Date('2022-01-01T00:00:00Z') }), all)),
      'ETK_ENCRYPTION_CERT_EXPIRED',
    ],
    ['whose authentication certificate ended', etkOf('expired'), 'ETK_AUTHENTICATION_CERT_EXPIRED'],
  ])('a token that %s has ended', (_, etk, error) => {
    expect(checkEtk(etk, NOW)).toEqual([error]);
    expect(() => {
      verifyEtk(etk, NOW);
    }).toThrow(expect.objectContaining({ code: 'E_CERT_EXPIRED', details: { errors: [error] } }));
  });

  test('findings add up in the official order', () => {
    const future = parseCertificate(encryption({ notBefore: new Date('2039-01-01T00:00:00Z') }));
    const etk = readEtk(token(future.der, all, { signedBy: 'other-auth' }));
    expect(checkEtk(etk, { roots: [], now: MADE_AT })).toEqual([
      'ETK_ENCRYPTION_CERT_NOT_YET_VALID',
      'ETK_AUTHENTICATION_CERT_STATUS_UNKNOWN',
      'ETK_RA_SIGNATURE_NOT_VALID',
    ]);
  });

  test('a registration authority that nobody can name is no reason to refuse', () => {
    const etk = readEtk(token(enc.der, all.slice(1)));
    expect(etk.registration.signature).toBe('unknown');
    expect(checkEtk(etk, NOW)).toEqual([]);
  });
});

test('a flipped bit never yields another key to seal for', () => {
  const whole = tokenOf('recipient');
  const { content } = readSignedData(whole);
  expect(Buffer.from(content!).equals(enc.der)).toBe(true);
  for (let index = 0; index < 200; index += 1) {
    const at = Math.floor((index * whole.length) / 200);
    const bent = whole.map((byte, position) =>
      position === at ? byte ^ (1 << (index % 8)) : byte,
    );
    try {
      const etk = readEtk(bent);
      verifyEtk(etk, NOW);
      expect(etk.certificate.der).toEqual(enc.der);
    } catch (error) {
      expect(error).toMatchObject({
        code: expect.stringMatching(/^E_(ETK_INVALID|CERT_EXPIRED)$/),
      });
    }
  }
});
