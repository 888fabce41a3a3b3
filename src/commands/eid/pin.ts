/**
 * `topaz eid pin`: how many tries the PIN of the card has left, where the card tells. No PIN is ever tried for
 * it, and none is changed: the eID software does that.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { facts } from '../../cli/text.js';
import type { EidCard } from '../../eid/card.js';
import { MAX_TRIES } from '../../eid/pin-rules.js';
import { openCard, withReader } from './open-card.js';
import type { CardFlags } from './open-card.js';

type State = 'ok' | 'low' | 'locked' | 'unknown';

/** `topaz eid pin`. */
export function pinCommand(ctx: Context, run = runPin): Command {
  const command = withReader(
    new Command('pin').summary('how many PIN tries are left, where the card tells'),
  ).addHelpText(
    'after',
    `
Examples:
  # is the PIN still good for three tries?
  $ topaz eid pin
  # in a script, before a PIN from a file is used
  $ topaz eid pin --json

No PIN is asked or tried. Cards issued before 2021 do not tell: the state is
unknown. Three wrong PINs in a row lock the card; the municipality unlocks it with
the PUK. To change the PIN, use the viewer of the eID software.`,
  );
  return command.action((options: CardFlags) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runPin(run: Run, options: CardFlags): Promise<void> {
  const card = await openCard(run, options);
  try {
    const triesLeft = card.triesLeft();
    const { pinpad, reader } = card;
    const state = stateOf(card);
    run.result(
      {
        schema: 'topaz.eid.pin/1',
        reader,
        pinpad,
        state,
        ...(triesLeft === undefined ? {} : { triesLeft }),
      },
      () => [
        ...facts([
          [run.t('eid.pin.reader'), reader],
          [
            run.t('eid.pin.tries'),
            triesLeft === undefined ? run.t(`eid.pin.${state}`) : String(triesLeft),
          ],
          [run.t('eid.pin.where'), run.t(pinpad ? 'eid.pin.where.pinpad' : 'eid.pin.where.here')],
        ]),
        ...(state === 'locked' ? [run.t('eid.pin.unlock')] : []),
      ],
      () => [[reader, state, triesLeft === undefined ? '' : String(triesLeft)]],
    );
  } finally {
    await card.close();
  }
}

function stateOf(card: EidCard): State {
  const left = card.triesLeft();
  if (left === undefined) {
    return card.pinCountLow ? 'low' : 'unknown';
  }
  return left === 0 ? 'locked' : left < MAX_TRIES ? 'low' : 'ok';
}
