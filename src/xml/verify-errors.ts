/**
 * The refusal of every signature that does not hold.
 *
 * @module
 */

import { TopazError } from '../errors.js';

export const invalid = (reason: string): TopazError =>
  new TopazError('E_SIGNATURE_INVALID', 'the signature of this answer does not hold', {
    facts: [reason],
    hint: 'nothing of it was used; do not trust this connection, and report it',
  });
