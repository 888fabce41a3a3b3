/**
 * `InputReference`: how the caller calls a request. 14 letters and digits, which every service of MyCareNet
 * takes and which stand after `_` in an XML name (mycarenet §4.3).
 *
 * Two calls in one second, or in one millisecond, must not get the same one: time alone is not enough.
 *
 * @module
 */

const TIME_DIGITS = 8;
const RANDOM_DIGITS = 5;
const RANDOM_RANGE = 36n ** BigInt(RANDOM_DIGITS);

/**
 * Makes a source of references: `T`, eight digits in base 36 for the millisecond, five that are random. Within one
 * source they grow and never come twice, whatever the clock does.
 *
 * @param newId A random UUID.
 */
export function createReferences(now: () => Date, newId: () => string): () => string {
  let last = 0;
  return () => {
    last = Math.max(last + 1, now().getTime());
    const random = BigInt(`0x${newId().replaceAll('-', '')}`) % RANDOM_RANGE;
    return `T${base36(last, TIME_DIGITS)}${base36(random, RANDOM_DIGITS)}`;
  };
}

const base36 = (value: number | bigint, digits: number): string =>
  value.toString(36).toUpperCase().padStart(digits, '0').slice(-digits);
