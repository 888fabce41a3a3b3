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
import type { PathStatus } from '../../revocation/path-status.js';
import { judgeStatus } from '../../revocation/path-status.js';
import type { RevocationPolicy } from '../../revocation/path-status.js';
import { describeStatus, openRevocation, revocationPolicy } from '../cert/open-revocation.js';
import { cardRoots, checkCard } from './check-card.js';
import { openCard, withReader } from './open-card.js';
import type { CardFlags } from './open-card.js';

export interface VerifyOptions extends CardFlags {
  offline?: boolean;
}

type State = 'ok' | 'failed' | 'not-checked';

interface Check {
  readonly check: 'signature' | 'chain' | 'revocation';
  readonly state: State;
}

/** `topaz eid verify`. */
export function verifyCommand(ctx: Context, run = runVerify): Command {
  const command = withReader(
    new Command('verify')
      .summary('check whether the card is genuine')
      .option('--offline', 'ask nobody: only recent answers at hand count'),
  ).addHelpText(
    'after',
    `
Examples:
  # is the card genuine, and issued by whom it should be?
  $ topaz eid verify
  # in a script
  $ topaz eid verify --quiet

Identity, address and photo must carry the signature of the National Register; its
certificate and the holder's must end in a trusted root. Whether the holder's were revoked
is asked at the places that they name; no answer is a warning, or a refusal with:
topaz profile set revocation mandatory. Exit status 9: something does not fit.`,
  );
  return command.action((options: VerifyOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runVerify(run: Run, options: VerifyOptions): Promise<void> {
  const { offline = false } = options;
  const card = await openCard(run, options);
  try {
    const verdict = await run.step(run.t('eid.read.step'), () =>
      checkCard(run, card, { photo: true }),
    );
    const policy = await revocationPolicy(run, 'optional');
    const status =
      verdict.chain && policy !== 'off' ? await askRevocation(run, card, offline) : undefined;
    const checks = [...describe(verdict), revocationCheck(status, policy)];
    const valid = checks.every(({ state }) => state !== 'failed');
    run.result(
      {
        schema: 'topaz.eid.verify/1',
        valid,
        checks,
        revocation: status?.state ?? 'not-checked',
        ...(status === undefined
          ? {}
          : { revocationStatus: describeStatus(status.decisive?.status) }),
      },
      () =>
        facts(
          checks.map(({ check, state }): [string, string] => [
            run.t(`eid.verify.${check}`),
            check === 'revocation'
              ? run.t(`eid.verify.revocation.${status?.state ?? 'not-checked'}`)
              : run.t(`eid.verify.${state}`),
          ]),
        ),
      () => checks.map(({ check, state }) => [check, state]),
    );
    refuse(verdict);
    refuseRevoked(run, status, policy);
  } finally {
    await card.close();
  }
}

/** A module that shows no data (OpenSC) leaves the signature unchecked. */
const describe = ({ signature, chain }: CardVerdict): readonly Check[] => [
  {
    check: 'signature',
    state: signature === undefined ? 'not-checked' : signature ? 'ok' : 'failed',
  },
  { check: 'chain', state: chain ? 'ok' : 'failed' },
];

async function askRevocation(
  run: Run,
  card: Awaited<ReturnType<typeof openCard>>,
  offline: boolean,
): Promise<PathStatus | undefined> {
  const [{ checkCardRevocation }, roots, checker] = await Promise.all([
    import('../../eid/card-revocation.js'),
    cardRoots(run, card),
    openRevocation(run, { offline, fresh: true }),
  ]);
  return run.step(run.t('eid.verify.asking'), () =>
    checkCardRevocation(card, roots, run.now(), checker),
  );
}

function revocationCheck(status: PathStatus | undefined, policy: RevocationPolicy): Check {
  const judged = status === undefined ? undefined : judgeStatus(status.state, policy);
  const state = judged === 'refused' ? 'failed' : judged === 'accepted' ? 'ok' : 'not-checked';
  return { check: 'revocation', state };
}

function refuseRevoked(run: Run, status: PathStatus | undefined, policy: RevocationPolicy): void {
  const judged = status === undefined ? 'accepted' : judgeStatus(status.state, policy);
  const decisive = status?.decisive?.status;
  if (judged === 'accepted' || decisive === undefined) {
    return;
  }
  if (decisive.state === 'revoked') {
    throw new TopazError('E_CERT_UNTRUSTED', 'a certificate of this card was revoked', {
      facts: [
        `on ${decisive.revokedAt.toISOString().slice(0, 10)}, ${decisive.reason ?? 'without a reason'}`,
      ],
      hint: 'do not rely on this card; its holder can ask the municipality',
      details: { revocation: describeStatus(decisive) },
    });
  }
  const detail = decisive.state === 'unknown' ? decisive.detail : '';
  if (judged === 'refused') {
    throw new TopazError('E_CERT_UNTRUSTED', 'it is not known whether this card was revoked', {
      facts: [detail],
      hint: 'try again later, or: topaz profile set revocation optional',
      details: { revocation: describeStatus(decisive) },
    });
  }
  if (decisive.state === 'unknown' && decisive.cause !== 'offline') {
    run.warn(run.t('eid.verify.unknown', { detail }));
  }
}

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
