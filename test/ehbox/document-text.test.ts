import { describe, expect, test } from '@jest/globals';

import { documentText, looksLikeXml } from '../../src/ehbox/document-text.js';

describe('documentText', () => {
  test('gives names and values, indented, without schema noise', () => {
    const xml = `<?xml version="1.0"?><kmehrmessage xmlns="http://www.ehealth.fgov.be/standards/kmehr/schema/v1">
      <header><id S="ID-KMEHR" SV="1.0">123.45</id><!-- remark --><date>2026-03-01</date></header>
      <text L="fr">Tension &lt; 140 &amp; stable</text><empty/></kmehrmessage>`;
    expect(documentText(xml)).toBe(
      [
        'kmehrmessage',
        '  header',
        '    id (S ID-KMEHR): 123.45',
        '    date: 2026-03-01',
        '  text (L fr): Tension < 140 & stable',
        '  empty',
      ].join('\n'),
    );
  });

  test('keeps numbers as they are written', () => {
    expect(documentText('<a><ssin>08507150999</ssin><n>1e3</n></a>')).toContain('ssin: 08507150999\n  n: 1e3'); // prettier-ignore
  });

  test.each([
    ['no XML', 'Dear colleague'],
    ['a wrong end tag', '<a><b></a>'],
    ['a document type', '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'],
    ['more than is shown', `<a>${'x'.repeat(3_000_000)}</a>`],
  ])('leaves %s to be shown as it is', (_, text) => {
    expect(documentText(text)).toBeUndefined();
  });

  test('ends with deep nesting', () => {
    const depth = 90;
    expect(documentText('<a>'.repeat(depth) + '</a>'.repeat(depth))).toContain('a');
  });

  test.each([
    ['application/xml', '<a/>', true],
    ['application/kmehr+xml', '<a/>', true],
    ['text/plain', '<?xml version="1.0"?><a/>', true],
    ['text/html', '<html></html>', false],
    ['text/plain', 'Hello', false],
  ])('%s %s: %s', (mimeType, text, expected) => {
    expect(looksLikeXml(mimeType, text)).toBe(expected);
  });
});
