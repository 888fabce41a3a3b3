/**
 * `topaz eid`: what is on the card.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { certsCommand } from './certs.js';
import { listCommand } from './list.js';
import { pinCommand } from './pin.js';
import { readCommand } from './read.js';
import { verifyCommand } from './verify.js';

/** The group, in the order of the work. */
export function eidCommand(ctx: Context): Command {
  const eid = new Command('eid').summary('what is on the identity card');
  for (const command of [
    listCommand(ctx),
    readCommand(ctx),
    certsCommand(ctx),
    verifyCommand(ctx),
    pinCommand(ctx),
  ]) {
    eid.addCommand(command);
  }
  return eid;
}
