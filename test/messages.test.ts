/** The catalogs of the four languages: complete, alike, and used. */

import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';

import { createTranslate, loadCatalog } from '../src/cli/messages/catalog.js';
import { FAMILY } from '../src/errors.js';
import { readSources, visit } from './support/sources.js';

const LANGUAGES = ['en', 'fr', 'nl', 'de'] as const;
const OTHERS = ['fr', 'nl', 'de'] as const;
const catalogs = Object.fromEntries(
  await Promise.all(LANGUAGES.map(async (lang) => [lang, await loadCatalog(lang)] as const)),
) as Record<(typeof LANGUAGES)[number], Readonly<Record<string, string>>>;

const placeholders = (text: string): readonly string[] =>
  [...text.matchAll(/\{([A-Za-z]+)\}/g)].map(([, name = '']) => name).sort();

/** Words that are the same in two languages. */
const SAME = new Set(['frame.yesNo']);
/** Longer than a line only when a placeholder or a list makes it so. */
const MAX_LENGTH = 150;

describe.each(OTHERS)('%s', (lang) => {
  const english = catalogs.en;
  const catalog = catalogs[lang];

  test('has the keys of the English catalog', () => {
    expect(Object.keys(catalog).sort()).toEqual(Object.keys(english).sort());
  });

  test('has the same placeholders', () => {
    const wrong = Object.keys(english).filter(
      (key) => placeholders(english[key] ?? '').join() !== placeholders(catalog[key] ?? '').join(),
    );
    expect(wrong).toEqual([]);
  });

  test('translates whole sentences', () => {
    const untranslated = Object.entries(english)
      .filter(
        ([key, text]) => catalog[key] === text && text.split(' ').length > 3 && !SAME.has(key),
      )
      .map(([key]) => key);
    expect(untranslated).toEqual([]);
  });
});

describe.each(LANGUAGES)('%s', (lang) => {
  test('has no text that is empty, too long, ends oddly or shouts', () => {
    const wrong = Object.entries(catalogs[lang])
      .filter(
        ([, text]) =>
          text.trimStart() !== text ||
          text === '' ||
          text.length > MAX_LENGTH ||
          /!$|[\n\t]/.test(text),
      )
      .map(([key]) => key);
    expect(wrong).toEqual([]);
  });

  test('has a sentence for every code of error, in the form of a report', () => {
    const wrong = Object.keys(FAMILY).filter(
      (code) => !/^\S.*[^.]$/.test(catalogs[lang][code] ?? ''),
    );
    expect(wrong).toEqual([]);
  });

  test('uses the words of the glossary', () => {
    const avoided = { en: /\bwallet\b/i, fr: /\bjeton STS\b|\btoken\b/i, nl: /\bpaswoord\b/i, de: /\bKennwort\b/i }[lang]; // prettier-ignore
    const wrong = Object.entries(catalogs[lang])
      .filter(([, text]) => avoided.test(text))
      .map(([key]) => key);
    expect(wrong).toEqual([]);
  });
});

describe('the sources', () => {
  const used = new Map<string, string>();
  const prefixes = new Set<string>();
  /** `.undated` of a key that is put together: `${key}.undated`. */
  const suffixes = new Set<string>();
  for (const { path, tree } of readSources()) {
    if (path.startsWith('cli/messages/')) {
      continue;
    }
    visit(tree, (node) => {
      if (ts.isStringLiteralLike(node)) {
        used.set(node.text, path);
      } else if (ts.isTemplateExpression(node)) {
        prefixes.add(node.head.text);
        suffixes.add(node.templateSpans.at(-1)?.literal.text ?? '');
      }
    });
  }
  const nouns = new Set(Object.keys(catalogs.en).map((key) => key.split('.')[0] ?? ''));
  const known = catalogs.en;

  test('ask for no key that is not there', () => {
    const missing = [...used]
      .filter(
        ([text]) => /^[a-z]+(\.[A-Za-z0-9_-]+)+$/.test(text) && nouns.has(text.split('.')[0] ?? ''),
      )
      .filter(([text, path]) => isAsked(text, path))
      .filter(([text]) => known[text] === undefined && known[`${text}.other`] === undefined)
      .map(([text, path]) => `${path}: ${text}`);
    expect(missing).toEqual([]);
  });

  test('use every key', () => {
    const unused = Object.keys(known).filter((key) => {
      const base = key.replace(/\.(zero|one|two|few|many|other)$/, '');
      return (
        !used.has(key) &&
        !used.has(base) &&
        ![...suffixes].some(
          (end) => end.startsWith('.') && key.endsWith(end) && used.has(key.slice(0, -end.length)),
        ) &&
        !key.startsWith('help.') &&
        !key.startsWith('E_') &&
        ![...prefixes].some((prefix) => prefix.includes('.') && key.startsWith(prefix))
      );
    });
    expect(unused).toEqual([]);
  });

  /** Keys of profiles (`ehbox.quality`) look like keys of messages; only arguments of `t` are asked for. */
  function isAsked(text: string, path: string): boolean {
    return asked.has(`${path}\n${text}`);
  }
});

/** First arguments of `t(…)`, `run.t(…)`, `translate(…)`: literal, or the branches of a choice. */
const asked = new Set<string>();
for (const { path, tree } of readSources()) {
  visit(tree, (node) => {
    if (ts.isCallExpression(node) && /(^|\.)(t|translate)$/.test(node.expression.getText(tree))) {
      const [argument] = node.arguments;
      if (argument !== undefined) {
        visit(argument, (part) => {
          if (ts.isStringLiteralLike(part)) {
            asked.add(`${path}\n${part.text}`);
          }
        });
      }
    }
  });
}

describe('how a key becomes a sentence', () => {
  const t = createTranslate(
    {
      'x.plain': '{name} has {count}',
      'x.many.one': '{count} thing',
      'x.many.other': '{count} things',
    },
    'en',
  );

  test('placeholders, plurals, and a key that is missing', () => {
    expect(t('x.plain', { name: 'Jean', count: 2 })).toBe('Jean has 2');
    expect(t('x.many', { count: 1 })).toBe('1 thing');
    expect(t('x.many', { count: 3 })).toBe('3 things');
    expect(t('x.many')).toBe('{count} things');
    expect(t('x.absent')).toBe('x.absent');
  });

  test('a value cannot steer the terminal nor be a placeholder itself', () => {
    expect(t('x.plain', { name: '\u001b[2J{count}', count: 2 })).toBe('[2J{count} has 2');
  });

  test('French counts nought as one', () => {
    const fr = createTranslate({ 'x.one': '{count} message', 'x.other': '{count} messages' }, 'fr');
    expect(fr('x', { count: 0 })).toBe('0 message');
  });
});
