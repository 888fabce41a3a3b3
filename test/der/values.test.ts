/** Values in ASN.1: what is written reads back; what is of another form is refused. */

import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, sign, verify } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { derToRawSignature, rawToDerSignature } from '../../src/der/ecdsa.js';
import { readBer, readDer } from '../../src/der/reader.js';
import {
  expectTag,
  isContext,
  isType,
  readBits,
  readBitString,
  readBoolean,
  readInteger,
  readOctetString,
  readOid,
  readSequence,
  readSet,
  readSmallInteger,
  readText,
  readTime,
  stringBytes,
} from '../../src/der/values.js';
import {
  bitString,
  bmpString,
  booleanValue,
  concat,
  context,
  contextPrimitive,
  generalizedTime,
  ia5String,
  integer,
  isPrintable,
  nullValue,
  octetString,
  oid,
  printableString,
  sequence,
  set,
  setOf,
  time,
  tlv,
  unsignedInteger,
  utcTime,
  utf8String,
} from '../../src/der/writer.js';
import { hasProgram } from '../support/tools.js';

const hex = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text.replace(/ /g, ''), 'hex'));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const malformed = expect.objectContaining({ code: 'E_ASN1_MALFORMED' });
const internal = expect.objectContaining({ code: 'E_INTERNAL' });
const SEED = { seed: 20260301, numRuns: 500 };

describe('integers', () => {
  test.each([
    [0n, '020100'],
    [127n, '02017f'],
    [128n, '02020080'],
    [-1n, '0201ff'],
    [-128n, '020180'],
    [-129n, '0202ff7f'],
    [1n << 64n, '0209010000000000000000'],
  ])('%s is %s', (value, encoded) => {
    expect(toHex(integer(value))).toBe(encoded);
    expect(readInteger(readDer(hex(encoded)))).toBe(value);
  });

  test('any integer reads back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(1n << 200n), max: 1n << 200n }), (value) => {
        expect(readInteger(readDer(integer(value)))).toBe(value);
      }),
      SEED,
    );
  });

  test.each([
    ['00000005', 5n],
    ['', 0n],
    ['00', 0n],
    ['ff', 255n],
    ['0080', 128n],
  ])('unsigned %s is %s', (bytes, value) => {
    expect(readInteger(readDer(unsignedInteger(hex(bytes))))).toBe(value);
  });

  test.each([
    ['0200', 'empty'],
    ['02020005', 'a leading zero too many'],
    ['0202ffff', 'a leading FF too many'],
    ['040105', 'another type'],
    ['820105', 'another class'],
  ])('refuses %s (%s)', (encoded) => {
    expect(() => readInteger(readDer(hex(encoded)))).toThrow(malformed);
  });

  test('small ones', () => {
    expect(readSmallInteger(readDer(integer(0x7fffffff)))).toBe(0x7fffffff);
    for (const value of [-1n, 1n << 31n, 1n << 70n]) {
      expect(() => readSmallInteger(readDer(integer(value)))).toThrow(malformed);
    }
  });

  test('an integer of five thousand bytes', () => {
    expect(() => readInteger(readDer(tlv(2, new Uint8Array(5000).fill(1))))).toThrow(malformed);
  });
});

describe('object identifiers', () => {
  test.each([
    ['2.5.4.3', '0603550403'],
    ['1.2.840.113549.1.1.11', '06092a864886f70d01010b'],
    ['0.9.2342.19200300.100.1.1', '060a0992268993f22c640101'],
    ['2.999', '06028837'],
    ['1.39', '06014f'],
    ['2.25.61789501858954320804452632149854162969', undefined],
  ])('%s', (dotted, encoded) => {
    expect(readOid(readDer(oid(dotted)))).toBe(dotted);
    if (encoded !== undefined) {
      expect(toHex(oid(dotted))).toBe(encoded);
    }
  });

  const openssl = hasProgram('openssl', { required: false }) ? test : test.skip;
  openssl('openssl reads ours', () => {
    const out = execFileSync('openssl', ['asn1parse', '-inform', 'DER', '-oid', '/dev/null'], {
      input: sequence(
        oid('1.2.840.113549.1.1.11'),
        oid('2.999.1'),
        integer(-129n),
        utf8String('é'),
      ),
      encoding: 'utf8',
    });
    expect(out).toContain('sha256WithRSAEncryption');
    expect(out).toContain(':2.999.1');
    expect(out).toContain(':-81');
  });

  test.each([
    ['0600', 'empty'],
    ['06025580', 'cut off'],
    ['0603558003', 'a leading zero in an arc'],
    ['06' + '8182' + '55'.repeat(130), 'too long'],
    ['0d0101', 'another type'],
  ])('refuses %s (%s)', (encoded) => {
    expect(() => readOid(readDer(hex(encoded)))).toThrow(malformed);
  });

  test.each(['', '1', '3.1', '1.02', '1.2.', 'x', '1.-2'])('does not write %j', (dotted) => {
    expect(() => oid(dotted)).toThrow(internal);
  });
});

