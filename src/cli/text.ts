/**
 * Text for people: days, tables, width, and what must never reach a terminal.
 *
 * @module
 */

import { nearest } from '../profile/nearest.js';
import type { Language } from '../profile/language.js';

export { nearest };

const MIN_COLUMNS = 60;
const GAP = '  ';

/** `2026-03-01`, the day in UTC. */
export const day = (date: Date): string => date.toISOString().slice(0, 10);

/** `2026-03-01T08:12:44Z`: ISO 8601 in UTC with seconds, the form of all JSON documents. */
export const seconds = (date: Date): string => date.toISOString().replace(/\.[0-9]{3}Z$/, 'Z');

/** What the formatting functions need of a `Run`. */
export interface TextSettings {
  readonly settings: {
    readonly lang: Language;
  };
}

/**
 * A calendar day in the words of the language: `1 March 2026`. A `Date` is shown as its day in the time zone
 * of this machine, a `YYYY-MM-DD` as it is.
 */
export function formatDay({ settings }: TextSettings, value: Date | string): string {
  const [date, timeZone] =
    typeof value === 'string'
      ? ([new Date(`${value.slice(0, 10)}T00:00:00Z`), 'UTC'] as const)
      : ([value, undefined] as const);
  if (Number.isNaN(date.getTime())) {
    return cleanText(String(value));
  }
  return new Intl.DateTimeFormat(`${settings.lang}-BE`, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(date);
}

/** Day and time of this machine: `1 March 2026 09:12`. */
export function formatMoment(run: TextSettings, date: Date): string {
  const time = new Intl.DateTimeFormat(`${run.settings.lang}-BE`, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(date);
  return `${formatDay(run, date)} ${time}`;
}

/** `3.1 MB`, with the decimal sign of the language. */
export function formatSize({ settings }: TextSettings, bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'] as const;
  const power = bytes < 1000 ? 0 : Math.min(3, Math.floor(Math.log10(bytes) / 3));
  const number = new Intl.NumberFormat(`${settings.lang}-BE`, {
    maximumFractionDigits: power === 0 ? 0 : 1,
  }).format(bytes / 1000 ** power);
  return `${number} ${units[power] ?? 'B'}`;
}

/** A sum in euro: `12,50 €` as the language writes it. */
export const formatCents = ({ settings }: TextSettings, cents: number): string =>
  new Intl.NumberFormat(`${settings.lang}-BE`, { style: 'currency', currency: 'EUR' }).format(
    cents / 100,
  );

/**
 * Takes out what could steer a terminal: control characters (escape sequences begin with one), marks that
 * turn the direction of writing. Tabs and line breaks become a space.
 */
export const cleanText = (text: string): string =>
  text
    .replace(/[\t\n\r\u0085\u2028\u2029]+/g, ' ')
    // eslint-disable-next-line no-control-regex -- control characters are what is taken out
    .replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');

/** As {@link cleanText}, with line breaks and tabs kept: for the text of a message. */
export const cleanLines = (text: string): readonly string[] =>
  text.split(/\r\n|[\n\r\u0085\u2028\u2029]/).map((line) => cleanText(line.replace(/\t/g, '    ')));

/** Columns that a text takes on a terminal; wide characters take two, combining marks and colours none. */
export function textWidth(text: string): number {
  let width = 0;
  // eslint-disable-next-line no-control-regex -- colours are escape sequences
  for (const character of text.replace(/\u001b\[[0-9;]*m/g, '')) {
    width += /\p{M}/u.test(character) ? 0 : isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
  }
  return width;
}

const isWide = (code: number): boolean =>
  (code >= 0x1100 && code <= 0x115f) ||
  (code >= 0x2e80 && code <= 0xa4cf) ||
  (code >= 0xac00 && code <= 0xd7a3) ||
  (code >= 0xf900 && code <= 0xfaff) ||
  (code >= 0xfe30 && code <= 0xfe6f) ||
  (code >= 0xff00 && code <= 0xff60) ||
  (code >= 0x1f300 && code <= 0x1faff);

/** Shortens to so many columns, with `…` as the last one. */
export function shorten(text: string, columns: number): string {
  if (textWidth(text) <= columns) {
    return text;
  }
  let kept = '';
  for (const character of text) {
    if (textWidth(kept + character) > columns - 1) {
      break;
    }
    kept += character;
  }
  return `${kept}…`;
}

/** Fills with spaces up to so many columns. */
export const pad = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - textWidth(text)));

/** Breaks a text into lines of so many columns, at spaces. */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ +/)) {
    if (line !== '' && textWidth(line) + 1 + textWidth(word) > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}

export interface TableSettings {
  readonly ctx: { readonly io: { readonly columns: number } };
  readonly style: { readonly out: { readonly bold: (text: string) => string } };
}

export interface TableOptions {
  /** Index of the column with free text, the only one that is shortened. @default the widest of the last two */
  readonly free?: number;
}

/**
 * Lines of a table for a terminal: columns aligned, headings bold, never wider than the terminal: the last
 * columns are left out first, then free text is shortened. Cells are cleaned.
 *
 * @param headings Left out where the table needs none.
 */
export function table(
  { ctx, style }: TableSettings,
  rows: readonly (readonly string[])[],
  headings: readonly string[] = [],
  { free }: TableOptions = {},
): readonly string[] {
  const cells = rows.map((row) => row.map(cleanText));
  const all = headings.length === 0 ? cells : [headings, ...cells];
  const count = Math.max(0, ...all.map((row) => row.length));
  const limit = Math.max(MIN_COLUMNS, ctx.io.columns);
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(0, ...all.map((row) => textWidth(row[column] ?? ''))),
  );
  const total = (): number => widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length);
  const shortened = free ?? count - 1;
  const least = 12;
  // Free text gives way as far as it can; only then are the last columns dropped.
  const overflow = (): number => Math.max(0, total() - limit);
  while (
    widths.length > 2 &&
    overflow() > Math.max(0, (widths[shortened] ?? 0) - least) &&
    widths.length - 1 !== shortened
  ) {
    widths.pop();
  }
  const width = widths[shortened];
  if (width !== undefined && overflow() > 0) {
    widths[shortened] = Math.max(Math.min(width, least), width - overflow());
  }
  const line = (row: readonly string[]): string =>
    widths
      .map((columns, column) =>
        pad(
          column === shortened ? shorten(row[column] ?? '', columns) : (row[column] ?? ''),
          columns,
        ),
      )
      .join(GAP)
      .trimEnd();
  return [...(headings.length === 0 ? [] : [style.out.bold(line(headings))]), ...cells.map(line)];
}

/** Two columns, name and value, for one thing shown in full. */
export function facts(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(0, ...rows.map(([name]) => textWidth(name)));
  return rows.map(([name, value]) => `${pad(name, width)}${GAP}${cleanText(value)}`.trimEnd());
}
