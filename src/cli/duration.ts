/**
 * Durations as they are typed: `30s`, `15m`, `12h`, `30d`.
 *
 * @module
 */

import { TopazError } from '../errors.js';

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Milliseconds of a duration.
 *
 * @param flag Named in the error.
 * @throws TopazError `E_USAGE`.
 */
export function parseDuration(text: string, flag: string): number {
  const [, amount, unit = ''] = /^([0-9]{1,6})(ms|s|m|h|d)$/.exec(text) ?? [];
  const factor = UNITS_MS[unit];
  if (amount === undefined || factor === undefined) {
    throw new TopazError('E_USAGE', `${flag} takes a duration`, {
      hint: `for example ${flag} 30s, 15m, 12h or 30d`,
    });
  }
  return Number(amount) * factor;
}
