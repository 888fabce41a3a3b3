/**
 * `topaz mycarenet`: what the mutualities know.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { insurabilityCommand } from './insurability.js';
import { mailboxCommand } from './mailbox/index.js';

/** The group. */
export function mycarenetCommand(ctx: Context): Command {
  return new Command('mycarenet')
    .summary('ask the mutualities')
    .addCommand(insurabilityCommand(ctx))
    .addCommand(mailboxCommand(ctx));
}
