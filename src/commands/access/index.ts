/**
 * `topaz access`: who may use which keystore on this machine, and who did.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { checkCommand } from './check.js';
import { grantCommand } from './grant.js';
import { listCommand } from './list.js';
import { logCommand } from './log.js';
import { revokeCommand } from './revoke.js';

/** The group, in the order of the work. */
export function accessCommand(ctx: Context): Command {
  const access = new Command('access').summary('who may use which keystore on this machine');
  const commands = [
    grantCommand(ctx),
    revokeCommand(ctx),
    listCommand(ctx),
    checkCommand(ctx),
    logCommand(ctx),
  ];
  for (const command of commands) {
    access.addCommand(command);
  }
  return access;
}
