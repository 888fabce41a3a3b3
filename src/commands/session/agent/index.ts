/**
 * `topaz session agent`: the background process that keeps keys unlocked.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../../cli/context.js';
import { agentStatusCommand } from './status.js';

/** The group. */
export function agentCommand(ctx: Context): Command {
  const agent = new Command('agent').summary('the process that keeps the keys unlocked');
  agent.addCommand(agentStatusCommand(ctx));
  return agent;
}
