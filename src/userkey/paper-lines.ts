/**
 * A key on paper: numbered lines of hexadecimal digits, each with a check of its own, so that a typing error is
 * found on its line; and parts for codes to scan. Both carry the same bytes: PKCS#8, plain or under a passphrase.
 *
 * A line is `NN  xxxx xxxx …  cccc`: its number, 24 bytes in groups of four digits, and CRC-16 (CCITT, polynomial
 * 0x1021, start 0xFFFF) over the number as two bytes and the bytes of the line. A scanned part is
 * `TOPAZ-KEY:1:<id>:<part>/<parts>:<base64>`.
 *
 * @module
 */

import { keyInvalid, parsePartyId } from './user-key.js';
import type { PartyId } from './user-key.js';

const LINE_BYTES = 24;
const PART_BYTES = 640;
/** A key under a passphrase has about 1 400 bytes. */
const MAX_LINES = 999;

const LINE = /^\s*([0-9]{1,3})[\s.:)]+((?:[0-9a-f]{2,4}\s+)*?[0-9a-f]{2,4})\s+([0-9a-f]{4})\s*$/i;
const PART = /^TOPAZ-KEY:1:([0-9a-f-]{36}):([0-9]{1,2})\/([0-9]{1,2}):([A-Za-z0-9+/]+={0,2})$/;

/** One printed line. */
export interface PaperLine {
  readonly number: string;
  /** Groups of four digits. */
  readonly groups: readonly string[];
  readonly check: string;
}

/** The lines of a key. */
export const paperLines = (der: Uint8Array): readonly PaperLine[] =>
  chunks(der, LINE_BYTES).map((bytes, index) => ({
    number: String(index + 1).padStart(2, '0'),
    groups:
      Buffer.from(bytes)
        .toString('hex')
        .match(/.{1,4}/g) ?? [],
    check: checkOf(index + 1, bytes),
  }));

/** A line as text. */
export const formatLine = ({ number, groups, check }: PaperLine): string =>
  `${number}  ${groups.join(' ')}  ${check}`;

/** The texts of the codes to scan. */
export const scanParts = (id: PartyId, der: Uint8Array): readonly string[] => {
  const parts = chunks(der, PART_BYTES);
  return parts.map(
    (bytes, index) =>
      `TOPAZ-KEY:1:${id}:${index + 1}/${parts.length}:${Buffer.from(bytes).toString('base64')}`,
  );
};

/** Whether a text looks like lines or parts of this form. */
export const isPaper = (text: string): boolean =>
  text.split(/\r?\n/).some((line) => PART.test(line.trim()) || LINE.test(typed(line)));

/**
 * Reads what was typed or scanned. Lines that are neither are passed over: titles, page numbers.
 *
 * @returns The bytes, and the id where the parts carry one.
 * @throws TopazError `E_KEY_INVALID` that names the lines with an error, the missing and the doubled ones.
 */
export function readPaper(text: string): { readonly der: Uint8Array; readonly id?: PartyId } {
  const lines = text.split(/\r?\n/);
  const parts = lines.flatMap((line) => {
    const found = PART.exec(line.trim());
    return found === null ? [] : [found];
  });
  return parts.length > 0 ? readParts(parts) : { der: readLines(lines) };
}

function readParts(parts: readonly RegExpExecArray[]): {
  readonly der: Uint8Array;
  readonly id: PartyId;
} {
  const [first] = parts;
  const [, id = '', , count = ''] = first ?? [];
  if (parts.some((part) => part[1] !== id || part[3] !== count)) {
    throw keyInvalid('the scanned codes are not of one sheet', 'scan all codes of one sheet');
  }
  const byNumber = new Map(parts.map((part) => [Number(part[2]), part[4] ?? '']));
  const total = Number(count);
  const missing = numbers(total).filter((number) => !byNumber.has(number));
  if (missing.length > 0 || byNumber.size !== total) {
    throw keyInvalid(`code ${missing.join(', ')} of ${total} is missing`, 'scan all codes of one sheet'); // prettier-ignore
  }
  return {
    der: Buffer.concat(numbers(total).map((number) => Buffer.from(byNumber.get(number) ?? '', 'base64'))), // prettier-ignore
    id: parsePartyId(id),
  };
}

function readLines(lines: readonly string[]): Uint8Array {
  const found = new Map<number, Uint8Array>();
  const wrong: number[] = [];
  const doubled: number[] = [];
  for (const line of lines) {
    const [, digits, hex, check] = LINE.exec(typed(line)) ?? [];
    if (digits === undefined || hex === undefined || check === undefined) {
      // A line that was meant to be one, but has a letter that no digit looks like.
      const begins = /^\s*([0-9]{1,3})[\s.:)]+[0-9a-z]{4}\s+[0-9a-z]{4}\b/i.exec(line)?.[1];
      wrong.push(...(begins === undefined ? [] : [Number(begins)]));
      continue;
    }
    const number = Number(digits);
    const bytes = Buffer.from(hex.replace(/\s/g, ''), 'hex');
    if (checkOf(number, bytes) !== check.toLowerCase()) {
      wrong.push(number);
    } else if (found.has(number) && !bytes.equals(found.get(number) ?? bytes)) {
      doubled.push(number);
    } else {
      found.set(number, bytes);
    }
  }
  const last = Math.max(0, ...found.keys(), ...wrong);
  if (last === 0 || last > MAX_LINES) {
    throw keyInvalid('it holds no lines of a printed key');
  }
  const missing = numbers(last).filter((number) => !found.has(number) && !wrong.includes(number));
  const problems = [
    ...(wrong.length === 0 ? [] : [`line ${wrong.join(', ')}: the check does not fit what was typed`]), // prettier-ignore
    ...(missing.length === 0 ? [] : [`line ${missing.join(', ')} is missing`]),
    ...(doubled.length === 0 ? [] : [`line ${doubled.join(', ')} is there twice, with different digits`]), // prettier-ignore
  ];
  const [first] = problems;
  if (first !== undefined) {
    throw keyInvalid(problems.join('; '), 'compare that line with the paper and correct it');
  }
  return Buffer.concat(numbers(last).map((number) => found.get(number) ?? new Uint8Array()));
}

/** Letters that people read for digits. */
const typed = (line: string): string => line.replace(/[oO]/g, '0').replace(/[lLiI]/g, '1');

const numbers = (count: number): readonly number[] =>
  Array.from({ length: Math.min(count, MAX_LINES) }, (_, index) => index + 1);

const chunks = (bytes: Uint8Array, size: number): readonly Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );

function checkOf(number: number, bytes: Uint8Array): string {
  let crc = 0xffff;
  for (const byte of [number >> 8, number & 0xff, ...bytes]) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) {
      crc = (crc & 0x8000) === 0 ? (crc << 1) & 0xffff : ((crc << 1) ^ 0x1021) & 0xffff;
    }
  }
  return crc.toString(16).padStart(4, '0');
}
