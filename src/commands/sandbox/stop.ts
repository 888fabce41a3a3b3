/**
 * `topaz sandbox stop`: ends the sandbox of a data folder and waits until it is gone.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { TopazError, systemCode } from '../../errors.js';
import { ask, withData } from './data-folder.js';
import type { DataFlags } from './data-folder.js';

const POLL_MS = 25;
const PATIENCE_POLLS = 400;

/** `topaz sandbox stop`. */
export function stopCommand(ctx: Context, run = runStop): Command {
  const command = withData(new Command('stop').summary('stop the running sandbox')).addHelpText(
    'after',
    `
Examples:
  # the sandbox of this home
  $ topaz sandbox stop
  # another one
  $ topaz sandbox stop --data /tmp/sandbox`,
  );
  return command.action((options: DataFlags) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runStop(run: Run, options: DataFlags): Promise<void> {
  const { pid, dataDir } = await ask(run, options, 'stop');
  if (typeof pid === 'number') {
    await waitForEnd(pid);
  }
  run.result({ schema: 'topaz.sandbox.stop/1', pid, dataDir }, () => []);
  run.done(run.t('sandbox.stop.done'));
}

async function waitForEnd(pid: number): Promise<void> {
  for (let poll = 0; poll < PATIENCE_POLLS; poll += 1) {
    try {
      process.kill(pid, 0);
    } catch (error) {
      if (systemCode(error) === 'ESRCH') {
        return;
      }
      throw error;
    }
    await sleep(POLL_MS);
  }
  throw new TopazError('E_SANDBOX_RUNNING', 'the sandbox does not stop', {
    facts: [`process ${pid}`],
    hint: `end that process: kill ${pid}`,
  });
}
