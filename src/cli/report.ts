/**
 * How a failure is shown: what failed, one or two facts, what to do next; or one JSON document as the last
 * line of stderr (cli-ux §4 and §11).
 *
 * @module
 */

import { EXIT, TopazError } from '../errors.js';
import type { IO } from './context.js';
import { redact } from './log.js';
import { createTranslate, loadCatalog } from './messages/catalog.js';
import type { Catalog } from './messages/catalog.js';
import type { Language } from '../profile/language.js';
import { createStyle } from './style.js';
import { cleanText } from './text.js';

export interface ReportSettings {
  readonly lang: Language;
  readonly json: boolean;
  readonly debug: boolean;
  readonly color: boolean;
}

/**
 * Shows a failure.
 *
 * @returns The exit status of its family; 1 for anything that was not raised on purpose.
 */
export async function report(error: unknown, io: IO, settings: ReportSettings): Promise<number> {
  const catalog = await loadCatalog(settings.lang);
  const known = error instanceof TopazError ? error : undefined;
  const failure = known ?? bug(catalog);
  const text = headline(failure, settings.lang, catalog);
  if (settings.debug) {
    for (const line of stacks(error)) {
      io.err(line);
    }
  }
  if (settings.json) {
    io.err(JSON.stringify(errorDocument(failure, text, settings.lang)));
  } else {
    const style = await createStyle(settings.color);
    io.err(`topaz: ${style.failure(text.message)} [${failure.code}]`);
    // An interruption is one line: the person knows why.
    if (failure.code !== 'E_INTERRUPTED') {
      const translate = createTranslate(catalog, settings.lang);
      for (const fact of text.facts) {
        io.err(`  ${fact}`);
      }
      if (failure.hint !== undefined) {
        io.err(`  ${translate('frame.next')} ${cleanText(failure.hint)}`);
      }
    }
  }
  return known === undefined ? EXIT.internal : failure.exitCode;
}

interface Headline {
  readonly message: string;
  readonly facts: readonly string[];
}

/** In another language the catalog's sentence leads, and the exact English message is the first fact. */
function headline(error: TopazError, lang: Language, catalog: Catalog): Headline {
  const exact = cleanText(error.message);
  const facts = error.facts.map(cleanText);
  const sentence = catalog[error.code];
  return lang === 'en' || sentence === undefined || sentence === exact
    ? { message: exact, facts }
    : { message: sentence, facts: [exact, ...facts] };
}

/** `topaz.error/1`. */
function errorDocument(
  error: TopazError,
  { message, facts }: Headline,
  language: Language,
): Readonly<Record<string, unknown>> {
  return {
    schema: 'topaz.error/1',
    error: {
      code: error.code,
      message,
      ...(error.hint === undefined ? {} : { hint: cleanText(error.hint) }),
      exitCode: error.exitCode,
      ...(facts.length === 0 ? {} : { facts }),
      ...(error.details === undefined ? {} : { details: error.details }),
      ...(language === 'en' ? {} : { language }),
    },
  };
}

/** What is said about anything that was not raised on purpose: nothing of it, it may hold anything. */
const bug = (catalog: Catalog): TopazError =>
  new TopazError('E_INTERNAL', catalog['frame.bug'] ?? 'unexpected error', {
    hint: catalog['frame.bug.next'],
  });

/** Stacks of the error and its causes, for `--debug`. */
function stacks(error: unknown): readonly string[] {
  const lines: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < 5 && current !== undefined; depth += 1) {
    const text =
      current instanceof Error ? (current.stack ?? current.message) : 'not an error object';
    lines.push(...redact(text).split('\n').map(cleanText));
    current = current instanceof Error ? current.cause : undefined;
  }
  return lines;
}
