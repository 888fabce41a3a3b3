/**
 * `topaz etk`: encryption tokens, the public half of sealing: those of others, and one's own.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { activateCommand } from './activate.js';
import { fetchCommand } from './fetch.js';
import { listCommand } from './list.js';
import { pruneCommand } from './prune.js';
import { registerCommand } from './register.js';
import { showCommand } from './show.js';
import { verifyCommand } from './verify.js';

/** The group, in the order of the work. */
export function etkCommand(ctx: Context): Command {
  const etk = new Command('etk').summary('encryption tokens of those you write to, and your own');
  for (const command of [
    fetchCommand(ctx),
    listCommand(ctx),
    showCommand(ctx),
    registerCommand(ctx),
    activateCommand(ctx),
    verifyCommand(ctx),
    pruneCommand(ctx),
  ]) {
    etk.addCommand(command);
  }
  return etk;
}