describe('strings', () => {
  test('octets, whole and in pieces', () => {
    expect(toHex(readOctetString(readDer(octetString(hex('0102')))))).toBe('0102');
    expect(toHex(readOctetString(readBer(hex('2480 0401 01 2404 0402 0203 0000'))))).toBe('010203');
    expect(toHex(stringBytes(readBer(hex('a080 0401 01 0401 02 0000'))))).toBe('0102');
    expect(() => readOctetString(readBer(hex('2480 0201 01 0000')))).toThrow(malformed);
  });

  test('bits', () => {
    expect(readBits(readDer(bitString(hex('a0'), 5)))).toMatchObject({ unused: 5 });
    expect(toHex(readBitString(readDer(bitString(hex('0102')))))).toBe('0102');
    expect(readBits(readBer(hex('2380 0302 0001 0302 0402 0000')))).toEqual({
      unused: 4,
      bytes: hex('0102'),
    });
    for (const encoded of ['0300', '030108', '030101', '030205ff04']) {
      expect(() => readBitString(readDer(hex(encoded)))).toThrow(malformed);
    }
    expect(() => readBitString(readDer(bitString(hex('a0'), 5)))).toThrow(malformed);
    expect(() => readBits(readBer(hex('2380 0302 0401 0302 0002 0000')))).toThrow(malformed);
  });

  test.each([
    ['utf8', utf8String('é€😀'), 'é€😀'],
    ['printable', printableString('CN=a, b'), 'CN=a, b'],
    ['ia5', ia5String('a@b.test'), 'a@b.test'],
    ['bmp', bmpString('é€'), 'é€'],
    ['t61 as Latin-1', tlv(0x14, hex('e9')), 'é'],
    ['visible', tlv(0x1a, hex('61')), 'a'],
    ['numeric', tlv(0x12, hex('31')), '1'],
  ])('%s text', (_, der, text) => {
    expect(readText(readDer(der))).toBe(text);
  });

  test.each([
    ['0c01ff', 'UTF-8 that is none'],
    ['0c02c080', 'an overlong form'],
    ['1e0161', 'half a character'],
    ['1301e9', 'an accent in PrintableString'],
    ['1601e9', 'an accent in IA5String'],
    ['040161', 'bytes'],
    ['800161', 'another class'],
  ])('refuses %s (%s)', (encoded) => {
    expect(() => readText(readDer(hex(encoded)))).toThrow(malformed);
  });

  test('a byte order mark is text, not a mark', () => {
    expect(readText(readDer(utf8String('\ufeffa')))).toBe('\ufeffa');
  });

  test('what does not fit is not written', () => {
    expect(isPrintable('a_b')).toBe(false);
    expect(() => printableString('a_b')).toThrow(internal);
    expect(() => ia5String('é')).toThrow(internal);
  });
});

