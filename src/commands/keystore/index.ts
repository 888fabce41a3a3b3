/**
 * `topaz keystore`: the PKCS#12 files of eHealth certificates.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { backupsCommand } from './backups.js';
import { exportCommand } from './export.js';
import { importCommand } from './import.js';
import { listCommand } from './list.js';
import { passwdCommand } from './passwd.js';
import { removeCommand } from './remove.js';
import { showCommand } from './show.js';
import { useCommand } from './use.js';
import { verifyCommand } from './verify.js';

/** The group, in the order of the work. */
export function keystoreCommand(ctx: Context): Command {
  const keystore = new Command('keystore').summary('eHealth certificates and their keys, as files');
  const commands = [
    listCommand(ctx),
    importCommand(ctx),
    showCommand(ctx),
    verifyCommand(ctx),
    useCommand(ctx),
    exportCommand(ctx),
    passwdCommand(ctx),
    backupsCommand(ctx),
    removeCommand(ctx),
  ];
  for (const command of commands) {
    keystore.addCommand(command);
  }
  return keystore;
}
