/**
 * `topaz sandbox card set`: plays removal, blocking and slowness of a simulated card.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../../cli/context.js';
import { action } from '../../../cli/run.js';
import type { Run } from '../../../cli/run.js';

/** `topaz sandbox card set DIR KEY VALUE`. */
export function setCommand(ctx: Context, run = runSet): Command {
  const command = new Command('set')
    .summary('change the state of a test card')
    .argument('<dir>', 'folder of the card')
    .argument('<key>', 'triesLeft, present, delayMs, mute, held, pinpad, removeDuring, pin, dialog')
    .argument('<value>', 'its new value')
    .addHelpText(
      'after',
      `
Examples:
  # pull the card out of the reader, put it back
  $ topaz sandbox card set card present false
  $ topaz sandbox card set card present true
  # the PIN window of the Signature key is cancelled
  $ topaz sandbox card set card dialog cancel
  # the card is pulled out in the middle of the next signature
  $ topaz sandbox card set card removeDuring sign

Values: triesLeft 0 to 3; delayMs, for each access; dialog right, wrong, cancel or
none; removeDuring never, read, login or sign; the others true or false. mute: the
card never answers; held: another program uses it; pinpad: the reader has keys.
A folder of several cards is a desk with several readers: sandbox:FOLDER.`,
    );
  return command.action((dir: string, key: string, value: string) =>
    action(ctx, command, (session) => run(session, dir, key, value)),
  );
}

export async function runSet(run: Run, dir: string, key: string, value: string): Promise<void> {
  const { setCard } = await import('../../../pkcs11/simulated/card-folder.js');
  await setCard(dir, key, value);
  run.result({ schema: 'topaz.sandbox.card.set/1', dir, key, value }, () => []);
}
