/**
 * A list of patients, as care software and spreadsheets export it → who is asked about. Delimited text with or
 * without a heading, one number a line, or JSON lines. Pure.
 *
 * A line that cannot be used is a failure of that line and never hinders the others; nothing is guessed but the
 * zeros in front that spreadsheets drop, and those only where the check number then fits.
 *
 * @module
 */

import { TopazError } from '../../errors.js';
import { isSsin, parseSsin } from '../../ids/ssin.js';
import { parseMutuality, parseRegistration } from '../memberdata/query.js';
import type { PatientId } from '../memberdata/query.js';
import { findDelimiter, readDelimited } from './delimited.js';
import type { DelimitedRow } from './delimited.js';

export type ListedPatient =
  | { readonly line: number; readonly patient: PatientId; readonly error?: undefined }
  /** Its message never repeats the number. */
  | { readonly line: number; readonly patient?: undefined; readonly error: TopazError };

const MAX_BYTES = 32 * 1024 * 1024;
const MAX_PATIENTS = 100_000;

/** Headings by meaning, without case, accents and punctuation. */
const HEADINGS = {
  ssin: ['ssin', 'niss', 'inss', 'insz', 'enss', 'rrn', 'registrenational', 'numeronational', 'nnational', 'nationaalnummer', 'rijksregisternummer', 'rijksregister', 'numeroderegistrenational', 'nationalnumber', 'nationalregisternumber', 'nationalregisternummer'],
  mutuality: ['mutuality', 'mutualite', 'mutuelle', 'mutualiteit', 'ziekenfonds', 'krankenkasse', 'mut', 'oa', 'vi', 'io'],
  registration: ['registration', 'registrationnumber', 'membership', 'membershipnumber', 'member', 'matricule', 'affiliation', 'numeroaffiliation', 'lidnummer', 'inschrijvingsnummer', 'mitgliedsnummer'],
} as const; // prettier-ignore

type Column = keyof typeof HEADINGS;
type Columns = Readonly<Partial<Record<Column, number>>>;

/**
 * Reads a list.
 *
 * @param bytes UTF-8 (with or without BOM), UTF-16 with BOM, or Windows-1252: what spreadsheets write.
 * @returns One entry a line that holds something, in the order of the list.
 * @throws TopazError `E_LIST_INVALID` when no line can be used or the list is too long.
 */
export function readPatientList(bytes: Uint8Array): readonly ListedPatient[] {
  if (bytes.length > MAX_BYTES) {
    throw tooLong(`it has more than ${MAX_BYTES / 1024 / 1024} MB`);
  }
  const text = decode(bytes);
  const listed = /^\s*\{/.test(text) ? readJsonLines(text) : readTable(text);
  if (listed.length > MAX_PATIENTS) {
    throw tooLong(`it has more than ${MAX_PATIENTS} lines`);
  }
  const [first] = listed;
  if (first === undefined) {
    throw unusable('the list is empty', []);
  }
  if (listed.every(({ error }) => error !== undefined)) {
    throw unusable(
      'no line of the list names a patient',
      first.error === undefined ? [] : [`line ${first.line}: ${first.error.message}`],
    );
  }
  return listed;
}

function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) {
    return new TextDecoder('utf-16le').decode(bytes);
  }
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    return new TextDecoder('utf-16be').decode(bytes);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

function readTable(text: string): readonly ListedPatient[] {
  const rows = readDelimited(text, findDelimiter(text));
  const [first] = rows;
  if (first === undefined) {
    return [];
  }
  const named = headingOf(first);
  if (named !== undefined) {
    return rows.slice(1).map((row) => readRow(row, named));
  }
  const columns = { ssin: columnOfNumbers(rows) };
  // A first row in which no digit stands is a heading in words that are not known.
  const isHeading = !first.cells.some((cell) => /[0-9]/.test(cell));
  return rows.slice(isHeading ? 1 : 0).map((row) => readRow(row, columns));
}

