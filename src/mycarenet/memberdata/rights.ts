/**
 * Codes of the right to reimbursement and of mutualities: how they are read (mycarenet §1.8, §4.6).
 *
 * @module
 */

const CT1: ReadonlySet<string> = new Set([
  '100', '101', '110', '111', '120', '121', '130', '131', '140', '141', '150', '151', '410', '411', '420',
  '421', '430', '431', '440', '441', '450', '451', '470', '480',
]); // prettier-ignore

const CT2: ReadonlySet<string> = new Set([
  '000', '100', '101', '110', '111', '114', '120', '121', '130', '131', '140', '141', '144', '150', '151',
  '460', '461', '464', '481', '701', '900', '901', '911',
]); // prettier-ignore

/** Own queue and payer, though the number lies in another federation. */
const MEDIPRIMA = '690';

export const isKnownCt1 = (code: string): boolean => CT1.has(code);
export const isKnownCt2 = (code: string): boolean => CT2.has(code);

/**
 * Increased reimbursement (BIM): both codes are odd.
 *
 * @returns `undefined` when one of them is missing.
 */
export const isIncreased = (
  ct1: string | undefined,
  ct2: string | undefined,
): boolean | undefined =>
  ct1 === undefined || ct2 === undefined ? undefined : isOdd(ct1) && isOdd(ct2);

const isOdd = (code: string): boolean => /[13579]$/.test(code);

/** The federation of a mutuality by its first digit; `undefined` for the codes whose meaning is not known. */
export function federationOf(mutuality: string | undefined): string | undefined {
  if (mutuality === undefined || !/^[1-69][0-9]{2}$/.test(mutuality) || mutuality === '999') {
    return undefined;
  }
  return mutuality === MEDIPRIMA ? MEDIPRIMA : `${mutuality.charAt(0)}00`;
}
