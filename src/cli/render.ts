/**
 * The result of a command on stdout: one JSON document, lines for people, or records for other programs
 * (cli-ux §3 and §4).
 *
 * @module
 */

import type { IO } from './context.js';
import type { Settings } from './settings.js';
import { cleanText } from './text.js';

export type ResultDocument = { readonly schema: string } & Readonly<Record<string, unknown>>;

export type Renderer = (
  document: ResultDocument,
  lines: () => readonly string[],
  records?: () => readonly (readonly string[])[],
) => void;

/** Chooses the form once, by the flags and by what stdout is. */
export const createRenderer =
  (io: IO, { json }: Settings): Renderer =>
  (document, lines, records) => {
    if (json) {
      io.out(formatJson(document, io.tty.stdout));
      return;
    }
    const shown =
      io.tty.stdout || records === undefined
        ? lines()
        : records().map((record) => record.map(cleanText).join('\t'));
    if (shown.length > 0) {
      io.out(shown.join('\n'));
    }
  };

/** One line, or indented for a person who looks at it. */
export const formatJson = (document: unknown, indented: boolean): string =>
  JSON.stringify(document, undefined, indented ? 2 : undefined);
