/** The ASN.1 reader: DER and nothing else where it is strict, BER where it is tolerant, never past the end. */

import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { readBer, readDer } from '../../src/der/reader.js';
import type { DerNode } from '../../src/der/reader.js';
import {
  context,
  integer,
  octetString,
  sequence,
  setOf,
  tlv,
  utf8String,
} from '../../src/der/writer.js';
import { parsePem } from '../../src/x509/pem.js';

const hex = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text.replace(/ /g, ''), 'hex'));
const malformed = expect.objectContaining({ code: 'E_ASN1_MALFORMED' });
const SEED = { seed: 20260301, numRuns: 500 };

describe('strict', () => {
  test('views on the input, with the bytes of every element', () => {
    const input = hex('30 08 02 01 05 04 03 61 62 63');
    const node = readDer(input);

    expect(node).toMatchObject({ tagClass: 0, tag: 16, constructed: true });
    expect(node.bytes.buffer).toBe(input.buffer);
    expect(node.children.map(({ tag }) => tag)).toEqual([2, 4]);
    expect(Buffer.from(node.children[1]!.content).toString()).toBe('abc');
    expect(Buffer.from(node.children[1]!.bytes).toString('hex')).toBe('0403616263');
  });

  test.each([
    ['a1 03 02 01 05', 2, 1],
    ['81 01 05', 2, 1],
    ['9f 1f 01 05', 2, 31],
    ['bf 87 68 03 02 01 05', 2, 1000],
    ['5f ff ff ff 7f 00', 1, 0x0fffffff],
    ['c1 00', 3, 1],
  ])('tag %s', (input, tagClass, tag) => {
    expect(readDer(hex(input))).toMatchObject({ tagClass, tag });
  });

  test.each([
    ['', 'nothing'],
    ['30', 'no length'],
    ['30 01', 'no content'],
    ['30 03 02 01', 'cut off inside'],
    ['02 01 05 00', 'a byte after the end'],
    ['30 80 02 01 05 00 00', 'an indefinite length'],
    ['02 81 01 05', 'a length in two bytes that fits one'],
    ['02 82 00 80' + '00'.repeat(128), 'a length with a leading zero'],
    ['02 80 05 00 00', 'an indefinite primitive'],
    ['04 84 ff ff ff ff', 'four gigabytes'],
    ['04 85 01 00 00 00 00', 'a length in five bytes'],
    ['04 ff', 'a reserved length'],
    ['1f 1e 00', 'a long tag for a short number'],
    ['1f 80 1f 00', 'a tag number with a leading zero'],
    ['1f ff ff ff ff ff 7f 00', 'a tag number too large'],
    ['1f 81', 'a tag cut off'],
    ['00 00', 'an end mark alone'],
    ['10 00', 'a primitive SEQUENCE'],
    ['11 00', 'a primitive SET'],
    ['22 03 02 01 05', 'a constructed INTEGER'],
    ['24 03 04 01 05', 'an OCTET STRING in pieces'],
    ['23 04 03 02 00 05', 'a BIT STRING in pieces'],
    ['2c 03 0c 01 61', 'a text in pieces'],
    ['30 04 02 03 01 02', 'a child beyond its parent'],
    ['30 02 02 01 05', 'a parent that ends inside its child'],
  ])('refuses %s (%s)', (input) => {
    expect(() => readDer(hex(input))).toThrow(malformed);
  });

  test('a real certificate, and each of its beginnings', () => {
    const [der] = parsePem(readFileSync('fixtures/pki/doctor.crt', 'utf8'), 'CERTIFICATE');
    expect(readDer(der!).children).toHaveLength(3);
    for (let length = 0; length < der!.length; length += 11) {
      expect(() => readDer(der!.subarray(0, length))).toThrow(malformed);
    }
  });
});

