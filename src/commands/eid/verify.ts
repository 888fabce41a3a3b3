/**
 * `topaz eid verify`: is the card genuine? Shows nothing of what is on it.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { facts } from '../../cli/text.js';
import type { CardVerdict } from '../../eid/verify-card.js';
import { TopazError } from '../../errors.js';
import { checkCard } from './check-card.js';
import { openCard, withReader } from './open-card.js';

export interface VerifyOptions {
  reader?: string;
}

type State = 'ok' | 'failed' | 'not-checked';

/** `topaz eid verify`. */
export function verifyCommand(ctx: Context, run = runVerify): Command {
  const command = withReader(
    new Command('verify').summary('check whether the card is genuine'),
  ).addHelpText(
    'after',
    `
Examples:
  # is the card genuine, and issued by whom it should be?
  $ topaz eid verify
  # in a script
  $ topaz eid verify --quiet

Identity, address and photo must carry the signature of the National Register; its
certificate and the holder's must end in a trusted root. Nothing is asked on the network:
revocation is not checked in this version. Exit status 9: something does not fit.`,
  );
  return command.action((options: VerifyOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runVerify(run: Run, { reader }: VerifyOptions): Promise<void> {
  const card = await openCard(run, reader === undefined ? {} : { reader });
  try {
    const verdict = await run.step(run.t('eid.read.step'), () =>
      checkCard(run, card, { photo: true }),
    );
    const checks = describe(verdict);
    const valid = checks.every(({ state }) => state !== 'failed');
    run.result(
      { schema: 'topaz.eid.verify/1', valid, checks, revocation: 'not-checked' },
      () =>
        facts(
          checks.map(({ check, state }): [string, string] => [
            run.t(`eid.verify.${check}`),
            run.t(`eid.verify.${state}`),
          ]),
        ),
      () => checks.map(({ check, state }) => [check, state]),
    );
    refuse(verdict);
  } finally {
    await card.close();
  }
}

/** A module that shows no data (OpenSC) leaves the signature unchecked. */
const describe = ({
  signature,
  chain,
}: CardVerdict): readonly { readonly check: 'signature' | 'chain'; readonly state: State }[] => [
  {
    check: 'signature',
    state: signature === undefined ? 'not-checked' : signature ? 'ok' : 'failed',
  },
  { check: 'chain', state: chain ? 'ok' : 'failed' },
];

function refuse({ signature, chain }: CardVerdict): void {
  if (signature === false) {
    throw new TopazError('E_SIGNATURE_INVALID', 'the data of this card are not genuine', {
      facts: ['the signature of the National Register does not fit'],
      hint: 'do not rely on this card',
    });
  }
  if (!chain) {
    throw new TopazError('E_CERT_UNTRUSTED', 'this card does not end in a trusted root in date', {
      hint: 'do not rely on this card; check its dates: topaz eid certs',
    });
  }
}
