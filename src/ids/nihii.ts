/**
 * NIHII: the number of a care provider at the national institute for health insurance (fr: INAMI,
 * nl: RIZIV, de: LIKIV). Eight digits (`P NNNNN CC`), eleven with the three digits of the
 * qualification. The check is `97 - (first six digits mod 97)`.
 *
 * @module
 */

import { TopazError } from '../errors.js';

/** Eight digits. */
export type Nihii = string & { readonly __brand: 'Nihii' };
/** Eleven digits: number and qualification. */
export type Nihii11 = string & { readonly __brand: 'Nihii11' };

const HINT = 'write it with 8 or 11 digits, for example 1-95471-81-004';

/**
 * Reads a NIHII number as people write it: dots, dashes, slashes and spaces are ignored.
 *
 * A check number that does not fit is no refusal: other moduli (89, 83, 79) may occur in some numbers
 * (UNCERTAIN), so callers show {@link hasValidNihiiCheck} as a warning.
 *
 * @returns 8 or 11 digits.
 * @throws TopazError `E_NIHII_INVALID` when it has another length.
 */
export function parseNihii(text: string): Nihii | Nihii11 {
  const digits = text.replace(/[\s./-]/g, '');
  if (!/^(?:[0-9]{8}|[0-9]{11})$/.test(digits)) {
    throw new TopazError('E_NIHII_INVALID', 'a NIHII number has 8 or 11 digits', { hint: HINT });
  }
  return digits as Nihii | Nihii11;
}

/** Whether the check digits fit the usual rule (modulus 97). */
export function hasValidNihiiCheck(nihii: string): boolean {
  return Number(nihii.slice(6, 8)) === 97 - (Number(nihii.slice(0, 6)) % 97);
}

/** The number without the qualification. */
export const nihii8 = (nihii: string): Nihii => nihii.slice(0, 8) as Nihii;

/** Groups and institutions have 8 digits; where 11 are required they are padded with `000` on the right. */
export const padNihii11 = (nihii: string): Nihii11 => nihii.padEnd(11, '0') as Nihii11;

/** `1-95471-81-004` or `8-95471-33`. */
export function formatNihii(nihii: string): string {
  const base = `${nihii.slice(0, 1)}-${nihii.slice(1, 6)}-${nihii.slice(6, 8)}`;
  return nihii.length === 11 ? `${base}-${nihii.slice(8)}` : nihii.length === 8 ? base : nihii;
}
