/**
 * `topaz etk`: encryption tokens, the public half of sealing.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { fetchCommand } from './fetch.js';
import { showCommand } from './show.js';
import { verifyCommand } from './verify.js';

/** The group, in the order of the work. */
export function etkCommand(ctx: Context): Command {
  const etk = new Command('etk').summary('encryption tokens of those you write to');
  for (const command of [fetchCommand(ctx), showCommand(ctx), verifyCommand(ctx)]) {
    etk.addCommand(command);
  }
  return etk;
}
