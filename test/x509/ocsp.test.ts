/** Answers of OCSP that somebody made up, and lists and certificates with bytes changed. */

import { describe, expect, test } from '@jest/globals';

import { writeOcspAnswer, makeResponder, writeCrl } from '../../src/sandbox/revocation-answers.js';
import type { OcspAnswerFields, OcspFact } from '../../src/sandbox/revocation-answers.js';
import { octetString, oid, sequence } from '../../src/der/writer.js';
import { readDer } from '../../src/der/reader.js';
import { TopazError } from '../../src/errors.js';
import {
  basicConstraintsExtension,
  crlUrlExtension,
  keyUsageExtension,
  ocspUrlExtension,
  subjectKeyIdentifierExtension,
} from '../../src/x509/build.js';
import { parseCertificate } from '../../src/x509/certificate.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { buildPath } from '../../src/x509/chain.js';
import { isCrlOf, lookUp, parseCrl } from '../../src/x509/crl.js';
import { buildOcspRequest } from '../../src/x509/ocsp-request.js';
import { judgeOcspResponse } from '../../src/x509/ocsp-response.js';
import type { OcspVerdict } from '../../src/x509/ocsp-response.js';
import { changeAt, EVER, makeCertificate, named, newEcKey, publicKeyInfoOf } from './make.js';

const NOW = new Date('2026-03-01T12:00:00Z');
const minutes = (count: number): Date => new Date(NOW.getTime() + count * 60_000);
const NONCE = Uint8Array.from({ length: 16 }, (_, index) => index);

function makeIssuer(name: string) {
  const privateKey = newEcKey();
  const publicKeyInfo = publicKeyInfoOf(privateKey);
  const der = makeCertificate(
    {
      issuer: named(name),
      subject: named(name),
      publicKeyInfo,
      extensions: [
        basicConstraintsExtension(true),
        keyUsageExtension(0x06),
        subjectKeyIdentifierExtension(publicKeyInfo),
      ],
    },
    { key: privateKey },
  );
  return { certificate: parseCertificate(der), privateKey };
}
type Issuer = ReturnType<typeof makeIssuer>;

const leafOf = (issuer: Issuer, serial = 4711n): Certificate =>
  parseCertificate(
    makeCertificate(
      {
        serial,
        issuer: issuer.certificate.subject.der,
        subject: named('leaf'),
        extensions: [
          ocspUrlExtension('http://ocsp.example.test/'),
          crlUrlExtension('http://crl.example.test/a.crl'),
        ],
      },
      { issuerKey: issuer.privateKey },
    ),
  );

const issuer = makeIssuer('issuer');
const leaf = leafOf(issuer);
const responder = makeResponder(issuer, newEcKey(), EVER);

/** The CertID of our own request. */
const certIdOf = (certificate: Certificate, by: Certificate): Uint8Array => {
  const list = readDer(buildOcspRequest(certificate, by)).children[0]?.children[0];
  return list?.children[0]?.children[0]?.bytes ?? new Uint8Array();
};
const nonceOf = (bytes: Uint8Array): Uint8Array =>
  sequence(oid('1.3.6.1.5.5.7.48.1.2'), octetString(octetString(bytes)));

const REVOKED: OcspFact = {
  state: 'revoked',
  by: { serial: 4711n, at: new Date('2026-02-01T00:00:00Z'), reason: 1 },
};
const GOOD: OcspFact = { state: 'good' };

const answer = (fields: Partial<OcspAnswerFields> = {}): Uint8Array =>
  writeOcspAnswer({
    responder,
    single: [{ certId: certIdOf(leaf, issuer.certificate), fact: GOOD }],
    producedAt: NOW,
    thisUpdate: NOW,
    nextUpdate: minutes(60),
    nonce: undefined,
    ...fields,
  });
const judge = (der: Uint8Array, nonce?: Uint8Array): OcspVerdict =>
  judgeOcspResponse(der, { certificate: leaf, issuer: issuer.certificate, now: NOW, nonce });

