/**
 * The error for everything that is not well formed; one code for readers of elements and of single values.
 *
 * @module
 */

import { TopazError } from '../errors.js';

/** @returns `E_ASN1_MALFORMED`; the reason never holds a part of the input. */
export function malformed(reason: string): TopazError {
  return new TopazError('E_ASN1_MALFORMED', `malformed ASN.1: ${reason}`);
}

/** Whether an error says that an encoding is not well formed. */
export const isMalformed = (error: unknown): boolean =>
  error instanceof TopazError && error.code === 'E_ASN1_MALFORMED';
