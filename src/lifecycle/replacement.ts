/**
 * The replacement period: the last part of a certificate's life, in which eHealth lets it be renewed
 * (certificate-lifecycle §9).
 *
 * @module
 */

const DAY_MS = 86_400_000;
/** Its length where eHealth has not said when it begins. */
const DAYS = 90;

/**
 * Its first moment, as far as it is known here.
 *
 * @param known What eHealth said, ISO 8601.
 */
export const renewableFrom = (
  notAfter: Date,
  known: { readonly renewableFrom?: string | undefined } | undefined,
): Date =>
  known?.renewableFrom === undefined
    ? new Date(notAfter.getTime() - DAYS * DAY_MS)
    : new Date(known.renewableFrom);
