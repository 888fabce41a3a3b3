/** Paths to a root: by name and signature, through CAs only. */

import { describe, expect, test } from '@jest/globals';

import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  keyUsageExtension,
} from '../../src/x509/build.js';
import { parseCertificate } from '../../src/x509/certificate.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { buildEncryptionPath, buildPath } from '../../src/x509/chain.js';
import { certificateOf } from '../keystore/fixtures.js';
import { makeCertificate, named, newEcKey, publicKeyInfoOf } from './make.js';

const NOW = new Date('2026-03-01T12:00:00Z');
const root = certificateOf('root');
const ca = certificateOf('ehealth-ca');
const doctor = certificateOf('doctor');
const all = [certificateOf('citizen-ca'), ca, certificateOf('other-root'), root, doctor];

const pathOf = (leaf: Certificate, at = NOW): readonly Certificate[] | undefined =>
  buildPath(leaf, all, [root], at);

describe('buildPath', () => {
  test('leaf, CA, root, whatever the order of the candidates', () => {
    expect(pathOf(doctor)).toEqual([doctor, ca, root]);
    expect(buildPath(doctor, all.toReversed(), [root], NOW)).toEqual([doctor, ca, root]);
    expect(pathOf(certificateOf('citizen'))).toHaveLength(3);
  });

  test('a certificate that is trusted itself is its own path', () => {
    expect(buildPath(doctor, [], [doctor], NOW)).toEqual([doctor]);
    expect(buildPath(root, [], [root], NOW)).toEqual([root]);
  });

  test.each([
    ['expired', 'outside its validity'],
    ['unknown-issuer', 'signed by another root of the same name'],
    ['leaf-issued', 'issued by a certificate that is no CA'],
    ['unknown-critical', 'with a critical extension that nobody knows'],
    ['doctor-encryption', 'issuer = subject, signed by the authentication key'],
    ['other-root', 'a root that is not trusted'],
  ])('refuses %s (%s)', (name) => {
    expect(pathOf(certificateOf(name))).toBeUndefined();
  });

  test('the usage of the leaf is the affair of the caller', () => {
    expect(pathOf(certificateOf('wrong-usage'))).toHaveLength(3);
  });

  test('every certificate of the path is valid at the moment', () => {
    expect(pathOf(doctor, new Date('2024-12-31T23:59:59Z'))).toBeUndefined();
    expect(pathOf(doctor, new Date('2025-01-01T00:00:00Z'))).toHaveLength(3);
    expect(pathOf(doctor, new Date('2035-01-01T00:00:00.900Z'))).toHaveLength(3);
    expect(pathOf(doctor, new Date('2035-01-01T00:00:01Z'))).toBeUndefined();
    expect(pathOf(certificateOf('expired'), new Date('2022-01-01T00:00:00Z'))).toHaveLength(3);
  });

  test('without the CA, and without a root', () => {
    expect(buildPath(doctor, [], [root], NOW)).toBeUndefined();
    expect(buildPath(doctor, all, [], NOW)).toBeUndefined();
    expect(buildPath(doctor, all, [certificateOf('other-root')], NOW)).toBeUndefined();
  });
});

describe('buildEncryptionPath', () => {
  const encryption = certificateOf('doctor-encryption');

  test('by name and key: through the holder’s authentication certificate', () => {
    expect(buildEncryptionPath(encryption, all, [root], NOW)).toEqual([
      encryption,
      doctor,
      ca,
      root,
    ]);
  });

  test('not without that certificate, nor when it has no path, nor outside the dates', () => {
    const others = all.filter((entry) => entry !== doctor);
    expect(buildEncryptionPath(encryption, others, [root], NOW)).toBeUndefined();
    expect(buildEncryptionPath(encryption, [encryption], [root], NOW)).toBeUndefined();
    expect(buildEncryptionPath(encryption, [doctor], [root], NOW)).toBeUndefined();
    expect(
      buildEncryptionPath(encryption, all, [root], new Date('2050-01-01T00:00:00Z')),
    ).toBeUndefined();
  });

  test('is nothing for a certificate that a CA issued', () => {
    expect(buildEncryptionPath(doctor, all, [root], NOW)).toBeUndefined();
    expect(buildEncryptionPath(ca, all, [root], NOW)).toBeUndefined();
  });
});

