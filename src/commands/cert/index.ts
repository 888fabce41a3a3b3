/**
 * `topaz cert`: the eHealth certificate, in the order of its life.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { finalizeCommand } from './finalize.js';
import { listCommand } from './list.js';
import { qualitiesCommand } from './qualities.js';
import { renewCommand } from './renew.js';
import { requestCommand } from './request.js';
import { revokeCommand } from './revoke.js';
import { showCommand } from './show.js';
import { statusCommand } from './status.js';
import { validateCommand } from './validate.js';
import { verifyCommand } from './verify.js';

/** The group, in the order of the work. */
export function certCommand(ctx: Context): Command {
  const cert = new Command('cert').summary('the eHealth certificate, in the order of its life');
  for (const command of [
    requestCommand(ctx),
    listCommand(ctx),
    validateCommand(ctx),
    finalizeCommand(ctx),
    statusCommand(ctx),
    showCommand(ctx),
    verifyCommand(ctx),
    renewCommand(ctx),
    revokeCommand(ctx),
    qualitiesCommand(ctx),
  ]) {
    cert.addCommand(command);
  }
  return cert;
}
