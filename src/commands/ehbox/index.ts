/**
 * `topaz ehbox`: the eHealthBox, mirrored to this machine.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { contactsCommand } from './contacts.js';
import { infoCommand } from './info.js';
import { listCommand } from './list.js';
import { deleteCommand, moveCommand } from './move.js';
import { oooCommand } from './ooo.js';
import { exportCommand } from './export.js';
import { outboxCommand } from './outbox.js';
import { pruneCommand } from './prune.js';
import { readCommand, unreadCommand } from './read.js';
import { receiptsCommand } from './receipts.js';
import { reindexCommand } from './reindex.js';
import { saveCommand } from './save.js';
import { sendCommand } from './send.js';
import { showCommand } from './show.js';
import { syncCommand } from './sync.js';
import { unsealCommand } from './unseal.js';

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
    unsealCommand(ctx),
    sendCommand(ctx),
    outboxCommand(ctx),
    contactsCommand(ctx),
    receiptsCommand(ctx),
    moveCommand(ctx),
    deleteCommand(ctx),
    exportCommand(ctx),
    pruneCommand(ctx),
    reindexCommand(ctx),
    oooCommand(ctx),
  ]) {
    ehbox.addCommand(command);
  }
  return ehbox;
}