describe('tolerant', () => {
  test.each([
    ['30 80 02 01 05 00 00', 'an indefinite length'],
    ['30 80 30 80 00 00 00 00', 'one inside another'],
    ['02 81 01 05', 'a longer length'],
    ['02 82 00 01 05', 'a length with leading zeros'],
    ['24 80 04 01 61 04 01 62 00 00', 'a string in pieces'],
    ['24 06 04 01 61 04 01 62', 'a string in pieces of known length'],
    ['a0 80 00 00', 'an empty context element'],
  ])('reads %s (%s)', (input) => {
    expect(Buffer.from(readBer(hex(input)).bytes)).toEqual(Buffer.from(hex(input)));
  });

  test('content and bytes of an indefinite length', () => {
    const node = readBer(hex('30 80 02 01 05 00 00'));
    expect(Buffer.from(node.content).toString('hex')).toBe('020105');
    expect(Buffer.from(node.bytes).toString('hex')).toBe('30800201050000');
  });

  test('bytes after the element only where they are allowed', () => {
    expect(() => readBer(hex('02 01 05 ff'))).toThrow(malformed);
    expect(readBer(hex('02 01 05 ff'), { trailing: true }).bytes).toHaveLength(3);
  });

  test.each([
    ['30 80 02 01 05', 'no end mark'],
    ['30 80 02 01 05 00', 'half an end mark'],
    ['30 04 00 00 02 00', 'an end mark in a definite length'],
    ['04 80 61 00 00', 'a primitive of indefinite length'],
    ['22 03 02 01 05', 'a constructed INTEGER all the same'],
    ['30 80 04 05 61 00 00', 'a child beyond the end'],
  ])('refuses %s (%s)', (input) => {
    expect(() => readBer(hex(input), { trailing: true })).toThrow(malformed);
  });
});

describe('limits', () => {
  const nest = (depth: number): Uint8Array => {
    let inner: Uint8Array = integer(1);
    for (let level = 0; level < depth; level += 1) {
      inner = sequence(inner);
    }
    return inner;
  };

  test('depth', () => {
    expect(readDer(nest(48)).children).toHaveLength(1);
    expect(() => readDer(nest(49))).toThrow(malformed);
    expect(() => readBer(Buffer.alloc(200_000, '3080', 'hex'))).toThrow(malformed);
  });

  test('number of elements, and time that grows with the size', () => {
    const many = (count: number): Uint8Array =>
      tlv(0x30, Buffer.alloc(count * 2, Uint8Array.of(0x05, 0x00)));
    const took = (count: number): number => {
      const input = many(count);
      const start = performance.now();
      expect(readDer(input).children).toHaveLength(count);
      return performance.now() - start;
    };
    took(20_000);
    expect(took(200_000)).toBeLessThan(2000);
    expect(() => readDer(many(1_000_001))).toThrow(malformed);
  });
});

describe('any bytes', () => {
  test('a node inside the input, or E_ASN1_MALFORMED', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (input) => {
        for (const read of [readDer, readBer]) {
          let node: DerNode;
          try {
            node = read(input);
          } catch (error) {
            expect(error).toMatchObject({ code: 'E_ASN1_MALFORMED' });
            continue;
          }
          expect(node.bytes).toHaveLength(input.length);
        }
      }),
      SEED,
    );
  });

  test('what the strict reader takes, the tolerant one reads alike', () => {
    const { element } = fc.letrec<{ element: Uint8Array }>((tie) => ({
      element: fc.oneof(
        { maxDepth: 4 },
        fc.bigInt().map((value) => integer(value)),
        fc.uint8Array({ maxLength: 200 }).map(octetString),
        fc.string({ unit: 'binary', maxLength: 20 }).map(utf8String),
        fc.array(tie('element'), { maxLength: 4 }).map((parts) => sequence(...parts)),
        fc.array(tie('element'), { maxLength: 4 }).map((parts) => setOf(...parts)),
        tie('element').map((part) => context(3, part)),
      ),
    }));
    const flat = (node: DerNode): unknown => [node.tagClass, node.tag, Buffer.from(node.content).toString('hex'), node.children.map(flat)]; // prettier-ignore
    fc.assert(
      fc.property(element, (der) => {
        expect(flat(readDer(der))).toEqual(flat(readBer(der)));
        expect(Buffer.from(readDer(der).bytes)).toEqual(Buffer.from(der));
      }),
      SEED,
    );
  });
});
