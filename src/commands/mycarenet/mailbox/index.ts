/**
 * `topaz mycarenet mailbox`: what MyCareNet keeps for the care provider, fetched to this machine.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../../cli/context.js';
import { confirmCommand } from './confirm.js';
import { listCommand } from './list.js';
import { sendCommand } from './send.js';
import { showCommand } from './show.js';
import { statusCommand } from './status.js';
import { syncCommand } from './sync.js';

/** The group, in the order of the work. */
export function mailboxCommand(ctx: Context): Command {
  const mailbox = new Command('mailbox').summary('MyCareNet messages: fetch, read, send');
  for (const command of [
    syncCommand(ctx),
    listCommand(ctx),
    showCommand(ctx),
    sendCommand(ctx),
    statusCommand(ctx),
    confirmCommand(ctx),
  ]) {
    mailbox.addCommand(command);
  }
  return mailbox;
}
