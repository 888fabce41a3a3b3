/** Distinguished names: DER order, comparing, and the texts of openssl and Java. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { bitString, oid, sequence, set, utf8String } from '../../src/der/writer.js';
import {
  attributeValue,
  attributeValues,
  encodeName,
  formatRfc1779,
  formatRfc2253,
  namesEqual,
  parseDistinguishedName,
  parseName,
} from '../../src/x509/name.js';
import type { Attribute } from '../../src/x509/name.js';
import { certificateOf } from '../keystore/fixtures.js';
import { hasProgram } from '../support/tools.js';

const C = '2.5.4.6';
const O = '2.5.4.10';
const OU = '2.5.4.11';
const CN = '2.5.4.3';

const nameOf = (...attributes: [string, string][]) =>
  parseName(encodeName(attributes.map(([type, value]) => ({ type, value }))));

const HOLDER: [string, string][] = [
  [C, 'BE'],
  [O, 'Federal Government'],
  [OU, 'SSIN=79021599732'],
  [OU, 'JEAN EXEMPLE'],
  [OU, 'eHealth-platform Belgium'],
  [CN, 'SSIN=79021599732'],
];

const folder = mkdtempSync(join(tmpdir(), 'topaz-name-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('reading and writing', () => {
  test('keeps DER order and the bytes', () => {
    const der = encodeName(HOLDER.map(([type, value]) => ({ type, value })));
    const name = parseName(der);

    expect(Buffer.from(name.der)).toEqual(Buffer.from(der));
    expect(name.rdns.map(([first]) => [first!.type, first!.value])).toEqual(HOLDER);
    expect(attributeValue(name, OU)).toBe('SSIN=79021599732');
    expect(attributeValues(name, OU)).toHaveLength(3);
    expect(attributeValue(name, '2.5.4.5')).toBeUndefined();
  });

  test('PrintableString where it fits, UTF8String for an underscore or an accent', () => {
    const tagOf = (value: string): number => {
      const der = encodeName([{ type: CN, value }]);
      return der[der.length - Buffer.byteLength(value) - 2]!;
    };
    expect(tagOf('NIHII-GROUP=94499180, APP')).toBe(0x13);
    expect(tagOf('NIHII-GROUP_DOCTORS=12345678')).toBe(0x0c);
    expect(tagOf('Émile')).toBe(0x0c);
  });

  test('e-mail addresses are IA5String', () => {
    const der = encodeName([{ type: '1.2.840.113549.1.9.1', value: 'jean@exemple.test' }]);
    expect(der[der.length - 'jean@exemple.test'.length - 2]).toBe(0x16);
  });

  test('a value that is no text is shown as its encoding', () => {
    const right = sequence(set(sequence(oid(CN), bitString(Uint8Array.of(0xff)))));
    expect(attributeValue(parseName(right), CN)).toBe('#030200ff');
  });

  test.each([
    ['3000', true, 'the empty name'],
    ['30023100', false, 'an empty RDN'],
    ['3009310730050603550403', false, 'an attribute without a value'],
    ['3104300206035504', false, 'not a sequence'],
    ['', false, 'nothing'],
    ['300c310a3008060355040313014100', false, 'bytes after the end'],
  ])('%s', (hex, fine) => {
    const read = (): unknown => parseName(Buffer.from(hex, 'hex'));
    if (fine) {
      expect(read()).toMatchObject({ rdns: [] });
    } else {
      expect(read).toThrow(expect.objectContaining({ code: 'E_ASN1_MALFORMED' }));
    }
  });
});

describe('namesEqual', () => {
  test('case, kind of string and number of spaces do not count', () => {
    const utf8 = parseName(sequence(set(sequence(oid(CN), utf8String('jean   9 ')))));
    expect(namesEqual(utf8, nameOf([CN, 'JEAN 9']))).toBe(true);
  });

  test.each([
    [
      'another value',
      [
        [C, 'BE'],
        [CN, 'a'],
      ],
      [
        [C, 'BE'],
        [CN, 'b'],
      ],
    ],
    [
      'another order',
      [
        [C, 'BE'],
        [CN, 'a'],
      ],
      [
        [CN, 'a'],
        [C, 'BE'],
      ],
    ],
    [
      'one more',
      [[C, 'BE']],
      [
        [C, 'BE'],
        [CN, 'a'],
      ],
    ],
    ['another type', [[OU, 'a']], [[CN, 'a']]],
  ] as [string, [string, string][], [string, string][]][])('%s counts', (_, a, b) => {
    expect(namesEqual(nameOf(...a), nameOf(...b))).toBe(false);
  });
});

describe('as text', () => {
  test('RFC 1779 as measured with Java, for both kinds of certificates', () => {
    expect(formatRfc1779(nameOf(...HOLDER))).toBe(
      'CN="SSIN=79021599732", OU=eHealth-platform Belgium, OU=JEAN EXEMPLE, OU="SSIN=79021599732", O=Federal Government, C=BE',
    );
    expect(formatRfc1779(certificateOf('citizen').subject)).toBe(
      'OID.2.5.4.5=79021599732, OID.2.5.4.42=Jean Albert, OID.2.5.4.4=Exemple, CN=Jean Exemple (Authentication), C=BE',
    );
  });

  const trying: string[] = [
    'a,b',
    'a+b',
    'a=b',
    'a#b',
    'a"b',
    'a  b',
    'a<b>',
    'a;b',
    'a\\b',
    ' a',
    'a ',
    "l'été",
    'a b',
    'a.b-c(d)/e:f?',
    'x',
  ];

  const judge = hasProgram('javac', { required: false }) ? test : test.skip;
  judge('RFC 1779 is what Java writes', () => {
    const source = join(folder, 'Judge.java');
    writeFileSync(
      source,
      `import java.util.*; import javax.security.auth.x500.X500Principal;
       public class Judge { public static void main(String[] a) throws Exception {
         java.io.PrintStream out = new java.io.PrintStream(System.out, true, "UTF-8");
         for (String h : a) out.println(new X500Principal(HexFormat.of().parseHex(h)).getName("RFC1779"));
       } }`,
    );
    const names = [
      nameOf(...HOLDER),
      certificateOf('citizen').subject,
      certificateOf('labo').subject,
      ...trying.map((value) =>
        nameOf([C, 'BE'], [CN, value], ['1.2.840.113549.1.9.1', 'a@b.test']),
      ),
      nameOf([C, 'BE'], ['2.5.4.7', 'Brussels'], ['2.5.4.8', 'BRU'], ['2.5.4.9', 'rue 1']),
      nameOf(['0.9.2342.19200300.100.1.1', 'uid'], ['2.5.4.12', 'title']),
    ];
    const args = names.map(({ der }) => Buffer.from(der).toString('hex'));
    const out = execFileSync('java', [source, ...args], { encoding: 'utf8' });

    expect(names.map(formatRfc1779)).toEqual(out.trimEnd().split('\n'));
  });

  const openssl = hasProgram('openssl', { required: false }) ? test : test.skip;
  openssl('RFC 2253 is what openssl writes', () => {
    for (const name of ['citizen', 'doctor', 'labo', 'ehealth-ca']) {
      const out = execFileSync(
        'openssl',
        ['x509', '-in', `fixtures/pki/${name}.crt`, '-noout', '-subject', '-nameopt', 'RFC2253'],
        { encoding: 'utf8' },
      );
      expect(`subject=${formatRfc2253(certificateOf(name).subject)}`).toBe(out.trim());
    }
  });
});

describe('parseDistinguishedName', () => {
  test.each([
    ['escaped', 'CN=SSIN\\=79021599732,OU=eHealth-platform Belgium,OU=JEAN EXEMPLE,OU=SSIN\\=79021599732,O=Federal Government,C=BE'], // prettier-ignore
    ['as it comes', 'CN=SSIN=79021599732,OU=eHealth-platform Belgium,OU=JEAN EXEMPLE,OU=SSIN=79021599732,O=Federal Government,C=BE'], // prettier-ignore
    ['with spaces', 'CN = SSIN=79021599732 , OU=eHealth-platform Belgium, OU=JEAN EXEMPLE, OU="SSIN=79021599732", O=Federal Government, C=BE'], // prettier-ignore
    ['by numbers', '2.5.4.3=SSIN=79021599732,oid.2.5.4.11=eHealth-platform Belgium,ou=JEAN EXEMPLE,OU=SSIN=79021599732,o=Federal Government,c=BE'], // prettier-ignore
  ])('a contract, %s', (_, text) => {
    expect(parseDistinguishedName(text).map(({ type, value }) => [type, value])).toEqual(HOLDER);
  });

  test.each([
    ['CN=a\\, b', 'a, b'],
    ['CN=a\\C3\\A9', 'aé'],
    ['CN=a\\ ', 'a '],
    ['CN="a, b"', 'a, b'],
    ['CN=A + B', 'A + B'],
    ['CN=NIHII-LABO\\=71234523\\, LABO_1', 'NIHII-LABO=71234523, LABO_1'],
  ])('%s', (text, value) => {
    expect(parseDistinguishedName(text)).toEqual([{ type: CN, value }]);
  });

  test.each([
    ['', 'nothing'],
    ['CN', 'no value'],
    ['CN=', 'an empty value'],
    ['CN=a,,C=BE', 'an empty part'],
    ['CN=a,', 'a comma at the end'],
    ['XYZ=a', 'an unknown type'],
    ['=a', 'no type'],
    ['CN="a', 'an open quote'],
    ['CN=a\\', 'an escape cut off'],
    ['CN=a\\FF', 'an escape that is no UTF-8'],
    ['CN=a+OU=b', 'two attributes in one part'],
    ['9.9=a', 'no object identifier'],
  ])('refuses %s (%s)', (text) => {
    expect(() => parseDistinguishedName(text)).toThrow(
      expect.objectContaining({ code: 'E_REPLY_INVALID' }),
    );
  });

  test('reads back what formatRfc2253 writes', () => {
    const types = [C, O, OU, CN, '2.5.4.5', '2.5.4.42', '1.2.3.4'];
    const value = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      // A text that looks like an encoding is shown as one: nothing that a name holds.
      .filter((text) => text.trim() !== '' && !/^#([0-9a-f]{2})+$/.test(text));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...types), value), { minLength: 1, maxLength: 6 }),
        (attributes) => {
          const name = nameOf(...attributes);
          const read = parseDistinguishedName(formatRfc2253(name));
          expect(namesEqual(parseName(encodeName(read as Attribute[])), name)).toBe(true);
        },
      ),
      { seed: 20260301, numRuns: 300 },
    );
  });
});
