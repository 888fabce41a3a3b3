/** Exclusive C14N against libxml2's, over odd documents and generated ones. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { XmlDocument, XmlC14NMode } from 'libxml2-wasm';

import { canonicalize } from '../../src/xml/c14n.js';
import { readXml } from '../../src/xml/read.js';
import { writeXml } from '../../src/xml/write.js';
import { hasProgram } from '../support/tools.js';
import { growth } from './growth.js';

const folder = mkdtempSync(join(tmpdir(), 'topaz-c14n-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** xmllint keeps comments; topaz drops them, as signatures want. */
const withoutComments = (xml: string): string => xml.replace(/<!--[\s\S]*?-->/g, '');

function libxml2(xml: string): string {
  const document = XmlDocument.fromString(xml);
  try {
    return document.canonicalizeToString({
      mode: XmlC14NMode.XML_C14N_EXCLUSIVE_1_0,
      withComments: false,
    });
  } finally {
    document.dispose();
  }
}

const ODD = {
  'default namespaces come and go':
    '<a xmlns="urn:a"><b xmlns=""><c xmlns="urn:c"/><d/></b><e xmlns="urn:a"/></a>',
  'unused declarations disappear':
    '<p:a xmlns:p="urn:p" xmlns:q="urn:q"><q:b xmlns:r="urn:r"/></p:a>',
  'a prefix is bound anew': '<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:2"><p:c/></p:b><p:d/></p:a>',
  'attributes in order of namespace and name':
    '<a xmlns:z="urn:a" xmlns:y="urn:b" z:b="1" y:a="2" c="3" a="4" z:a="5" xml:lang="fr"/>',
  'attributes of a prefix that the element does not use': '<a xmlns:x="urn:x"><b x:id="1"/></a>',
  'CDATA becomes text': '<a><![CDATA[<&>]]> and ]]&gt;</a>',
  'references and escapes': '<a b="&lt;&amp;&quot;&#9;&#10;&#13;">&lt;&amp;&gt;&#13;"\'</a>',
  'line ends are normalised, CR references stay': '<a>\r\none\rtwo&#xD;\n</a>',
  'white space in attributes': '<a b="x\ty\nz  "/>',
  'processing instructions and comments':
    '<a><?target some data?><!-- gone --><?empty?>text<!-- gone -->more</a>',
  'characters beyond the BMP': '<a b="😀">é😀\u{10FFFF}</a>',
  'attribute names beyond the BMP sort by code point': '<a \u{10000}x="0" \u{FFFD}x="1" é="2"/>',
  'the xml prefix needs no declaration': '<a xml:space="preserve"> <b xml:lang="nl"/></a>',
  'a QName in a value keeps no declaration': '<a xmlns:xs="urn:xs" type="xs:string"/>',
};

describe('canonicalize', () => {
  test.each(Object.entries(ODD))('%s', (_, xml) => {
    const canonical = canonicalize(readXml(xml));
    expect(canonical).toBe(libxml2(xml));
    if (hasProgram('xmllint')) {
      const file = join(folder, 'odd.xml');
      writeFileSync(file, withoutComments(xml));
      expect(canonical).toBe(execFileSync('xmllint', ['--exc-c14n', file], { encoding: 'utf8' }));
    }
  });

  test('what is written reads back and has the same canonical form', () => {
    for (const xml of Object.values(ODD)) {
      const tree = readXml(xml.replace(/<\?.*?\?>|<!--.*?-->/g, ''));
      expect(canonicalize(readXml(writeXml(tree)))).toBe(canonicalize(tree));
    }
  });

  test('agrees with libxml2 on generated documents', () => {
    fc.assert(
      fc.property(documents, (xml) => {
        expect(canonicalize(readXml(xml))).toBe(libxml2(xml));
      }),
      { seed: 20260301, numRuns: process.env['TOPAZ_DEEP'] === '1' ? 20_000 : 500 },
    );
  });
});

