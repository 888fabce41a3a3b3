/**
 * The index after a command that changed the mirror. It is derived from the files: what fails here never fails
 * the command.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { settleIndex } from '../../ehbox/mirror-index.js';
import type { MailboxMirror } from '../../ehbox/mirror.js';

/** Only under the lock of the mirror. */
export async function settle(
  run: Run,
  mirror: MailboxMirror,
  options: { readonly vacuum?: boolean } = {},
): Promise<void> {
  try {
    await settleIndex(mirror, { ...options, signal: run.ctx.signal });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    run.warn(run.t('ehbox.index.failed', { reason }));
  }
}