describe('answers', () => {
  test('good, revoked, not known', () => {
    expect(judge(answer())).toMatchObject({ state: 'answered', fact: { state: 'good' } });
    const certId = certIdOf(leaf, issuer.certificate);
    expect(judge(answer({ single: [{ certId, fact: REVOKED }] }))).toMatchObject({
      fact: { state: 'revoked', reason: 'keyCompromise', revokedAt: new Date('2026-02-01') },
    });
    expect(judge(answer({ single: [{ certId, fact: { state: 'unknown' } }] }))).toMatchObject({
      fact: { state: 'not-known' },
    });
  });

  test('of two answers about one certificate the worse counts', () => {
    const certId = certIdOf(leaf, issuer.certificate);
    const single = [
      { certId, fact: GOOD },
      { certId, fact: REVOKED },
    ];
    expect(judge(answer({ single }))).toMatchObject({ fact: { state: 'revoked' } });
  });

  test('the nonce: the same, none, another', () => {
    expect(judge(answer({ nonce: nonceOf(NONCE) }), NONCE).state).toBe('answered');
    expect(judge(answer(), NONCE).state).toBe('answered');
    expect(judge(answer({ nonce: nonceOf(NONCE.toReversed()) }), NONCE)).toEqual({
      state: 'refused',
      why: 'an answer to another question',
    });
  });

  const other = makeIssuer('issuer');
  const stranger = makeIssuer('stranger');
  test.each<[string, Partial<OcspAnswerFields>, string]>([
    ['another number', { single: [{ certId: certIdOf(leafOf(issuer, 4712n), issuer.certificate), fact: GOOD }] }, 'another certificate'],
    ['an issuer of the same name and another key', { single: [{ certId: certIdOf(leaf, other.certificate), fact: GOOD }] }, 'another certificate'],
    ['an issuer of another name', { single: [{ certId: certIdOf(leafOf(stranger), issuer.certificate), fact: GOOD }] }, 'another certificate'],
    ['nothing', { single: [] }, 'another certificate'],
    ['the past', { thisUpdate: minutes(-120), nextUpdate: minutes(-60) }, 'out of date'],
    ['long ago, without an end', { thisUpdate: minutes(-120), nextUpdate: undefined }, 'out of date'],
    ['the future', { thisUpdate: minutes(10) }, 'future'],
    ['a time of making in the future', { producedAt: minutes(10) }, 'future'],
    ['a responder of another issuer of that name', { responder: makeResponder(other, newEcKey(), EVER) }, 'did not name'],
    ['a responder that has ended', { responder: makeResponder(issuer, newEcKey(), { notBefore: minutes(-99), notAfter: minutes(-9) }) }, 'did not name'],
    ['a key that is not the responder’s', { responder: { ...responder, privateKey: newEcKey() } }, 'not genuine'],
    ['a certificate without the purpose', { responder: { ...responder, name: leaf.subject.der, der: leaf.der } }, 'did not name'],
  ])('refuses one of %s', (_, fields, why) => {
    expect(judge(answer(fields))).toEqual({ state: 'refused', why: expect.stringContaining(why) });
  }); // prettier-ignore

  test('clocks may differ by five minutes', () => {
    expect(judge(answer({ thisUpdate: minutes(4), producedAt: minutes(4) })).state).toBe(
      'answered',
    );
    expect(judge(answer({ thisUpdate: minutes(-60), nextUpdate: minutes(-4) })).state).toBe(
      'answered',
    );
  });

  test('statuses without an answer, and garbage', () => {
    for (const status of [1, 2, 3, 5, 6, 77]) {
      expect(judge(Uint8Array.of(0x30, 3, 0x0a, 1, status)).state).toBe('refused');
    }
    for (const bytes of [new Uint8Array(), Buffer.from('<html>'), Uint8Array.of(0x30, 0)]) {
      expect(judge(bytes)).toEqual({ state: 'refused', why: 'the answer cannot be read' });
    }
  });

  test('a changed byte never makes an answer of another kind, nor a crash', () => {
    const certId = certIdOf(leaf, issuer.certificate);
    const bytes = answer({ single: [{ certId, fact: REVOKED }] });
    const verdicts = new Set<string>();
    for (let at = 0; at < bytes.length; at += 1) {
      const verdict = judge(changeAt(bytes, at, 1 << (at % 8)));
      verdicts.add(verdict.state === 'answered' ? verdict.fact.state : verdict.state);
      expect(judge(bytes.subarray(0, at)).state).toBe('refused');
    }
    // A byte in the certificate of the responder that nothing depends on leaves the answer as it was.
    expect([...verdicts].filter((state) => state !== 'refused' && state !== 'revoked')).toEqual([]);
  });
});

