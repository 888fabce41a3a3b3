/**
 * `topaz key`: the Topaz user keys, without which the records of a user cannot be read.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { backupCommand } from './backup.js';
import { combineCommand } from './combine.js';
import { exportCommand } from './export.js';
import { generateCommand } from './generate.js';
import { importCommand } from './import.js';
import { listCommand } from './list.js';
import { showCommand } from './show.js';
import { splitCommand } from './split.js';
import { verifyCommand } from './verify.js';

/** The group, in the order of the work. */
export function keyCommand(ctx: Context): Command {
  const key = new Command('key').summary('user keys of Topaz, their copies and shares');
  const commands = [
    listCommand(ctx),
    generateCommand(ctx),
    importCommand(ctx),
    showCommand(ctx),
    verifyCommand(ctx),
    exportCommand(ctx),
    backupCommand(ctx),
    splitCommand(ctx),
    combineCommand(ctx),
  ];
  for (const command of commands) {
    key.addCommand(command);
  }
  return key;
}
