/**
 * The languages of the messages. Codes, keys and flags are in none of them.
 *
 * @module
 */

export type Language = 'fr' | 'nl' | 'de' | 'en';

export const LANGUAGES: readonly Language[] = ['fr', 'nl', 'de', 'en'];

/** The language that a locale (`fr_BE.UTF-8`) or a code begins with; `undefined` for any other. */
export const matchLanguage = (locale: string | undefined): Language | undefined =>
  LANGUAGES.find((language) => language === locale?.slice(0, 2).toLowerCase());
