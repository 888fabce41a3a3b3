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
import { formatDay } from '../../cli/text.js';
import type { CertificateInfo } from '../../certra/reply.js';
import type { RevocationReason } from '../../certra/request.js';
import type { EidCard } from '../../eid/card.js';
import { TopazError } from '../../errors.js';
import { formatIdentifier } from '../../ids/identifier.js';
import { formatSsin } from '../../ids/ssin.js';
import type { ReadableRevocation } from '../../lifecycle/revocation.js';
import { withReader } from '../eid/open-card.js';
import { keystorePath } from '../keystore/open-keystore.js';
import { dropRevoked } from '../session/held-keys.js';
import { openAuthority, requestsOf } from './authority.js';
import { CardPin } from './card-pin.js';
import { readCard } from './read-card.js';
import { showContract } from './request-dialogue.js';
import { refuseMissing } from './request-input.js';
import { showRevocation } from './revoke-result.js';
import type { Surroundings } from './send-request.js';
import { lockOf } from './send-request.js';
import { withCard } from './with-card.js';

export interface RevokeOptions extends SecretFlags {
  request?: string;
  reason?: string;
  acceptTerms?: boolean;
  contractOut?: string;
  confirm?: string;
  dryRun?: boolean;
  reader?: string;
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

/** Which certificate, as the command line says it. */
interface Named {
  readonly reference: string | undefined;
  readonly alias: string | undefined;
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

/** The reference is known without password where this machine made or finalized the keystore. */
async function nameOf(
  run: Run,
  keystore: string | undefined,
  request: string | undefined,
): Promise<Named> {
  if (keystore !== undefined && request !== undefined) {
    throw new TopazError('E_USAGE', 'a keystore and --request are given; one is enough', {
      hint: 'leave out --request',
    });
  }
  if (keystore === undefined) {
    if (request !== undefined && !/^[0-9a-f]{8,40}$/i.test(request)) {
      throw new TopazError(
        'E_USAGE',
        'a certificate is named by 8 or more digits of its reference',
        {
          facts: ['digits 0 to 9 and letters a to f'],
          hint: 'topaz cert list --detail shows them',
        },
      );
    }
    return { reference: request?.toLowerCase(), alias: undefined };
  }
  const path = await keystorePath(run, keystore);
  const [{ aliasOf }, { keystoreDigest }] = await Promise.all([
    import('../../keystore/store.js'),
    import('../../lifecycle/keystore-digest.js'),
  ]);
  const records = await (await requestsOf(run)).list();
  const digest = await keystoreDigest(path);
  const record =
    records.findLast((entry) => entry.keystore === path) ??
    records.findLast((entry) => entry.fileDigest === digest);
  if (record === undefined) {
    throw new TopazError('E_USAGE', 'the reference of this keystore is not known here', {
      facts: ['it was neither requested nor finalized on this machine'],
      hint: 'topaz cert list --detail shows it; then: topaz cert revoke --request REFERENCE',
    });
  }
  return { reference: record.id, alias: aliasOf(path) };
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
    await forget(run, info);
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
  await forget(run, info);
  await dropRevoked(run, info.id);
  showRevocation(run, info, { reason });
}

/** Keys of a revoked certificate are of no use in the session agent. */
async function forget(run: Run, { id }: CertificateInfo): Promise<void> {
  const { dropRevoked } = await import('../session/held-keys.js');
  await dropRevoked(run, id);
}

/** PIN 1: what does eHealth have, and which one is meant? */
async function chosen(
  run: Run,
  { authority, card, pin }: Surroundings,
  { reference }: Named,
): Promise<CertificateInfo> {
  const [{ listWithCard }, { chooseCertificate }] = await Promise.all([
    import('../../lifecycle/standing.js'),
    import('../../lifecycle/revocation.js'),
  ]);
  const signer = await card.authenticationSigner(pin.for(card), pin.options);
  const infos = await run.step(run.t('cert.validate.asking'), () =>
    listWithCard(authority, signer),
  );
  if (card.kind === 'middleware' || card.kind === 'simulated') {
    await card.logOut();
  }
  const revocable = infos.filter((info) => info.revocable);
  if (reference !== undefined || revocable.length < 2 || !run.settings.canAsk) {
    return chooseCertificate(infos, reference);
  }
  const id = await (
    await run.ctx.prompter()
  ).choose(
    run.t('cert.revoke.which'),
    revocable.map((info) => ({ value: info.id, label: labelOf(run, info) })),
  );
  return chooseCertificate(infos, id);
}

function labelOf(run: Run, { id, holder, certificate }: CertificateInfo): string {
  const [who] = holder.ids;
  return [
    id.slice(0, 8),
    holder.name,
    who === undefined ? '' : formatIdentifier(who),
    certificate === undefined ? '' : formatDay(run, certificate.notAfter),
  ].join('  ');
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

/** Last digits of the serial number that have to be typed. */
const TYPED = 4;

/** Severe: a text is typed, and the contract is accepted (cli-ux §10). */
async function confirmed(
  run: Run,
  options: RevokeOptions,
  { alias, reference }: Named,
  { id, certificate, holder }: CertificateInfo,
): Promise<void> {
  const serial = certificate?.serial.slice(-TYPED) ?? id.slice(0, 8);
  const accepted = [serial, alias, reference === undefined ? undefined : id.slice(0, 8)];
  const fits = (text: string): boolean => accepted.includes(text.trim()) || text.trim() === id;
  const [who] = holder.ids;
  run.warn(
    run.t('cert.revoke.warning', {
      name: holder.name,
      number:
        who?.type === 'SSIN' ? formatSsin(who.id) : who === undefined ? '' : formatIdentifier(who),
    }),
  );
  const { environment } = await run.profile();
  const text = await run.require('--confirm', options.confirm, async () =>
    (await run.ctx.prompter()).input(run.t('cert.revoke.confirm', { serial, environment })),
  );
  if (!fits(text)) {
    throw new TopazError('E_NOT_CONFIRMED', 'not confirmed; nothing was revoked', {
      facts: ['the text is not the one of this certificate'],
      hint: `type the last ${String(TYPED)} digits of its serial number: topaz cert revoke --dry-run shows it`,
    });
  }
  if (options.acceptTerms !== true) {
    await run.confirm(run.t('cert.request.accept'), '--accept-terms');
  }
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
