/**
 * `topaz sandbox card`: test identity cards.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../../cli/context.js';
import { createCommand } from './create.js';
import { setCommand } from './set.js';

/** The group below `topaz sandbox`. */
export function cardCommand(ctx: Context): Command {
  const card = new Command('card').summary('test identity cards');
  for (const command of [createCommand(ctx), setCommand(ctx)]) {
    card.addCommand(command);
  }
  return card;
}