describe('time grows with the size', () => {
  const prefixes = (n: number): string =>
    Array.from({ length: n }, (_, i) => `xmlns:p${i}="urn:${i}" p${i}:a=""`).join(' ');

  test.each([
    ['text', (n: number) => `<a>${'x &amp; \r'.repeat(n)}</a>`, 20_000],
    ['siblings', (n: number) => `<a>${'<b Id="1" a="2"/>'.repeat(n)}</a>`, 5_000],
    ['depth', (n: number) => `<r>${('<a>'.repeat(200) + '</a>'.repeat(200)).repeat(n)}</r>`, 100],
    ['attributes', (n: number) => `<r>${`<a ${prefixes(100)}/>`.repeat(n)}</r>`, 50],
    // Thousands of prefixes in force around thousands of elements that declare one more.
    [
      'namespaces in force',
      (n: number) => {
        const levels = Math.ceil(n / 100);
        const open = Array.from({ length: levels }, (_, i) => `<l ${prefixes(100).replaceAll('p', `q${i}p`)}>`); // prettier-ignore
        return `${open.join('')}${'<z:b xmlns:z="urn:z"/>'.repeat(n)}${'</l>'.repeat(levels)}`;
      },
      4_000,
    ],
  ] as const)('%s', (_, make, n) => {
    expect(growth((size) => readXml(make(size)), canonicalize, n)).toBeLessThan(3);
    expect(growth((size) => readXml(make(size)), writeXml, n)).toBeLessThan(3);
  });
});

const PREFIXES = ['', 'p', 'q', 'ds'];
const URIS = ['', 'urn:a', 'urn:b', 'http://example.test/e'];

/** Well-formed documents: every prefix that is used is declared on the element that uses it. */
const documents: fc.Arbitrary<string> = fc.letrec<{ element: string; content: string }>((tie) => ({
  content: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'grapheme', maxLength: 8 }).map(escape),
    fc.constant('<![CDATA[a<b]]>'),
    fc.constant('<!-- remark -->'),
    fc.constantFrom('<?go on?>', '<?stop?>', '&#xD;', '\r\n', '\r', '&#x9;', '\t'),
    tie('element'),
  ),
  element: fc
    .record({
      prefix: fc.constantFrom(...PREFIXES),
      uri: fc.constantFrom(...URIS),
      extra: fc.option(fc.constantFrom(...URIS), { nil: undefined }),
      attributes: fc.uniqueArray(fc.constantFrom('a', 'b', 'Id', 'p:a', 'q:b', 'xml:lang'), {
        maxLength: 4,
      }),
      value: fc.string({ unit: 'grapheme', maxLength: 6 }).map(escape),
      content: fc.array(tie('content'), { maxLength: 3 }),
    })
    .map(({ prefix, uri, extra, attributes, value, content }) => {
      const name = prefix === '' ? 'el' : `${prefix}:el`;
      // Only the default namespace can be taken back.
      const declared = new Map<string, string>([[prefix, prefix === '' ? uri : uri || 'urn:c']]);
      if (extra !== undefined && prefix !== '') {
        declared.set('', extra);
      }
      for (const attribute of attributes.flatMap((each) => /^\w+(?=:)/.exec(each) ?? [])) {
        if (attribute !== 'xml' && !declared.has(attribute)) {
          declared.set(attribute, attribute === 'p' ? 'urn:attr:p' : 'urn:attr:q');
        }
      }
      const text = [...declared].map(([p, u]) => ` xmlns${p === '' ? '' : `:${p}`}="${u}"`);
      const written = attributes.map((each) => ` ${each}="${value}"`);
      return `<${name}${text.join('')}${written.join('')}>${content.join('')}</${name}>`;
    }),
})).element;

function escape(text: string): string {
  return text
    .replace(/[^\P{Cc}\t\n\r]|[\uFFFE\uFFFF]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
