/**
 * SSIN: the Belgian social security identification number (fr: NISS, nl: INSZ, de: ENSS).
 *
 * Eleven digits `YYMMDD SSS CC`: date of birth, serial number (odd for men, even for women) and a
 * check number. For births from 2000 on, the check number is computed with a `2` put in front of
 * the first nine digits. Bis numbers have 20 or 40 added to the month; month and day may be 00.
 *
 * @module
 */

import { TopazError } from '../errors.js';

/** Eleven digits with a correct check number. Only {@link parseSsin} makes one. */
export type Ssin = string & { readonly __brand: 'Ssin' };

const HINT = 'write it as on the back of the eID card, for example 79.02.15-997.32';

/**
 * Reads an SSIN as people write it: dots, dashes and spaces are ignored.
 *
 * @param text For example `79.02.15-997.32`.
 * @returns The eleven digits, as the services expect them.
 * @throws TopazError `E_SSIN_INVALID` when the length or the check number is wrong. The message
 *   never repeats the number itself.
 */
export function parseSsin(text: string): Ssin {
  const digits = text.replace(/[\s.-]/g, '');
  if (!/^[0-9]{11}$/.test(digits)) {
    throw new TopazError('E_SSIN_INVALID', 'an SSIN has 11 digits', { hint: HINT });
  }
  if (!isSsin(digits)) {
    throw new TopazError('E_SSIN_INVALID', 'the check number of this SSIN is wrong', {
      hint: HINT,
    });
  }
  return digits;
}

/** Whether these are eleven bare digits with a correct check number. */
export function isSsin(digits: string): digits is Ssin {
  if (!/^[0-9]{11}$/.test(digits)) {
    return false;
  }
  const check = Number(digits.slice(9));
  const base = Number(digits.slice(0, 9));
  return check === checkNumber(base) || check === checkNumber(2_000_000_000 + base);
}

/** `79.02.15-997.32`; anything that is not eleven characters is given back unchanged. */
export function formatSsin(ssin: string): string {
  return ssin.length === 11
    ? `${ssin.slice(0, 2)}.${ssin.slice(2, 4)}.${ssin.slice(4, 6)}-${ssin.slice(6, 9)}.${ssin.slice(9)}`
    : ssin;
}

/** `79.02.15-***.**`: the form of messages and logs. */
export function maskSsin(ssin: string): string {
  return `${ssin.slice(0, 2)}.${ssin.slice(2, 4)}.${ssin.slice(4, 6)}-***.**`;
}

/** Numbers of persons in a text of somebody else, with or without dots, replaced by {@link maskSsin}'s form. */
export const maskSsins = (text: string): string =>
  text.replace(
    /(?<![0-9])[0-9]{2}\.?[0-9]{2}\.?[0-9]{2}[ -]?[0-9]{3}[ .]?[0-9]{2}(?![0-9])/g,
    (found) => {
      const digits = found.replace(/[^0-9]/g, '');
      return isSsin(digits) ? maskSsin(digits) : found;
    },
  );

const checkNumber = (base: number): number => 97 - (base % 97);