describe('lists', () => {
  const fields = {
    revoked: [
      { serial: 4711n, at: new Date('2026-02-01T00:00:00Z'), reason: 1 },
      { serial: 4713n, at: new Date('2026-02-01T00:00:00Z'), reason: 8 },
    ],
    number: 7,
    thisUpdate: NOW,
    nextUpdate: minutes(60),
  };
  const bytes = writeCrl(issuer, fields);

  test('revoked, taken off, never on it', () => {
    const crl = parseCrl(bytes);
    expect(isCrlOf(crl, issuer.certificate)).toBe(true);
    expect(lookUp(crl, 4711n)).toMatchObject({ state: 'revoked', reason: 'keyCompromise' });
    expect(lookUp(crl, 4713n)).toEqual({ state: 'good' });
    expect(lookUp(crl, 4712n)).toEqual({ state: 'good' });
    expect(lookUp(parseCrl(writeCrl(issuer, { ...fields, revoked: [] })), 4711n)).toEqual({
      state: 'good',
    });
  });

  test('of somebody else, or of an issuer that may not sign lists', () => {
    const crl = parseCrl(bytes);
    expect(isCrlOf(crl, makeIssuer('issuer').certificate)).toBe(false);
    expect(isCrlOf(crl, makeIssuer('other').certificate)).toBe(false);
    expect(isCrlOf(crl, { ...issuer.certificate, keyUsage: 0x04 })).toBe(false);
  });

  test('a changed byte is never believed, nor a crash', () => {
    for (let at = 0; at < bytes.length; at += 1) {
      for (const changed of [changeAt(bytes, at, 1 << (at % 8)), bytes.subarray(0, at)]) {
        try {
          expect(isCrlOf(parseCrl(changed), issuer.certificate)).toBe(false);
        } catch (error) {
          expect(error).toBeInstanceOf(TopazError);
        }
      }
    }
  });
});

describe('certificates', () => {
  test('say where to ask; what cannot be read counts as absent', () => {
    expect(leaf.ocspUrls).toEqual(['http://ocsp.example.test/']);
    expect(leaf.crlUrls).toEqual(['http://crl.example.test/a.crl']);
    const odd = parseCertificate(
      makeCertificate({
        extensions: [
          sequence(oid('1.3.6.1.5.5.7.1.1'), octetString(Uint8Array.of(1, 2, 3))),
          crlUrlExtension('ldap://crl.example.test/'),
        ],
      }),
    );
    expect(odd.ocspUrls).toEqual([]);
    expect(odd.crlUrls).toEqual([]);
    const responderCertificate = parseCertificate(responder.der);
    expect(responderCertificate.ocspNoCheck).toBe(true);
    expect(responderCertificate.extendedKeyUsage).toEqual(['1.3.6.1.5.5.7.3.9']);
  });

  test('with a changed byte: refused, or without a path, and never a crash', () => {
    for (let at = 0; at < leaf.der.length; at += 1) {
      for (const changed of [changeAt(leaf.der, at, 1 << (at % 8)), leaf.der.subarray(0, at)]) {
        try {
          const path = buildPath(parseCertificate(changed), [], [issuer.certificate], NOW);
          expect(path).toBeUndefined();
        } catch (error) {
          expect(error).toBeInstanceOf(TopazError);
        }
      }
    }
  });
});
