/**
 * `topaz backup`: everything of a home in one encrypted file, and back.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { createCommand } from './create.js';
import { restoreCommand } from './restore.js';
import { verifyCommand } from './verify.js';

/** The group, in the order of the work. */
export function backupCommand(ctx: Context): Command {
  const backup = new Command('backup').summary('everything of this home, encrypted, and back');
  for (const command of [createCommand(ctx), verifyCommand(ctx), restoreCommand(ctx)]) {
    backup.addCommand(command);
  }
  return backup;
}
