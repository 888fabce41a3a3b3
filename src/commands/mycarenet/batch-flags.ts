/**
 * The flags of a list of patients: `topaz mycarenet insurability --file LIST`.
 *
 * @module
 */

import { parseDuration } from '../../cli/duration.js';
import { TopazError } from '../../errors.js';
import { addDays, belgianDay, isLocalDate } from '../../mycarenet/belgian-day.js';
import type { LocalDate } from '../../mycarenet/belgian-day.js';

export const FORMATS = ['table', 'csv', 'jsonl'] as const;

export interface BatchFlags {
  file?: string;
  out?: string;
  force?: boolean;
  format?: (typeof FORMATS)[number];
  concurrency?: string;
  rate?: string;
  maxAge?: string;
  changesSince?: string;
  async?: boolean;
  collect?: boolean;
}

export interface BatchSettings {
  readonly concurrency: number;
  /** Questions a second. */
  readonly rate: number;
  readonly maxAgeMs: number;
  /** `undefined` = not asked; `last` = with the last answer of whenever. */
  readonly changesSince: LocalDate | 'last' | undefined;
}

const MAX_CONCURRENCY = 16;
const MAX_RATE = 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The flags that only go with a list. */
const ONLY_WITH_FILE = ['out', 'force', 'format', 'concurrency', 'rate', 'maxAge', 'changesSince', 'async', 'collect'] as const; // prettier-ignore

/** @throws TopazError `E_USAGE` when a flag of lists stands without `--file`. */
export function checkNoBatchFlags(flags: BatchFlags): void {
  const stray = ONLY_WITH_FILE.find((name) => flags[name] !== undefined);
  if (stray !== undefined) {
    const flag = `--${stray.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new TopazError('E_USAGE', `${flag} goes with a list of patients`, {
      hint: 'add --file LIST',
    });
  }
}

/**
 * Reads them.
 *
 * @param now Answers are kept for the Belgian day on which they were given.
 * @throws TopazError `E_USAGE`.
 */
export function parseBatchFlags(
  { concurrency = '2', rate = '5', maxAge = '24h', changesSince }: BatchFlags,
  now: Date,
): BatchSettings {
  return {
    concurrency: parseCount(concurrency, '--concurrency', MAX_CONCURRENCY),
    rate: parseCount(rate, '--rate', MAX_RATE),
    maxAgeMs: maxAge === '0' ? 0 : Math.min(parseDuration(maxAge, '--max-age'), DAY_MS),
    changesSince: changesSince === undefined ? undefined : parseSince(changesSince, now),
  };
}

function parseCount(text: string, flag: string, most: number): number {
  const value = Number(text);
  if (!/^[0-9]{1,4}$/.test(text) || value < 1 || value > most) {
    throw new TopazError('E_USAGE', `${flag} takes a number from 1 to ${most}`, {
      hint: `for example ${flag} 2`,
    });
  }
  return value;
}

function parseSince(text: string, now: Date): LocalDate | 'last' {
  const word = text.trim().toLowerCase();
  if (word === 'last') {
    return 'last';
  }
  const day = word === 'yesterday' ? addDays(belgianDay(now), -1) : word;
  if (!isLocalDate(day)) {
    throw new TopazError('E_USAGE', '--changes-since takes a day', {
      hint: 'for example --changes-since 2026-03-01, yesterday, or last for the last answer',
    });
  }
  return day;
}
