/** Exclusive C14N against libxml2's, over odd documents and generated ones. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { XmlC14NMode, XmlDocument } from 'libxml2-wasm';

import { canonicalBytes, canonicalize, scopeOf } from '../../src/xml/c14n.js';
import { readXml } from '../../src/xml/read.js';
import { elements } from '../../src/xml/query.js';
import type { XmlElement } from '../../src/xml/tree.js';
import { writeXml } from '../../src/xml/write.js';
import { hasProgram } from '../support/tools.js';
import { C14N_CASES } from './c14n-cases.js';
import { documents, libxml2 } from './documents.js';
import { growth } from './growth.js';

const folder = mkdtempSync(join(tmpdir(), 'topaz-c14n-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** xmllint keeps comments; topaz drops them, as signatures want. */
const withoutComments = (xml: string): string => xml.replace(/<!--[\s\S]*?-->/g, '');

const DEEP = process.env['TOPAZ_DEEP'] === '1';

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
      { seed: 20260301, numRuns: DEEP ? 10_000 : 400 },
    );
  });

  test('agrees with libxml2 on subtrees with a PrefixList', () => {
    fc.assert(
      fc.property(
        documents,
        fc.subarray(['#default', 'p', 'q', 'ds', 'xml', 'r']),
        (inner, list) => {
          const xml = `<r:r xmlns:r="urn:r" xmlns:q="urn:q" xmlns="urn:d">${inner}</r:r>`;
          const root = readXml(xml);
          const [element] = elements(root);
          if (element === undefined) throw new Error('no element');
          expect(subtree(element, root, list)).toBe(libxml2Subtree(xml, '/*/*', list));
        },
      ),
      { seed: 20260302, numRuns: DEEP ? 3_000 : 150 },
    );
  });

  test('the tree that comes with the bytes is the one that they are read as', () => {
    fc.assert(
      fc.property(documents, fc.boolean(), (xml, inner) => {
        const root = readXml(`<r xmlns:q="urn:q" xmlns="urn:d">${xml}</r>`);
        const target = inner ? (elements(root)[0] ?? root) : root;
        const { bytes, element } = canonicalBytes(target);
        expect(inOrder(element)).toEqual(inOrder(readXml(bytes)));
      }),
      { seed: 20260303, numRuns: DEEP ? 3_000 : 150 },
    );
  });

  test('what is left out is not in the tree either, and text around it is one', () => {
    const root = readXml('<a xmlns:p="urn:p">one<p:b/>two<!-- x --><c/></a>');
    const [without] = elements(root);
    const { bytes, element } = canonicalBytes(root, { without });
    expect(bytes.toString()).toBe('<a>onetwo<c></c></a>');
    expect(element).toEqual(readXml('<a>onetwo<c/></a>'));
    expect(elements(element)[0]).toBe(elements(root)[1]);
  });
});

describe('the cases of the recommendations', () => {
  test.each(C14N_CASES)('$name', ({ xml, path, prefixes = [], canonical }) => {
    const root = readXml(xml);
    let element: XmlElement | undefined = root;
    for (const name of path) {
      element = elements(element).find((each) => each.name === name);
    }
    if (element === undefined) throw new Error('no such element');
    expect(subtree(element, root, prefixes)).toBe(canonical);
    const xpath = `/*${path.map((name) => `/*[local-name()='${name}']`).join('')}`;
    expect(libxml2Subtree(xml, xpath, prefixes)).toBe(canonical);
  });
});

const subtree = (element: XmlElement, root: XmlElement, prefixes: readonly string[]): string =>
  canonicalize(element, { inclusivePrefixes: prefixes, inherited: scopeOf(element, root) });

function libxml2Subtree(xml: string, xpath: string, prefixes: readonly string[]): string {
  const document = XmlDocument.fromString(xml);
  try {
    return (
      document.get(xpath)?.canonicalizeToString({
        mode: XmlC14NMode.XML_C14N_EXCLUSIVE_1_0,
        inclusiveNamespacePrefixes: [...prefixes],
      }) ?? ''
    );
  } finally {
    document.dispose();
  }
}

/** Declarations and attributes stand in one order: it is not what is compared. */
const inOrder = (element: XmlElement): XmlElement => ({
  ...element,
  declarations: [...element.declarations].sort((a, b) => (a.prefix < b.prefix ? -1 : 1)),
  attributes: [...element.attributes].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
  children: element.children.map((node) => (node.kind === 'element' ? inOrder(node) : node)),
});

const keyOf = ({ name, namespace }: { name: string; namespace: string }): string =>
  `${namespace} ${name}`;

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
