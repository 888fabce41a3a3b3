/**
 * The one refusal of a backup that is not what was written.
 *
 * @module
 */

import { TopazError } from '../errors.js';

/** @param why One fact; never what is in the backup. */
export const backupInvalid = (why: string, cause?: unknown): TopazError =>
  new TopazError('E_BACKUP_INVALID', 'this backup is not what was written', {
    facts: [why],
    hint: 'nothing was restored; take another copy',
    cause,
  });
