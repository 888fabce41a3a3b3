/**
 * `topaz ehbox`: the eHealthBox, mirrored to this machine.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { infoCommand } from './info.js';
import { listCommand } from './list.js';
import { readCommand, unreadCommand } from './read.js';
import { saveCommand } from './save.js';
import { showCommand } from './show.js';
import { syncCommand } from './sync.js';

/** The group, in the order of the work. */
export function ehboxCommand(ctx: Context): Command {
  const ehbox = new Command('ehbox').summary('eHealthBox messages, mirrored to this machine');
  for (const command of [
    infoCommand(ctx),
    syncCommand(ctx),
    listCommand(ctx),
    showCommand(ctx),
    readCommand(ctx),
    unreadCommand(ctx),
    saveCommand(ctx),
  ]) {
    ehbox.addCommand(command);
  }
  return ehbox;
}
