/**
 * `topaz sandbox keystore`: finished keystores for tests.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../../cli/context.js';
import { createCommand } from './create.js';

/** The group below `topaz sandbox`. */
export function keystoreCommand(ctx: Context): Command {
  const keystore = new Command('keystore').summary('finished keystores for tests');
  keystore.addCommand(createCommand(ctx));
  return keystore;
}
