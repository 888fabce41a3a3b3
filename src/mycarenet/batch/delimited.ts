/**
 * Delimited text as spreadsheets write it (RFC 4180 with any of the usual delimiters) → rows of cells. Pure.
 *
 * @module
 */

export interface DelimitedRow {
  /** Of its first character, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

const DELIMITERS = [';', ',', '\t', '|'] as const;
/** How many lines are looked at to find the delimiter. */
const SAMPLE_LINES = 20;
const SAMPLE_LENGTH = 64 * 1024;

/**
 * The delimiter that cuts the first lines into the same number of cells, most cells first, of two equals the
 * semicolon: commas are decimal ones here. `undefined` for one
 * column.
 */
export function findDelimiter(text: string): string | undefined {
  const lines = text
    .slice(0, SAMPLE_LENGTH)
    // What stands in quotes may hold delimiters and line ends.
    .replace(/"[^"]*"/g, '')
    .split(/\r\n|\r|\n/, SAMPLE_LINES)
    .filter((line) => line.trim() !== '');
  if (lines.length === 0) {
    return undefined;
  }
  let best: { readonly delimiter: string; readonly count: number } | undefined;
  for (const delimiter of DELIMITERS) {
    const counts = lines.map((line) => line.split(delimiter).length - 1);
    const least = Math.min(...counts);
    if (least > 0 && least > (best?.count ?? 0)) {
      best = { delimiter, count: least };
    }
  }
  return best?.delimiter;
}

/**
 * Cuts text into rows; empty lines are left out. A cell in quotes may hold delimiters, line ends and doubled
 * quotes. Time grows with the length.
 *
 * @param delimiter One character; `undefined` = a line is one cell.
 */
export function readDelimited(
  text: string,
  delimiter: string | undefined,
): readonly DelimitedRow[] {
  const rows: DelimitedRow[] = [];
  let cells: string[] = [];
  let line = 1;
  let startLine = 1;
  let at = 0;
  const endRow = (): void => {
    if (cells.some((cell) => cell !== '')) {
      rows.push({ line: startLine, cells });
    }
    cells = [];
  };
  while (at < text.length) {
    if (cells.length === 0) {
      startLine = line;
    }
    let cell: string;
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1);
      cell = text.slice(at + 1, end).replaceAll('""', '"');
      line += lineEnds(text.slice(at, end));
      at = end + 1;
      // What stands between a closing quote and the delimiter belongs to no cell.
      at = nextBreak(text, at, delimiter);
    } else {
      const end = nextBreak(text, at, delimiter);
      cell = text.slice(at, end);
      at = end;
    }
    cells.push(cell.trim());
    if (at >= text.length) {
      break;
    }
    if (text[at] === delimiter) {
      at += 1;
      if (at >= text.length) {
        cells.push('');
      }
      continue;
    }
    at += text.startsWith('\r\n', at) ? 2 : 1;
    line += 1;
    endRow();
  }
  endRow();
  return rows;
}

function closingQuote(text: string, from: number): number {
  let at = from;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) {
      return text.length;
    }
    if (text[quote + 1] !== '"') {
      return quote;
    }
    at = quote + 2;
  }
}

function nextBreak(text: string, from: number, delimiter: string | undefined): number {
  let at = from;
  while (at < text.length) {
    const character = text[at];
    if (character === '\n' || character === '\r' || character === delimiter) {
      return at;
    }
    at += 1;
  }
  return at;
}

const lineEnds = (text: string): number => text.match(/\r\n|\r|\n/g)?.length ?? 0;
