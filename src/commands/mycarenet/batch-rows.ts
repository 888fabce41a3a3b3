/**
 * The lines of a batch in the forms of programs: CSV for spreadsheets, JSON lines for scripts.
 *
 * @module
 */

/** Names of the columns; stable, never translated. */
export const COLUMNS = ['ssin', 'name', 'status', 'mutuality', 'ct1ct2', 'bim', 'thirdParty', 'until', 'message'] as const; // prettier-ignore

/** Names of the columns of `--changes-since`. */
export const CHANGE_COLUMNS = ['ssin', 'name', 'fact', 'before', 'after'] as const;

/**
 * One row with its line end (RFC 4180). A semicolon, for that is what spreadsheets of this country take for a
 * delimiter; the readers of this list take any.
 */
export const csvRow = (cells: readonly string[]): string => `${cells.map(csvCell).join(';')}\r\n`;

function csvCell(cell: string): string {
  // A text that a spreadsheet would run as a formula; the names come from elsewhere.
  const safe = /^[=+@\t\r]|^-(?![0-9])/.test(cell) ? `'${cell}` : cell;
  return /[;"\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One document on a line. */
export const jsonLine = (document: unknown): string => `${JSON.stringify(document)}\n`;