describe('times', () => {
  test.each([
    ['1950-01-01T00:00:00Z', 0x17],
    ['2049-12-31T23:59:59Z', 0x17],
    ['2050-01-01T00:00:00Z', 0x18],
    ['1949-12-31T23:59:59Z', 0x18],
    ['2024-02-29T12:00:00Z', 0x17],
  ])('%s', (iso, tag) => {
    const der = time(new Date(iso));
    expect(der[0]).toBe(tag);
    expect(readTime(readDer(der))).toEqual(new Date(iso));
  });

  test('any second of two thousand years', () => {
    const date = fc.date({
      min: new Date('1000-01-01T00:00:00Z'),
      max: new Date('2999-12-31T23:59:59Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(date, (value) => {
        const whole = new Date(Math.floor(value.getTime() / 1000) * 1000);
        expect(readTime(readDer(time(value)))).toEqual(whole);
        expect(readTime(readDer(generalizedTime(value)))).toEqual(whole);
      }),
      SEED,
    );
  });

  test('UTCTime without seconds, GeneralizedTime with a fraction', () => {
    expect(readTime(readDer(tlv(0x17, Buffer.from('2602281200Z'))))).toEqual(
      new Date('2026-02-28T12:00:00Z'),
    );
    expect(readTime(readDer(tlv(0x18, Buffer.from('20260228120000.5Z'))))).toEqual(
      new Date('2026-02-28T12:00:00.500Z'),
    );
  });

  test.each([
    [0x17, '260230120000Z'],
    [0x17, '261301120000Z'],
    [0x17, '260001120000Z'],
    [0x17, '260228240000Z'],
    [0x17, '260228126000Z'],
    [0x17, '260228120060Z'],
    [0x17, '260228120000'],
    [0x17, '260228120000+0100'],
    [0x17, '20260228120000Z'],
    [0x18, '260228120000Z'],
    [0x18, '20260229120000Z'],
    [0x18, '20260228120000'],
    [0x17, ''],
    [0x13, '260228120000Z'],
  ])('refuses %i %s', (tag, text) => {
    expect(() => readTime(readDer(tlv(tag, Buffer.from(text))))).toThrow(malformed);
  });

  test('a year outside UTCTime is not written as one', () => {
    expect(() => utcTime(new Date('2050-01-01T00:00:00Z'))).toThrow(internal);
  });
});

describe('the rest', () => {
  test('booleans', () => {
    expect(readBoolean(readDer(booleanValue(true)))).toBe(true);
    expect(readBoolean(readDer(booleanValue(false)))).toBe(false);
    for (const encoded of ['010101', '0100', '0102ffff']) {
      expect(() => readBoolean(readDer(hex(encoded)))).toThrow(malformed);
    }
  });

  test('sequences, sets and what is missing', () => {
    expect(readSequence(readDer(sequence(nullValue())))).toHaveLength(1);
    expect(readSet(readDer(set(nullValue(), nullValue())))).toHaveLength(2);
    expect(() => readSequence(readDer(set()))).toThrow(malformed);
    expect(() => readSet(undefined)).toThrow(malformed);
    expect(() => expectTag(undefined, 'NULL')).toThrow(malformed);
    expect(isType(undefined, 'NULL')).toBe(false);
    expect(isContext(readDer(context(1, nullValue())), 1)).toBe(true);
    expect(isContext(readDer(contextPrimitive(1, hex('00'))), 2)).toBe(false);
  });

  test('a SET OF is sorted by its bytes', () => {
    const sorted = setOf(octetString(hex('02')), integer(1), octetString(hex('01')), integer(0));
    expect(toHex(sorted)).toBe('310c' + '020100' + '020101' + '040101' + '040102');
  });

  test.each([0, 127, 128, 255, 256, 65_535, 65_536])('a content of %i bytes', (length) => {
    const der = tlv(4, new Uint8Array(length));
    expect(readDer(der).content).toHaveLength(length);
  });

  test('concat copies', () => {
    const part = hex('01');
    const whole = concat(part, part);
    part[0] = 9;
    expect(toHex(whole)).toBe('0101');
    expect(concat()).toHaveLength(0);
  });
});

describe('ECDSA signatures', () => {
  test.each([
    ['P-256', 32],
    ['P-384', 48],
    ['P-521', 66],
  ])('%s, both ways', (namedCurve, size) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
    const data = Buffer.from('signed');
    for (let round = 0; round < 20; round += 1) {
      const der = sign('sha256', data, privateKey);
      const raw = derToRawSignature(der, size);
      expect(raw).toHaveLength(2 * size);
      expect(verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, raw)).toBe(true);
      expect(toHex(rawToDerSignature(raw))).toBe(toHex(der));
    }
  });

  test('what is none', () => {
    for (const raw of [hex(''), hex('010203')]) {
      expect(() => rawToDerSignature(raw)).toThrow(malformed);
    }
    const pair = (r: bigint, s: bigint): Uint8Array => sequence(integer(r), integer(s));
    for (const der of [
      pair(0n, 1n),
      pair(1n, -1n),
      pair(1n << 256n, 1n),
      sequence(integer(1)),
      sequence(integer(1), integer(1), integer(1)),
      Buffer.concat([pair(1n, 1n), Buffer.of(0)]),
    ]) {
      expect(() => derToRawSignature(der, 32)).toThrow(malformed);
    }
  });
});
