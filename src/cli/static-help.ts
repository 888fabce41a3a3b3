/**
 * Help as it stands: pages that the build wrote, found without the parser, so that reading help costs no more than
 * starting Node. Whatever is not as plain as `topaz cert request --help --lang fr` is left to the program itself.
 *
 * @module
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { LANGUAGES, matchLanguage } from '../profile/language.js';
import type { Language } from '../profile/language.js';
import { resolvePaths } from '../profile/paths.js';
import type { PathOptions } from '../profile/paths.js';

/** What separates pages in the files; no text holds it. */
const BREAK = '\f';

/**
 * The page that a command line asks for, with its final line break.
 *
 * @param folder Where the build put `help.<language>.txt`.
 * @returns `undefined` where the line asks for something else, or only the program can answer it.
 */
export function staticHelp(
  argv: readonly string[],
  options: PathOptions & { readonly folder: string },
): Uint8Array | undefined {
  const { env, folder } = options;
  if (given(env['FORCE_COLOR']) ?? given(env['TOPAZ_COLOR'])) {
    return undefined;
  }
  const line = readWords(argv);
  if (line === undefined) {
    return undefined;
  }
  const language = chooseLanguage(line.lang, options);
  let pages: Buffer;
  try {
    pages = readFileSync(join(folder, `help.${language}.txt`));
  } catch {
    return undefined;
  }
  const name = line.words.join(' ');
  return line.topic
    ? (pageOf(pages, `help ${name}`.trimEnd()) ?? pageOf(pages, name))
    : pageOf(pages, name);
}

interface Words {
  readonly words: readonly string[];
  readonly lang: string | undefined;
  /** `topaz help WORDS`. */
  readonly topic: boolean;
}

function readWords(argv: readonly string[]): Words | undefined {
  const words: string[] = [];
  let help = argv.length === 0;
  let lang: string | undefined;
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (word === '--help' || word === '-h') {
      help = true;
    } else if (word.startsWith('--lang=')) {
      lang = word.slice('--lang='.length);
    } else if (word === '--lang' && index + 1 < argv.length) {
      index += 1;
      lang = argv[index];
    } else if (/^[a-z][a-z0-9-]*$/.test(word)) {
      words.push(word);
    } else {
      return undefined;
    }
  }
  const topic = words[0] === 'help';
  return topic || help ? { words: topic ? words.slice(1) : words, lang, topic } : undefined;
}

/** Bytes are cut out as they are: decoding all the pages would cost more than finding one. */
function pageOf(pages: Buffer, name: string): Uint8Array | undefined {
  const start = pages.indexOf(`${BREAK}${name}\n`);
  if (start < 0) {
    return undefined;
  }
  const from = start + name.length + 2;
  return pages.subarray(from, pages.indexOf(BREAK, from));
}

/** The same choice as `preferredLanguage` makes. */
function chooseLanguage(flag: string | undefined, options: PathOptions): Language {
  const { env } = options;
  const asked = given(flag) ?? given(env['TOPAZ_LANG']);
  if (asked !== undefined) {
    return matchLanguage(asked) ?? 'en';
  }
  const locale = given(env['LC_ALL']) ?? given(env['LC_MESSAGES']) ?? given(env['LANG']);
  return configuredLanguage(options) ?? matchLanguage(locale) ?? 'en';
}

function configuredLanguage(options: PathOptions): Language | undefined {
  const { config } = resolvePaths(options);
  const configuration = readDocument(join(config, 'config.json'));
  const name = given(options.env['TOPAZ_PROFILE']) ?? textOf(configuration, 'profile') ?? 'default';
  const profile = /[\\/]/.test(name)
    ? undefined
    : readDocument(join(config, 'profiles', `${name}.json`));
  const language = textOf(profile, 'language') ?? textOf(configuration, 'language');
  return LANGUAGES.find((known) => known === language);
}

function readDocument(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function textOf(document: unknown, key: string): string | undefined {
  const value: unknown =
    typeof document === 'object' && document !== null ? Reflect.get(document, key) : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const given = (value: string | undefined): string | undefined =>
  value === undefined || value === '' ? undefined : value;
