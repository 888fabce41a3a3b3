/** The guarded reader: what it refuses, and that time grows with size alone. */

import { describe, expect, test } from '@jest/globals';

import { attribute, child, childText, elements, requireChild, text } from '../../src/xml/query.js';
import { readXml } from '../../src/xml/read.js';
import { growth } from './growth.js';

describe('readXml', () => {
  test('resolves names and joins text and CDATA', () => {
    const root = readXml('<p:a xmlns:p="urn:p" x="1" p:y="2">one<![CDATA[<two>]]>&#x33;</p:a>');
    expect(root).toMatchObject({ prefix: 'p', name: 'a', namespace: 'urn:p' });
    expect(attribute(root, 'x')).toBe('1');
    expect(attribute(root, 'y', 'urn:p')).toBe('2');
    expect(attribute(root, 'y')).toBeUndefined();
    expect(text(root)).toBe('one<two>3');
  });

  test('takes a byte order mark and a declaration', () => {
    expect(readXml(Buffer.from('\uFEFF<?xml version="1.0" encoding="UTF-8"?><a/>')).name).toBe('a');
  });

  test.each([
    ['', 'nothing'],
    ['text', 'no element'],
    ['<a>', 'not closed'],
    ['<a></b>', 'wrong end tag'],
    ['<a/><b/>', 'two roots'],
    ['<a/>text', 'text after the root'],
    ['<a b="1" b="2"/>', 'duplicate attribute'],
    ['<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>', 'duplicate attribute by namespace'],
    ['<p:a/>', 'unbound prefix'],
    ['<a p:b="1"/>', 'unbound prefix of an attribute'],
    ['<a xmlns:p=""/>', 'prefix bound to nothing'],
    ['<a xmlns:xml="urn:other"/>', 'the xml prefix bound anew'],
    ['<a xmlns:xmlns="urn:x"/>', 'the xmlns prefix bound'],
    ['<a b=1/>', 'attribute without quotes'],
    ['<a b="<"/>', '< in an attribute'],
    ['<a>&unknown;</a>', 'unknown entity'],
    ['<a>&#0;</a>', 'reference to NUL'],
    ['<a>&#xD800;</a>', 'reference to a surrogate'],
    ['<a>\u0001</a>', 'control character'],
    ['<a>]]></a>', 'end of CDATA in text'],
    ['<!DOCTYPE a><a/>', 'document type'],
    ['<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', 'entity declaration'],
    ['<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 'external subset'],
    ['<?xml version="1.0" encoding="UTF-16"?><a/>', 'another encoding'],
    ['<?xml version="1.1"?><a/>', 'another version'],
    ['<a><!-- -- --></a>', 'two dashes in a comment'],
    ['<1a/>', 'a name that is none'],
    ['<a:b:c xmlns:a="u"/>', 'two colons'],
  ])('refuses %j (%s)', (xml) => {
    expect(() => readXml(xml)).toThrow(expect.objectContaining({ code: 'E_XML_MALFORMED' }));
  });

  test.each([
    [Uint8Array.of(0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e), 'a byte that is no UTF-8'],
    [Uint8Array.from(Buffer.from('\uFEFF<a/>', 'utf16le')), 'UTF-16'],
  ])('refuses %s (%s)', (bytes) => {
    expect(() => readXml(bytes)).toThrow(expect.objectContaining({ code: 'E_XML_MALFORMED' }));
  });

  test('limits size, depth and attributes', () => {
    const code = (run: () => unknown): unknown => {
      try {
        return run();
      } catch (error) {
        return (error as { code?: string }).code;
      }
    };
    expect(code(() => readXml('<a/>', { maxBytes: 3 }))).toBe('E_XML_LIMIT');
    expect(readXml('<a>'.repeat(256) + '</a>'.repeat(256)).name).toBe('a');
    expect(code(() => readXml('<a>'.repeat(257) + '</a>'.repeat(257)))).toBe('E_XML_LIMIT');
    expect(code(() => readXml('<a>'.repeat(100_000)))).toBe('E_XML_LIMIT');
    expect(readXml(`<a ${attributes(256)}/>`).attributes).toHaveLength(256);
    expect(code(() => readXml(`<a ${attributes(257)}/>`))).toBe('E_XML_LIMIT');
  });

  test('bounds the number of elements: they take more memory than their bytes', () => {
    expect(() => readXml(`<a>${'<b/>'.repeat(500_000)}</a>`)).toThrow(
      expect.objectContaining({ code: 'E_XML_LIMIT' }),
    );
  });

  test('refuses half a character in a text', () => {
    expect(() => readXml('<a>\uD800</a>')).toThrow(
      expect.objectContaining({ code: 'E_XML_MALFORMED' }),
    );
  });

  test('names of JavaScript objects are names like others', () => {
    const root = readXml(
      '<__proto__ xmlns:__proto__="urn:p" constructor="1" __proto__:toString="2"/>',
    );
    expect(root.name).toBe('__proto__');
    expect(attribute(root, 'toString', 'urn:p')).toBe('2');
    expect(attribute(root, 'valueOf')).toBeUndefined();
  });

  test('an error never repeats what the document says', () => {
    try {
      readXml('<a>79021599732</b>');
    } catch (error) {
      expect(JSON.stringify(error)).not.toContain('79021599732');
    }
    expect.assertions(1);
  });

  test.each([
    ['text', (n: number) => `<a>${'x &amp; '.repeat(n)}</a>`, 10_000],
    ['one long line of base64', (n: number) => `<a>${'QUJD'.repeat(n)}</a>`, 200_000],
    ['CDATA sections', (n: number) => `<a>${'<![CDATA[x]]>'.repeat(n)}</a>`, 5_000],
    ['siblings', (n: number) => `<a>${'<b Id="1"/>'.repeat(n)}</a>`, 5_000],
    ['depth', (n: number) => `<r>${('<a>'.repeat(200) + '</a>'.repeat(200)).repeat(n)}</r>`, 100],
    ['attributes', (n: number) => `<r>${`<a ${attributes(200)}/>`.repeat(n)}</r>`, 100],
    ['namespaces', (n: number) => `<a>${'<p:b xmlns:p="urn:p"/>'.repeat(n)}</a>`, 4_000],
    ['comments', (n: number) => `<a>${'<!-- x -->'.repeat(n)}</a>`, 5_000],
  ] as const)('time grows with the size: %s', (_, make, n) => {
    expect(growth<string>(make, readXml, n)).toBeLessThan(3);
  });
});

const attributes = (n: number): string =>
  Array.from({ length: n }, (_, i) => `b${i}="1"`).join(' ');

describe('queries', () => {
  const root = readXml(
    '<r xmlns="urn:r" xmlns:o="urn:o"><a> 1 </a><o:a>2</o:a><b/><b/><c>7<!-- hidden -->9<d/></c></r>',
  );

  test('go by namespace and name, among direct children', () => {
    expect(childText(root, 'urn:r', 'a')).toBe('1');
    expect(childText(root, 'urn:o', 'a')).toBe('2');
    expect(child(root, 'urn:r', 'd')).toBeUndefined();
    expect(elements(root)).toHaveLength(5);
  });

  test.each([
    [() => child(root, 'urn:r', 'b')],
    [() => requireChild(root, 'urn:r', 'x')],
    [() => text(child(root, 'urn:r', 'c'))],
  ])('refuse what is not unique, missing or no text', (run) => {
    expect(run).toThrow(expect.objectContaining({ code: 'E_REPLY_INVALID' }));
  });

  test('a comment does not split a value', () => {
    expect(text(readXml('<n>8507<!-- x -->15</n>'))).toBe('850715');
  });
});
