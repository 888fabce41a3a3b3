/** What is XML and what is not: libxml2 is the judge, over a table and over documents broken at random. */

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { canonicalize } from '../../src/xml/c14n.js';
import { readXml } from '../../src/xml/read.js';
import { broken, libxml2 } from './documents.js';

const DEEP = process.env['TOPAZ_DEEP'] === '1';

/** The canonical form, or that it is refused. */
function outcome(read: (xml: string) => string, xml: string): string {
  try {
    return read(xml);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // It may refuse namespace names for not being URIs; the specification leaves them alone.
    return /is not a valid URI|Failed to canonicalize/.test(message) ? 'not judged' : 'refused';
  }
}

const ours = (xml: string): string => outcome((text) => canonicalize(readXml(text)), xml);

/** Quirk: libxml2 writes an ampersand of a namespace name as it is, which nobody can read again. */
const theirs = (xml: string): string =>
  /xmlns(?::\w+)?\s*=\s*["'][^"']*&/.test(xml) ? 'not judged' : outcome(libxml2, xml);

const ACCEPTED = [
  '<a/>', '<a />', '<a\n/>', '<a></a>', '<a></a >', '<a></a\n>', ' <a/>', '\n\n<a/>\n\n', '<!-- x --><a/>', '<a/><!-- x -->',
  '<?xml version="1.0"?><a/>', "<?xml version='1.0'?><a/>", '<?xml version="1.0" standalone="yes"?><a/>',
  '<?xml version="1.0" encoding="UTF-8" standalone=\'no\' ?><a/>', '<?xml version = "1.0" encoding = "utf-8"?><a/>',
  '<a b="1" c="2"/>', '<a b=\'1\'/>', '<a b = "1"/>', '<a b="\'" c=\'"\'/>', '<a b=">"/>', '<a b="]]>"/>', '<a b="1"></a>',
  '<a b="&lt;&gt;&amp;&quot;&apos;"/>', '<a>&lt;&gt;&amp;&quot;&apos;</a>', '<a>&#65;&#x41;&#x6a;&#x6A;</a>', '<a>&#0000000000065;</a>',
  '<a>&#x10FFFF;&#xFFFD;&#xD7FF;&#xE000;</a>', '<a>&#9;&#10;&#13;</a>', '<a b="&#9;&#10;&#13;&#32;"/>', '<a b="\t\n\r \r\n"/>',
  '<a>></a>', '<a>]]</a>', '<a>]></a>', '<a>]]&gt;</a>', '<a>] ]></a>', '<a><![CDATA[]]></a>', '<a><![CDATA[<&]]]]><![CDATA[>]]></a>',
  '<a><![CDATA[a]]b<![CDATA[c]]></a>', '<a>x<![CDATA[y]]>z</a>', '<a><!----></a>', '<a><!-- - --></a>', '<a><!-- <b> & --></a>', '<a><!-->--></a>',
  '<a><?go?></a>', '<a><?go  on ?></a>', '<a><?go ??></a>', '<a><?go <&?></a>', '<a><?xml-sheet x?></a>', '<a><?xmlish?></a>', '<a><?_?></a>',
  '<_a/>', '<a-b.c_d/>', '<é/>', '<aé·/>', '<日本語/>', '<\u{10000}/>', '<a\u0300/>', '<a\u203F/>', '<\u{EFFFF}/>', '<a é="1"/>',
  '<p:a xmlns:p="urn:p"/>', '<a xmlns:p="urn:p" p:b="1"/>', '<a xmlns:p="urn:p" b="1" p:b="2"/>', '<a xmlns="urn:a" xmlns:p="urn:a" b="1" p:b="2"/>',
  '<a xmlns=""/>', '<a xmlns="urn:a"><b xmlns=""/></a>', '<a p:b="1" xmlns:p="urn:p"/>', '<a xml:lang="fr"/>', '<a xmlns:xml="http://www.w3.org/XML/1998/namespace"/>',
  '<a xmlns:xmlfoo="urn:x"/>', '<a xmlns:p="urn:1"><p:b xmlns:p="urn:2"/><p:c/></a>', '<é:a xmlns:é="urn:e"/>', '<a xml:space="preserve"> </a>',
  '<a>\u007F\u0085\u2028\uFEFF</a>', '<a>\u{1FFFE}\u{10FFFF}</a>', '<xml/>', '<a xml="1"/>', '<a constructor="1" __proto__="2"/>', '<a><b/><b/></a>', '<a>\r\n\r</a>',
]; // prettier-ignore

const REFUSED = [
  '', ' ', 'a', '<', '<a', '<a>', '<a/', '<a>b', '</a>', '<a></b>', '<a><b></a></b>', '<a></a', '<a></a b="1">', '<a/></a>', '<a/><b/>', '<a/>b', 'b<a/>',
  '<a/>&#32;', '&#32;<a/>', '<a/><![CDATA[]]>', '<![CDATA[]]><a/>', '< a/>', '<a / >', '</ a>', '<a></ a>', '<>', '</>', '<a/ >', '<A></a>',
  '<a b/>', '<a b=/>', '<a b=1/>', '<a b="1/>', '<a b="1\'/>', '<a b="<"/>', '<a b="&"/>', '<a b="&amp"/>', '<a b="1"c="2"/>', '<a b="1" b="2"/>', '<a "1"/>', '<a ="1"/>',
  '<a b = = "1"/>', '<a b="&lt"/>', '<a b="&#60"/>', '<a b="1" / >', '<a b="1">', '<a/b="1">', '<a ,b="1"/>', '<a b:="1"/>', '<a :b="1"/>', '<a b:c:d="1"/>',
  '<a>&</a>', '<a>&;</a>', '<a>& amp;</a>', '<a>&amp ;</a>', '<a>&lt</a>', '<a>&nbsp;</a>', '<a>&LT;</a>', '<a>&#;</a>', '<a>&#x;</a>', '<a>&#xg;</a>', '<a>&#1a;</a>',
  '<a>&#X41;</a>', '<a>&# 65;</a>', '<a>&#-65;</a>', '<a>&#0;</a>', '<a>&#x1F;</a>', '<a>&#xB;</a>', '<a>&#xD800;</a>', '<a>&#xDFFF;</a>', '<a>&#xFFFE;</a>', '<a>&#xFFFF;</a>',
  '<a>&#x110000;</a>', '<a>&#99999999999999999999;</a>', '<a>&#xFFFFFFFFFFFFFFFFFFFF;</a>', '<a>&#4294967361;</a>', '<a>&é;</a>', '<a>&p:q;</a>', '<a>&#65</a>',
  '<a>]]></a>', '<a>]]]></a>', '<a><![CDATA[</a>', '<a><![CDATA[]]</a>', '<a><![CDATA [x]]></a>', '<a><![cdata[x]]></a>', '<a><!CDATA[x]]></a>', '<a><![CDATA[x]]>]]></a>',
  '<a><!-- -- --></a>', '<a><!-- ---></a>', '<a><!---></a>', '<a><!--></a>', '<a><!- x --></a>', '<a><!-- x -></a>', '<a><!--', '<a><!x></a>', '<a><!></a>', '<!-- x', '<!a><a/>',
  '<a><? x?></a>', '<a><??></a>', '<a><?go></a>', '<a><?go', '<a><?1?></a>', '<a><?xml?></a>', '<a><?XML x?></a>', '<a><?xMl?></a>', '<a><?p:q?></a>', '<a><?:?></a>', '<a><?go"x"?></a>',
  ' <?xml version="1.0"?><a/>', '<!-- x --><?xml version="1.0"?><a/>', '<?xml?><a/>', '<?xml ?><a/>', '<?xml version="1.0"><a/>', '<?xml version=1.0?><a/>', '<?xml version="1.0"encoding="UTF-8"?><a/>',
  '<?xml encoding="UTF-8"?><a/>', '<?xml encoding="UTF-8" version="1.0"?><a/>', '<?xml version="1.0" standalone="maybe"?><a/>', '<?xml version="1.0" standalone="yes" encoding="UTF-8"?><a/>',
  '<?xml version="1.0" x="y"?><a/>', '<?xml version=""?><a/>', '<?xml version="1.0" encoding=""?><a/>', '<?xml version="1.0\'?><a/>', '<?xml version="1.0"?><?xml version="1.0"?><a/>',
  '<1a/>', '<-a/>', '<.a/>', '<a 1b="1"/>', '<a -b="1"/>', '<a$/>', '<a;/>', '<×/>', '<÷/>', '<·a/>', '<\u0300/>', '<\u037E/>', '<\u2000/>', '<\u{F0000}/>', '<a\u{F0000}/>', '<a\u037E/>',
  '<p:a/>', '<a p:b="1"/>', '<a xmlns:p=""/>', '<a xmlns:p="urn:p"><b xmlns:p=""/></a>', '<a xmlns:p="u:1" xmlns:p="u:2"/>', '<a xmlns="u:1" xmlns="u:2"/>', '<a xmlns:p="u:1" xmlns:q="u:1" p:b="1" q:b="2"/>',
  '<a xmlns:xml="urn:x"/>', '<a xmlns:p="http://www.w3.org/XML/1998/namespace"/>', '<a xmlns="http://www.w3.org/XML/1998/namespace"/>', '<a xmlns:xmlns="urn:x"/>', '<a xmlns:xmlns="http://www.w3.org/2000/xmlns/"/>',
  '<a xmlns:p="http://www.w3.org/2000/xmlns/"/>', '<a xmlns="http://www.w3.org/2000/xmlns/"/>', '<xmlns:a/>', '<a xmlns:="urn:x"/>', '<:a/>', '<a:/>', '<a::b/>', '<a:b:c xmlns:a="urn:a"/>', '<p:a xmlns:p="urn:p"></a>',
  '<p:a xmlns:p="urn:p" xmlns:q="urn:p"></q:a>', '<a><b xmlns:p="urn:p"/><p:c/></a>', '<p:1a xmlns:p="urn:p"/>', '<a xmlns:1p="urn:p"/>', '<a xmlns:p:q="urn:p"/>',
  '<a>\u0000</a>', '<a>\u0001</a>', '<a>\u000B</a>', '<a>\u000C</a>', '<a>\u001F</a>', '<a>\uFFFE</a>', '<a>\uFFFF</a>', '<a b="\u0001"/>', '<a><!-- \u0001 --></a>', '<a><?go \u0001?></a>', '<a><![CDATA[\u0001]]></a>',
  '<a \u0001/>', '<a\u00A0b="1"/>', '\u00A0<a/>', '<a/>\u00A0', '\uFEFF\uFEFF<a/>', '<a/>\u0000',
]; // prettier-ignore

/** Where topaz is stricter on purpose: one encoding, one version, no document types, no odd sizes. */
const STRICTER = [
  '<!DOCTYPE a><a/>',
  '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
  '<?xml version="1.1"?><a/>',
  '<?xml version="1.0" encoding="ISO-8859-1"?><a/>',
  '<?xml version="1.0" encoding="US-ASCII"?><a/>',
  `<a ${Array.from({ length: 257 }, (_, i) => `b${i}=""`).join(' ')}/>`,
];

describe('well-formed and nothing else', () => {
  test.each(ACCEPTED)('takes %j', (xml) => {
    expect(ours(xml)).not.toBe('refused');
    expect(ours(xml)).toBe(theirs(xml));
  });

  test.each(REFUSED)('refuses %j', (xml) => {
    expect(ours(xml)).toBe('refused');
    expect(theirs(xml)).not.toMatch(/^</);
  });

  test.each(STRICTER)('is stricter: %s', (xml) => {
    expect(ours(xml)).toBe('refused');
    expect(theirs(xml)).not.toBe('refused');
  });

  test('one broken stroke in a document: the same verdict and the same canonical form', () => {
    const counts = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(broken, (xml) => {
        const judge = theirs(xml);
        if (judge !== 'not judged') {
          counts[judge === 'refused' ? 'refused' : 'accepted'] += 1;
          expect(ours(xml)).toBe(judge);
        }
      }),
      { seed: 20260304, numRuns: DEEP ? 30_000 : 800 },
    );
    expect(counts.accepted).toBeGreaterThan(100);
    expect(counts.refused).toBeGreaterThan(100);
  });

  test.each([
    ['an overlong slash', [0x3c, 0x61, 0xc0, 0xaf, 0x3e]],
    ['half a character at the end', [0x3c, 0x61, 0x2f, 0x3e, 0xc3]],
    ['a surrogate in three bytes', [0x3c, 0x61, 0x3e, 0xed, 0xa0, 0x80, 0x3c, 0x2f, 0x61, 0x3e]],
    ['a code point too high', [0x3c, 0x61, 0x3e, 0xf4, 0x90, 0x80, 0x80, 0x3c, 0x2f, 0x61, 0x3e]],
    ['UTF-32', [0, 0, 0, 0x3c, 0, 0, 0, 0x61, 0, 0, 0, 0x2f, 0, 0, 0, 0x3e]],
    ['EBCDIC', [0x4c, 0x6f, 0xa7, 0x94, 0x93]],
  ])('bytes that are no UTF-8: %s', (_, bytes) => {
    expect(() => readXml(Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({ code: 'E_XML_MALFORMED' }),
    );
  });
});
