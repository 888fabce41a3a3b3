/**
 * `topaz keystore`: the PKCS#12 files of eHealth certificates.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { importCommand } from './import.js';
import { listCommand } from './list.js';
import { showCommand } from './show.js';
import { useCommand } from './use.js';

/** The group, in the order of the work. */
export function keystoreCommand(ctx: Context): Command {
  const keystore = new Command('keystore').summary('eHealth certificates and their keys, as files');
  for (const command of [listCommand(ctx), importCommand(ctx), showCommand(ctx), useCommand(ctx)]) {
    keystore.addCommand(command);
  }
  return keystore;
}
