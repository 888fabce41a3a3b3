/**
 * `topaz profile`: environments, keystores and qualities under a name.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { createCommand } from './create.js';
import { exportCommand } from './export.js';
import { importCommand } from './import.js';
import { listCommand } from './list.js';
import { removeCommand } from './remove.js';
import { renameCommand } from './rename.js';
import { setCommand } from './set.js';
import { showCommand } from './show.js';
import { unsetCommand } from './unset.js';
import { useCommand } from './use.js';

/** The group, in the order of the work. */
export function profileCommand(ctx: Context): Command {
  const profile = new Command('profile').summary('environments, keystores and qualities by name');
  const verbs = [
    createCommand,
    listCommand,
    showCommand,
    useCommand,
    setCommand,
    unsetCommand,
    renameCommand,
    removeCommand,
    exportCommand,
    importCommand,
  ];
  for (const verb of verbs) {
    profile.addCommand(verb(ctx));
  }
  return profile;
}
