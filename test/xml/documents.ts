/** Generated documents: well-formed ones, and the same after a few strokes of a careless hand. */

import fc from 'fast-check';
import { XmlC14NMode, XmlDocument } from 'libxml2-wasm';

/** Canonical form by libxml2, exclusive and without comments; throws where it refuses the document. */
export function libxml2(xml: string | Uint8Array): string {
  const document =
    typeof xml === 'string' ? XmlDocument.fromString(xml) : XmlDocument.fromBuffer(xml);
  try {
    return document.canonicalizeToString({
      mode: XmlC14NMode.XML_C14N_EXCLUSIVE_1_0,
      withComments: false,
    });
  } finally {
    document.dispose();
  }
}

const PREFIXES = ['', 'p', 'q', 'ds'];
const URIS = ['', 'urn:a', 'urn:b', 'http://example.test/e'];

/** Well-formed documents: every prefix that is used is declared on the element that uses it. */
export const documents: fc.Arbitrary<string> = fc.letrec<{ element: string; content: string }>(
  (tie) => ({
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
  }),
).element;

function escape(text: string): string {
  return text
    .replace(/[^\P{Cc}\t\n\r]|[\uFFFE\uFFFF]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** What is put in: everything that means something to a reader, and what it may not meet. */
const STROKES = [
  '<', '>', '/', '</', '/>', '&', ';', '&#', '&#x', '&amp;', '&lt', '"', "'", '=', ' ', '\t', '\n', '\r',
  '-', '--', '-->', '<!--', ']]>', '<![CDATA[', ']', '?', '<?', '?>', '<?x ', '<?xml ', '<?xml version="1.0"?>',
  ':', 'p:', 'q:', 'xml:', 'xmlns', 'xmlns:', ' xmlns=""', ' xmlns:p=""', ' xmlns:q="urn:a"', ' a="1"', ' p:a="2"',
  '0', '.', 'a', 'é', '\u00B7', '\u0300', '\u{10000}', '\u{EFFFF}', '\u{F0000}', '\u0001', '\u007F', '\u0085', '\u2028',
  '\uFEFF', '\uFFFD', '\uFFFE', '<a>', '</a>', '<a/>', '&#0;', '&#x1F;', '&#xFFFE;', '&#x10FFFF;', '&#x110000;', '&#xd;',
  '&apos;', '&quot;', '&gt;', '&nbsp;', '&#0000000065;',
]; // prettier-ignore

interface Edit {
  readonly at: number;
  readonly length: number;
  readonly stroke: string;
}

/** Documents of which most are broken in one place or two. */
export const broken: fc.Arbitrary<string> = fc
  .tuple(
    documents,
    fc.array(
      fc.record<Edit>({
        at: fc.nat(1_000_000),
        length: fc.constantFrom(0, 0, 0, 1, 2),
        stroke: fc.oneof(fc.constant(''), fc.constantFrom(...STROKES)),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  )
  .map(([xml, edits]) => edits.reduce(applyEdit, xml));

function applyEdit(xml: string, { at, length, stroke }: Edit): string {
  // By characters: half of one cannot be sent at all.
  const characters = Array.from(xml);
  characters.splice(at % (characters.length + 1), length, stroke);
  return characters.join('');
}
