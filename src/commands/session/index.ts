/**
 * `topaz session`: the STS session.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { agentCommand } from './agent/index.js';
import { closeCommand } from './close.js';
import { openCommand } from './open.js';
import { showCommand } from './show.js';
import { statusCommand } from './status.js';

/** The group, in the order of the work. */
export function sessionCommand(ctx: Context): Command {
  const session = new Command('session').summary('the session with eHealth');
  for (const command of [
    openCommand(ctx),
    statusCommand(ctx),
    showCommand(ctx),
    closeCommand(ctx),
    agentCommand(ctx),
  ]) {
    session.addCommand(command);
  }
  return session;
}
