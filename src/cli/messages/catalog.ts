/**
 * The texts of one language, and how a key becomes a sentence.
 *
 * Placeholders are named (`{count}`). A key with plural forms exists as `key.one`, `key.other` … and is
 * chosen by the parameter `count`.
 *
 * @module
 */

import type { Language } from '../../profile/language.js';
import { cleanText } from '../text.js';

export type Catalog = Readonly<Record<string, string>>;
export type Parameters = Readonly<Record<string, string | number>>;
export type Translate = (key: string, parameters?: Parameters) => string;

/** Loads one language; the others stay on the disk. */
export async function loadCatalog(language: Language): Promise<Catalog> {
  switch (language) {
    case 'fr':
      return (await import('./fr/index.js')).catalog;
    case 'nl':
      return (await import('./nl/index.js')).catalog;
    case 'de':
      return (await import('./de/index.js')).catalog;
    case 'en':
      return (await import('./en/index.js')).catalog;
  }
}

/**
 * The sentence of a key. Values of placeholders may come from a service or a file: what could steer a
 * terminal is taken out. A key that is missing is shown as it is (a test finds it before a person does).
 */
export function createTranslate(catalog: Catalog, language: Language): Translate {
  const plural = new Intl.PluralRules(`${language}-BE`);
  return (key, parameters = {}) => {
    const { count } = parameters;
    const form = typeof count === 'number' ? catalog[`${key}.${plural.select(count)}`] : undefined;
    const text = form ?? catalog[`${key}.other`] ?? catalog[key] ?? key;
    return text.replace(/\{([A-Za-z]+)\}/g, (whole, name: string) => {
      const value = parameters[name];
      return value === undefined ? whole : cleanText(String(value));
    });
  };
}