describe('made-up chains', () => {
  interface Made {
    readonly certificate: Certificate;
    readonly key: ReturnType<typeof newEcKey>;
  }
  const make = (
    name: string,
    issuer: Made | undefined,
    extensions: readonly Uint8Array[],
  ): Made => {
    const key = newEcKey();
    const der = makeCertificate(
      {
        subject: named(name),
        issuer: issuer?.certificate.subject.der ?? named(name),
        publicKeyInfo: publicKeyInfoOf(key),
        extensions,
      },
      { key, issuerKey: issuer?.key ?? key },
    );
    return { certificate: parseCertificate(der), key };
  };
  const CA = basicConstraintsExtension(true);
  const top = make('top', undefined, [CA]);

  const found = (leaf: Made, ...between: Made[]): boolean =>
    buildPath(
      leaf.certificate,
      between.map(({ certificate }) => certificate),
      [top.certificate],
      NOW,
    ) !== undefined;

  test('a path length is counted', () => {
    const first = make('first', top, [basicConstraintsExtension(true, { pathLength: 0 })]);
    const second = make('second', first, [CA]);
    expect(found(make('leaf', first, []), first)).toBe(true);
    expect(found(make('leaf', second, []), first, second)).toBe(false);
  });

  test('a CA whose key usage is not for certificates', () => {
    const wrong = make('ca', top, [CA, keyUsageExtension(0x80)]);
    const right = make('ca', top, [CA, keyUsageExtension(0x06)]);
    expect(found(make('leaf', wrong, []), wrong)).toBe(false);
    expect(found(make('leaf', right, []), wrong, right)).toBe(true);
  });

  test('an issuer that does not say that it is a CA', () => {
    const bare = make('bare', top, []);
    const denying = make('denying', top, [basicConstraintsExtension(false)]);
    expect(found(make('leaf', bare, []), bare)).toBe(false);
    expect(found(make('leaf', denying, []), denying)).toBe(false);
  });

  test('the right key under another name', () => {
    const ca = make('ca', top, [CA]);
    const key = newEcKey();
    const leaf = parseCertificate(
      makeCertificate(
        { subject: named('leaf'), issuer: named('another ca') },
        { key, issuerKey: ca.key },
      ),
    );
    expect(found({ certificate: leaf, key }, ca)).toBe(false);
  });

  test('a wrong authority key identifier is only a hint: the signature decides', () => {
    const leaf = make('leaf', top, [authorityKeyIdentifierExtension(Uint8Array.of(1, 2, 3))]);
    expect(found(leaf)).toBe(true);
  });

  test('a CA of the right name with another key is passed over', () => {
    const real = make('ca', top, [CA]);
    const fake = make('ca', top, [CA]);
    expect(found(make('leaf', real, []), fake, real)).toBe(true);
    expect(found(make('leaf', real, []), fake)).toBe(false);
  });

  test('circles end', () => {
    const a = make('a', undefined, [CA]);
    const b = make('b', a, [CA]);
    const key = a.key;
    const again = parseCertificate(
      makeCertificate(
        {
          subject: named('a'),
          issuer: named('b'),
          publicKeyInfo: publicKeyInfoOf(key),
          extensions: [CA],
        },
        { key, issuerKey: b.key },
      ),
    );
    expect(found(make('leaf', b, []), b, { certificate: again, key })).toBe(false);
  });

  test('a pile of CAs with one name costs a bounded number of checks', () => {
    const pile = Array.from({ length: 200 }, () => make('ca', top, [CA]));
    const leaf = make('leaf', make('ca', top, [CA]), []);
    const start = performance.now();
    expect(found(leaf, ...pile)).toBe(false);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
