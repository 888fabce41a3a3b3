/**
 * Days and numbers as they are typed in the flags of lists.
 *
 * @module
 */

import { TopazError } from '../../errors.js';

const DAY_MS = 86_400_000;

/**
 * `2026-03-01`, `today`, `yesterday`, or `30d` (so many days ago).
 *
 * @throws TopazError `E_USAGE`.
 */
export function parseDay(text: string, flag: string, now: Date): string {
  const ago = (days: number): string =>
    new Date(now.getTime() - days * DAY_MS).toISOString().slice(0, 10);
  const days = { today: 0, yesterday: 1 }[text] ?? /^(\d{1,5})d$/.exec(text)?.[1];
  if (days !== undefined) {
    return ago(Number(days));
  }
  if (/^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`))) {
    return text;
  }
  throw new TopazError('E_USAGE', `${flag} takes a day`, {
    hint: `for example ${flag} 2026-03-01, today, yesterday or 30d`,
  });
}

/** @throws TopazError `E_USAGE` for anything but a whole number from 1. */
export function parseCount(text: string, flag: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    throw new TopazError('E_USAGE', `${flag} takes a number`, { hint: `for example ${flag} 20` });
  }
  return Number(text);
}
