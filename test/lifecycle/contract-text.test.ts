/** The contract as text: all of it, and nothing that acts. */

import { describe, expect, test } from '@jest/globals';

import { htmlToText } from '../../src/lifecycle/contract-text.js';

describe('htmlToText', () => {
  test('lays paragraphs, lists, tables and breaks out', () => {
    const html = `<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>T</title>
      <style>p { color: red }</style></head><body><h1>Contrat</h1>
      <p>Entre   la plate-forme<br>et  <b>Jean</b>&nbsp;Exemple.</p><ul><li>un</li><li>deux</li></ul>
      <table><tr><th>A</th><td>B</td></tr><tr><td>C</td></tr></table></body></html>`;
    expect(htmlToText(html)).toBe(
      'Contrat\n\nEntre la plate-forme\net Jean Exemple.\n\n- un\n- deux\n\nA B\nC',
    );
  });

  test('decodes entities, once', () => {
    expect(htmlToText('&eacute;&#233;&#xE9; &amp;lt; &euro; &unknown; &lt;b&gt; a&b')).toBe(
      'ééé &lt; € &unknown; <b> a&b',
    );
  });

  test('writes the address of a link out, where it leads outside', () => {
    expect(
      htmlToText(
        '<a class=x href="https://ehealth.test/a?b=1&amp;c=2">ici</a> <a href="#x">là</a>',
      ),
    ).toBe('ici (https://ehealth.test/a?b=1&c=2) là');
    expect(htmlToText('<a href="javascript:alert(1)">x</a>')).toBe('x');
  });

  test.each([
    ['<script>alert("x")</script>y', 'y', 'a script'],
    ['<SCRIPT src=x>a</b>c</ScRiPt >y', 'y', 'in capitals'],
    ['<script><!-- </script> -->y', '-->y', 'hidden in a comment'],
    ['a<!-- b -->c', 'ac', 'comments'],
    ['a<!-- b', 'a', 'a comment without end'],
    ['a<?php echo 1 ?>b', 'ab', 'an instruction'],
    ['a<p title="x>y">b</p>', 'a\n\nb', 'a > inside quotes'],
    ['1 < 2 and 3 > 2', '1 < 2 and 3 > 2', 'signs that are no tags'],
    ['a</ >b', 'ab', 'a closing tag without name'],
    ['a<b', 'a', 'a tag without end'],
  ])('%s', (html, text) => {
    expect(htmlToText(html)).toBe(text);
  });

  test('what may stay open does not swallow the contract', () => {
    expect(htmlToText('<html><head><meta x><body>You owe everything')).toBe('You owe everything');
    expect(htmlToText('<noscript>a</noscript><template>b</template><iframe>c</iframe>')).toBe(
      'abc',
    );
  });

  test('text that a browser would hide is shown', () => {
    expect(htmlToText('a<span style="display:none"> and your house</span>')).toBe(
      'a and your house',
    );
  });

  test('nothing can steer the terminal or turn the text around', () => {
    const text = htmlToText('a\u001b[2Jb&#27;[1mc&#x202e;d\u200be&#0;f&#1114112;g\u0007\u009b');
    expect(text).toBe('a[2Jb[1mcdefg');
  });

  test('hostile documents do not take long', () => {
    const started = performance.now();
    for (const piece of ['<', '<a ', '<!--', '&#', '<script>', '</', '<p title="', "<a href='"]) {
      htmlToText(piece.repeat(100_000));
    }
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
