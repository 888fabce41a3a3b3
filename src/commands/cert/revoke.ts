/**
 * `topaz cert revoke`: withdraw a certificate and its encryption token at eHealth, for good. The card signs it,
 * so that it works without the keystore and its password.
 *
 * @module
 */

import { Command, Option } from 'commander';

import type { Context } from '../../cli/context.js';
import { withPinFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import type { CertificateInfo } from '../../certra/reply.js';
import type { RevocationReason } from '../../certra/request.js';
import type { EidCard } from '../../eid/card.js';
import { TopazError } from '../../errors.js';
import type { ReadableRevocation } from '../../lifecycle/revocation.js';
import { withReader } from '../eid/open-card.js';
import type { CardFlags } from '../eid/open-card.js';
import { dropRevoked } from '../session/held-keys.js';
import { openAuthority, requestsOf } from './authority.js';
import { CardPin } from './card-pin.js';
import { readCard } from './read-card.js';
import { showContract } from './request-dialogue.js';
import { refuseMissing } from './request-input.js';
import { chosen, nameOf } from './revoke-choice.js';
import type { Named } from './revoke-choice.js';
import { confirmed } from './revoke-confirm.js';
import { showRevocation } from './revoke-result.js';
import type { Surroundings } from './send-request.js';
import { lockOf } from './send-request.js';
import { withCard } from './with-card.js';

export interface RevokeOptions extends SecretFlags, CardFlags {
  request?: string;
  reason?: string;
  acceptTerms?: boolean;
  contractOut?: string;
  confirm?: string;
  dryRun?: boolean;
}

/** As the service knows them. */
const REASONS: readonly RevocationReason[] = [
  'keyCompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
];

/** `topaz cert revoke`. */
export function revokeCommand(ctx: Context, run = runRevoke): Command {
  const command = withReader(
    withPinFile(
      new Command('revoke')
        .summary('withdraw a certificate and its ETK, for good')
        .argument('[keystore]', 'alias or file; without it the card tells what there is')
        .option('--request <id>', 'the certificate, by 8 or more digits of its reference')
        .addOption(new Option('--reason <reason>', `why: ${REASONS.join(', ')}`))
        .option('--accept-terms', 'accept the contract without being asked')
        .option('--contract-out <file>', 'write the contract there as text')
        .option('--confirm <text>', 'last 4 digits of the serial number, or the alias')
        .option('--dry-run', 'do everything up to the signature that binds; revoke nothing'),
    ),
  ).addHelpText(
    'after',
    `
Examples:
  # the password is lost: with the card alone
  $ topaz cert revoke --reason cessationOfOperation
  # what would be revoked?
  $ topaz cert revoke doctor --reason keyCompromise --pin-file pin --dry-run
  # in a script, with a test card
  $ topaz cert revoke --request 3a444d24 --reason superseded --confirm 3a444d24 \\
      --accept-terms --pin-file pin

Needs no password. Asks for the PIN, the reason, the contract, and to type the
last 4 digits of the serial number (or the alias, or the reference given).
See also: cert list --detail, cert request`,
  );
  return command.action((keystore: string | undefined, options: RevokeOptions) =>
    action(ctx, command, (session) => run(session, keystore, options)),
  );
}

export async function runRevoke(
  run: Run,
  keystore: string | undefined,
  options: RevokeOptions,
): Promise<void> {
  const reason = reasonOf(options.reason);
  const named = await nameOf(run, keystore, options.request);
  const pin = new CardPin(run, options);
  try {
    await readAhead(run, options, pin);
    const [authority, store] = await Promise.all([openAuthority(run), requestsOf(run)]);
    await withCard(run, options, async (card) => {
      const identity = await readCard(run, card, pin);
      const desk = { authority, store, card, pin, identity };
      await store.exclusively(lockOf(run), () => journey(run, options, named, reason, desk));
    });
  } finally {
    pin.wipe();
  }
}

/** @throws TopazError `E_USAGE`. */
function reasonOf(text: string | undefined): RevocationReason | undefined {
  const reason = REASONS.find((known) => known === text);
  if (text !== undefined && reason === undefined) {
    throw new TopazError('E_USAGE', `there is no reason "${text}"`, {
      facts: [`one of ${REASONS.join(', ')}`],
      hint: '--reason superseded',
    });
  }
  return reason;
}

async function readAhead(run: Run, options: RevokeOptions, pin: CardPin): Promise<void> {
  const { reason, acceptTerms, confirm, dryRun } = options;
  const { canAsk, canAskSecret } = run.settings;
  const missing = canAsk
    ? []
    : [
        ...(reason === undefined ? ['--reason REASON'] : []),
        ...(dryRun === true || confirm !== undefined ? [] : ['--confirm TEXT']),
        ...(dryRun === true || acceptTerms === true ? [] : ['--accept-terms']),
      ];
  refuseMissing(run, missing);
  if (!canAskSecret) {
    await pin.read(run.t('cert.pin'));
  }
}

async function journey(
  run: Run,
  options: RevokeOptions,
  named: Named,
  given: RevocationReason | undefined,
  desk: Surroundings,
): Promise<void> {
  const { authority, store, card, pin, identity } = desk;
  const lifecycle = await import('../../lifecycle/revocation.js');
  const info = await chosen(run, desk, named);
  if (info.status === 'REVOKED') {
    await lifecycle.noteRevocation(store, info.id, { at: run.now().toISOString() });
    await dropRevoked(run, info.id);
    showRevocation(run, info, { alreadyRevoked: true });
    return;
  }
  if (!info.revocable) {
    throw new TopazError('E_USAGE', `certificate ${info.id.slice(0, 8)} cannot be revoked`, {
      facts: [`eHealth: ${info.status}`],
      hint: 'topaz cert list --detail shows what can be',
    });
  }
  const reason = given ?? (await askReason(run));
  const contract = await run.step(run.t('cert.request.fetching'), () =>
    lifecycle.fetchRevocationContract(authority, identity, info, reason),
  );
  await showContract(run, contract.texts, options.contractOut);
  if (options.dryRun === true) {
    showRevocation(run, info, { dryRun: true, reason });
    return;
  }
  await confirmed(run, options, named, info);
  await sign(run, desk, card, info, contract, pin);
  // Keys of a revoked certificate are of no use in the session agent.
  await dropRevoked(run, info.id);
  showRevocation(run, info, { reason });
}

async function askReason(run: Run): Promise<RevocationReason> {
  const answer = await run.require('--reason', undefined, async () =>
    (await run.ctx.prompter()).choose(
      run.t('cert.revoke.reason'),
      REASONS.map((value) => ({ value, label: run.t(`cert.revoke.reason.${value}`) })),
    ),
  );
  return reasonOf(answer) ?? 'cessationOfOperation';
}

async function sign(
  run: Run,
  { authority, store }: Surroundings,
  card: EidCard,
  { id }: CertificateInfo,
  { contract }: ReadableRevocation,
  pin: CardPin,
): Promise<void> {
  const { revoke } = await import('../../lifecycle/revocation.js');
  await run.step(run.t('cert.revoke.signing'), async () => {
    const signer = await card.signatureSigner(pin.for(card), pin.options);
    await revoke(authority, store, { id, contract, signer });
  });
  await card.logOut();
}
