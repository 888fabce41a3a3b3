/**
 * `topaz sandbox`: the services, on this machine.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { cardCommand } from './card/index.js';
import { deliverCommand } from './deliver.js';
import { failCommand } from './fail.js';
import { keystoreCommand } from './keystore/index.js';
import { logCommand } from './log.js';
import {
  approveCommand,
  profileCommand,
  refuseCommand,
  resetCommand,
  seedCommand,
  timeCommand,
} from './simple.js';
import { startCommand } from './start.js';
import { statusCommand } from './status.js';
import { stopCommand } from './stop.js';

/** The group, in the order of the work. */
export function sandboxCommand(ctx: Context): Command {
  const sandbox = new Command('sandbox').summary(
    'the services, on this machine, to try and to test',
  );
  for (const make of [
    startCommand,
    stopCommand,
    statusCommand,
    resetCommand,
    cardCommand,
    keystoreCommand,
    seedCommand,
    approveCommand,
    refuseCommand,
    deliverCommand,
    failCommand,
    timeCommand,
    logCommand,
    profileCommand,
  ]) {
    sandbox.addCommand(make(ctx));
  }
  return sandbox;
}
