/** Building and writing: what leaves is what was meant, and nothing that a receiver cannot read. */

import { describe, expect, test } from '@jest/globals';

import { namespace, verbatim } from '../../src/xml/build.js';
import { canonicalize } from '../../src/xml/c14n.js';
import { NS_WSU } from '../../src/xml/namespaces.js';
import { attribute, requireChild, text, walk } from '../../src/xml/query.js';
import { readXml } from '../../src/xml/read.js';
import { writeXml } from '../../src/xml/write.js';

const p = namespace('p', 'urn:p');
const q = namespace('q', 'urn:q');
const plain = namespace('', '');
const byDefault = namespace('', 'urn:d');

describe('writeXml', () => {
  test.each([
    [p('a', { Id: '_1', Left: undefined }, p('b', {}, 'text')), '<p:a xmlns:p="urn:p" Id="_1"><p:b>text</p:b></p:a>'],
    [p('a', {}, q('b'), q('b')), '<p:a xmlns:p="urn:p"><q:b xmlns:q="urn:q"/><q:b xmlns:q="urn:q"/></p:a>'],
    [byDefault('a', {}, plain('b', {}, byDefault('c'))), '<a xmlns="urn:d"><b xmlns=""><c xmlns="urn:d"/></b></a>'],
    [p('a', { 'wsu:Id': 'x' }), `<p:a xmlns:p="urn:p" xmlns:wsu="${NS_WSU}" wsu:Id="x"/>`],
    [plain('a', { 'xml:lang': 'fr' }), '<a xml:lang="fr"/>'],
    [p('a', {}, 'one', undefined, ['two', [p('b')]], ''), '<p:a xmlns:p="urn:p">onetwo<p:b/></p:a>'],
    [p('a', { v: '"<&\t\n\r' }, '<&>\r\n"'), '<p:a xmlns:p="urn:p" v="&quot;&lt;&amp;&#x9;&#xA;&#xD;">&lt;&amp;&gt;&#xD;\n"</p:a>'],
    [p('a', {}, verbatim('<x  y = "1"><!-- kept --></x>')), '<p:a xmlns:p="urn:p"><x  y = "1"><!-- kept --></x></p:a>'],
  ])('writes %#', (element, xml) => {
    expect(writeXml(element)).toBe(xml);
    readXml(xml);
  }); // prettier-ignore

  test('what it writes has the canonical form of the tree, verbatim pieces included', () => {
    const tree = byDefault('a', { b: '2', a: '1' }, p('b', {}, 'x\r'), verbatim('<q:c xmlns:q="urn:q" b="1" a="2"/>'), plain('d')); // prettier-ignore
    expect(canonicalize(readXml(writeXml(tree)))).toBe(canonicalize(tree));
  });

  test.each([
    ['a control character', p('a', {}, '\u0001')],
    ['half a character', p('a', {}, '\uD83D')],
    ['U+FFFF', p('a', { b: '\uFFFF' })],
    ['half a character in what stands as text', p('a', {}, verbatim('<x>\uD83D</x>'))],
    ['a control character after much that is plain', p('a', {}, 'x'.repeat(9_000), p('b', {}, '\u0001'))],
    ['a prefix of two meanings', { ...p('a', { 'wsu:Id': '1' }), declarations: [{ prefix: 'wsu', uri: 'urn:other' }] }],
    ['a comment', readXml('<a><!-- x --></a>')],
  ])('refuses %s', (_, element) => {
    expect(() => writeXml(element)).toThrow(TypeError);
  }); // prettier-ignore

  // Texts are joined until the first that needs a closer look, and written some kilobytes at a time.
  test.each([0, 1, 100, 4_090, 4_096, 5_000, 20_000])(
    'what follows %i plain characters comes out the same, whatever it is',
    (plainCharacters) => {
      const much = 'x'.repeat(plainCharacters);
      const escapes: Readonly<Record<string, string>> = { '<': '&lt;', '"': '&quot;' };
      for (const piece of ['é', '<', '"', '\u07ff', '\u0800', '\uffee', '😀', 'plain']) {
        const as = `<x y='${escapes[piece] ?? piece}'/>`;
        const more = p('c', { d: piece }, piece);
        const element = p('a', {}, p('b', {}, much), more, p('ÿ', {}, verbatim(as)), much);
        const inText = piece === '"' ? piece : (escapes[piece] ?? piece);
        expect(writeXml(element)).toBe(
          `<p:a xmlns:p="urn:p"><p:b${much === '' ? '/>' : `>${much}</p:b>`}<p:c d="${escapes[piece] ?? piece}">${inText}</p:c><p:ÿ>${as}</p:ÿ>${much}</p:a>`,
        );
      }
    },
  );

  test('an attribute with an unknown prefix is a bug of the caller', () => {
    expect(() => p('a', { 'nobody:Id': '1' })).toThrow('PREFIXES');
  });

  test('astral characters pass', () => {
    expect(text(readXml(writeXml(p('a', {}, '😀'))))).toBe('😀');
  });
});

describe('walk', () => {
  test('goes in document order, through wide and deep documents', () => {
    const root = readXml('<a><b><c/></b><d/></a>');
    expect([...walk(root)].map(({ name }) => name).join('')).toBe('abcd');
    const wide = readXml(`<a>${'<b Id="1"/>'.repeat(200_000)}</a>`);
    expect([...walk(wide)]).toHaveLength(200_001);
    expect(attribute(requireChild(root, '', 'd'), 'Id')).toBeUndefined();
  });
});