/** The columns by their names; `undefined` where no name is known. */
function headingOf({ cells }: DelimitedRow): Columns | undefined {
  const found: Partial<Record<Column, number>> = {};
  for (const [index, cell] of cells.entries()) {
    const name = plain(cell);
    for (const column of ['ssin', 'mutuality', 'registration'] as const) {
      const names: readonly string[] = HEADINGS[column];
      if (found[column] === undefined && names.includes(name)) {
        found[column] = index;
      }
    }
  }
  return found.ssin === undefined && found.registration === undefined ? undefined : found;
}

const plain = (text: string): string =>
  text
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z]/g, '');

/** The column in which most cells are SSINs; the first where none is. */
function columnOfNumbers(rows: readonly DelimitedRow[]): number {
  const counts: number[] = [];
  for (const { cells } of rows) {
    for (const [index, cell] of cells.entries()) {
      counts[index] = (counts[index] ?? 0) + (isSsin(digitsOf(cell)) ? 1 : 0);
    }
  }
  return Math.max(counts.indexOf(Math.max(...counts)), 0);
}

function readRow({ line, cells }: DelimitedRow, columns: Columns): ListedPatient {
  const cell = (column: Column): string => {
    const index = columns[column];
    return index === undefined ? '' : (cells[index] ?? '');
  };
  return toPatient(line, cell('ssin'), cell('mutuality'), cell('registration'));
}

function readJsonLines(text: string): readonly ListedPatient[] {
  return text.split(/\r?\n/).flatMap((content, index): ListedPatient[] => {
    if (content.trim() === '') {
      return [];
    }
    const line = index + 1;
    let value: unknown;
    try {
      value = JSON.parse(content);
    } catch {
      value = undefined;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return [{ line, error: new TopazError('E_LIST_INVALID', 'the line is no JSON object', { hint: 'write one patient a line: {"ssin":"79021599732"}' }) }]; // prettier-ignore
    }
    const entries: readonly [string, unknown][] = Object.entries(value);
    const fields = new Map(entries.map(([name, field]) => [plain(name), field]));
    const field = (column: Column): string => {
      const name = HEADINGS[column].find((known) => fields.has(known));
      const found = name === undefined ? undefined : fields.get(name);
      return typeof found === 'string' || typeof found === 'number' ? String(found) : '';
    };
    return [toPatient(line, field('ssin'), field('mutuality'), field('registration'))];
  });
}

function toPatient(
  line: number,
  ssin: string,
  mutuality: string,
  registration: string,
): ListedPatient {
  try {
    if (ssin === '' && registration !== '') {
      return {
        line,
        patient: {
          kind: 'registration',
          registration: parseRegistration(registration),
          mutuality: parseMutuality(mutuality),
        },
      };
    }
    // The mutuality in a list is that of last time: asked by SSIN, the platform finds the one of today.
    return { line, patient: { kind: 'ssin', ssin: parseSsin(withZeros(ssin)) } };
  } catch (error) {
    if (error instanceof TopazError) {
      return { line, error };
    }
    throw error;
  }
}

const digitsOf = (cell: string): string => withZeros(cell).replace(/[\s.-]/g, '');

/** Spreadsheets take a number for a quantity: 01.02.03-… loses its zero. */
function withZeros(cell: string): string {
  const digits = cell.trim();
  if (!/^[0-9]{8,10}$/.test(digits)) {
    return cell;
  }
  const padded = digits.padStart(11, '0');
  return isSsin(padded) ? padded : cell;
}

const tooLong = (fact: string): TopazError =>
  new TopazError('E_LIST_INVALID', 'the list is too long', {
    facts: [fact],
    hint: 'divide it into several files',
  });

const unusable = (message: string, facts: readonly string[]): TopazError =>
  new TopazError('E_LIST_INVALID', message, {
    facts,
    hint: 'one patient a line: an SSIN, or a table with a column called NISS, INSZ or SSIN',
  });
