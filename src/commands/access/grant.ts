/**
 * `topaz access grant`: the responsible lets a person use a keystore, and signs it with the eID.
 *
 * @module
 */

import { Command } from 'commander';

import type { Grant } from '../../access/grant.js';
import type { Purpose } from '../../access/purpose.js';
import type { Context } from '../../cli/context.js';
import { withPinFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import { facts, seconds } from '../../cli/text.js';
import type { EidCard } from '../../eid/card.js';
import { TopazError } from '../../errors.js';
import { formatSsin, maskSsin, parseSsin } from '../../ids/ssin.js';
import type { Signer } from '../../keys/keys.js';
import type { Certificate } from '../../x509/certificate.js';
import { CardPin } from '../cert/card-pin.js';
import { cardRoots } from '../eid/check-card.js';
import { withReader } from '../eid/open-card.js';
import type { CardFlags } from '../eid/open-card.js';
import { withCard } from '../cert/with-card.js';
import { purposeText, requireKeystore } from './describe.js';
import { lockOptions, note } from './place.js';
import type { GuardedKeystore } from './place.js';

export interface GrantOptions extends SecretFlags, CardFlags {
  keystore?: string;
  until?: string;
  may?: readonly string[];
  dryRun?: boolean;
}

/** `topaz access grant SSIN`. */
export function grantCommand(ctx: Context, run = runGrant): Command {
  const command = withReader(
    withPinFile(
      new Command('grant')
        .summary('let a person use a keystore, signed with the eID')
        .argument('<ssin>', 'SSIN of the person')
        .option('--keystore <alias>', 'which keystore: alias or file')
        .option('--until <day>', 'last day, for example 2026-12-31; else until it is revoked')
        .option('--may <purpose>', 'read, send, bill or manage; repeat it', collect)
        .option('--dry-run', 'say what would be granted, without the card'),
    ),
  ).addHelpText(
    'after',
    `
Examples:
  # the responsible, with the own eID: a colleague for the daily work
  $ topaz access grant 85.06.11-998.14 --keystore group
  # for reading alone, until the end of the contract
  $ topaz access grant 85061199814 --keystore group --may read --until 2026-12-31

read: the eHealthBox and unsealing; send: sealing and sending; bill: MyCareNet;
manage: export, password, renewal. Without --may: read, send and bill.
Asks for the PIN (--pin-file, --pin-fd). Who grants first is the responsible from then
on, unless the profile names one: topaz profile set mycarenet.responsible SSIN.
It is a rule of this machine, no lock: see SECURITY.md.`,
  );
  return command.action((ssin: string, options: GrantOptions) =>
    action(ctx, command, (session) => run(session, ssin, options)),
  );
}

const collect = (value: string, previous: readonly string[] | undefined): readonly string[] => [
  ...(previous ?? []),
  value,
];

export async function runGrant(run: Run, text: string, options: GrantOptions): Promise<void> {
  const person = parseSsin(text);
  const purposes = await purposesOf(options.may);
  const until = untilOf(run, options.until);
  const keystore = await requireKeystore(run, options.keystore);
  const { responsibleOf } = await import('../../access/decide.js');
  const expected = responsibleOf(keystore);
  const wanted = {
    id: run.ctx.newId(),
    keystore: keystore.alias,
    person,
    purposes,
    ...(until === undefined ? {} : { until }),
    issuedAt: seconds(run.now()),
  };
  if (options.dryRun === true) {
    show(run, { ...wanted, ...(expected === undefined ? {} : { responsible: expected }) }, true);
    return;
  }
  for (const grant of await signGrants(run, keystore, { wanted: [wanted], expected, options })) {
    show(run, grant, false);
  }
  run.done(run.t('access.grant.done', { person: maskSsin(person), alias: keystore.alias }));
}

export interface Wanted {
  readonly wanted: readonly Omit<Grant, 'responsible'>[];
  /** SSIN of the responsible, where there is one already. */
  readonly expected: string | undefined;
  readonly options: GrantOptions;
}

/**
 * Signs grants with the card of the responsible, whose PIN is asked once, and stores and logs each.
 *
 * @throws TopazError `E_CARD_MISMATCH`, `E_CERT_UNTRUSTED`, and errors of the card.
 */
export async function signGrants(
  run: Run,
  keystore: GuardedKeystore,
  { wanted, expected, options }: Wanted,
): Promise<readonly Grant[]> {
  const pin = new CardPin(run, options);
  try {
    if (!run.settings.canAskSecret) {
      await pin.read(run.t('cert.pin'));
    }
    return await withCard(run, options, async (card) => {
      const responsible = await responsibleOn(run, card, expected);
      const signer = await card.authenticationSigner(pin.for(card), pin.options);
      const grants: Grant[] = [];
      for (const { id, keystore: alias, ...rest } of wanted) {
        const grant = { id, keystore: alias, responsible, ...rest };
        await signAndStore(run, keystore, grant, signer);
        grants.push(grant);
      }
      return grants;
    });
  } finally {
    pin.wipe();
  }
}

async function signAndStore(
  run: Run,
  { alias, policyFile }: GuardedKeystore,
  grant: Grant,
  signer: Signer,
): Promise<void> {
  const [{ claimOf, signGrant }, { changePolicy }] = await Promise.all([
    import('../../access/grant.js'),
    import('../../access/policy.js'),
  ]);
  const { id, person, responsible } = grant;
  const signed = await signGrant(grant, signer);
  // What cannot be logged is not granted.
  await note(run, { event: 'grant', keystore: alias, who: responsible, person, grant: id });
  await changePolicy(policyFile, lockOptions(run), (policy) => {
    const before = policy?.grants ?? [];
    const former = before.filter((known) => claimOf(known)?.person === person);
    return {
      responsible,
      grants: [...before.filter((known) => !former.includes(known)), signed],
      // The new one is in the place of the former, which must not come back.
      revoked: [...(policy?.revoked ?? []), ...former.flatMap((known) => claimOf(known)?.id ?? [])],
    };
  });
}

/** SSIN of the card's holder, before its PIN is asked: the right person, and a genuine card. */
async function responsibleOn(
  run: Run,
  card: EidCard,
  expected: string | undefined,
): Promise<string> {
  const [{ readHolder }, { buildPath }] = await Promise.all([
    import('../../x509/holder.js'),
    import('../../x509/chain.js'),
  ]);
  const certificate: Certificate = await card.certificate('Authentication');
  const holder = readHolder(certificate.subject);
  if (holder?.isEid !== true || (expected !== undefined && holder.identifier.id !== expected)) {
    throw new TopazError('E_CARD_MISMATCH', 'this is not the card of the responsible', {
      facts: expected === undefined ? [] : [`responsible for this keystore: ${maskSsin(expected)}`],
      hint: 'the responsible grants, with the own card',
    });
  }
  const chain = await card.chain('Authentication');
  if (buildPath(certificate, chain, await cardRoots(run, card), run.now()) === undefined) {
    throw new TopazError('E_CERT_UNTRUSTED', 'this card does not end in a trusted root in date', {
      facts: ['a grant that it signs would count nowhere'],
      hint: 'topaz eid verify says more about the card',
    });
  }
  return holder.identifier.id;
}

export async function purposesOf(may: readonly string[] | undefined): Promise<readonly Purpose[]> {
  const { DAILY, isPurpose, PURPOSES } = await import('../../access/purpose.js');
  const wrong = (may ?? []).find((text) => !isPurpose(text));
  if (wrong !== undefined) {
    throw new TopazError('E_USAGE', `--may takes ${PURPOSES.join(', ')}`, {
      hint: `for example --may ${PURPOSES[0]} --may ${PURPOSES[1]}`,
    });
  }
  return may === undefined ? DAILY : PURPOSES.filter((purpose) => may.includes(purpose));
}

export function untilOf(run: Run, until: string | undefined): string | undefined {
  if (until === undefined) {
    return undefined;
  }
  const date = /^\d{4}-\d\d-\d\d$/.test(until) ? new Date(`${until}T00:00:00Z`) : undefined;
  if (date === undefined || Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== until) {
    throw new TopazError('E_USAGE', '--until takes a day', { hint: 'for example --until 2026-12-31' });
  } // prettier-ignore
  if (until < run.now().toISOString().slice(0, 10)) {
    throw new TopazError('E_USAGE', '--until is a day that is over', {
      hint: 'to take a grant back: topaz access revoke SSIN --keystore ALIAS',
    });
  }
  return until;
}

function show(run: Run, grant: Omit<Grant, 'responsible'> & Partial<Grant>, dryRun: boolean): void {
  const { id, keystore, responsible, person, purposes, until, issuedAt } = grant;
  const described = {
    ...(dryRun ? {} : { id }),
    person,
    ...(responsible === undefined ? {} : { responsible }),
    purposes,
    ...(until === undefined ? {} : { until }),
    ...(dryRun ? {} : { issuedAt }),
  };
  run.result(
    { schema: 'topaz.access.grant/1', keystore, grant: described, ...(dryRun ? { dryRun } : {}) },
    () =>
      facts([
        [run.t('access.row.keystore'), keystore],
        [run.t('access.row.person'), formatSsin(person)],
        [run.t('access.row.may'), purposeText(run, purposes)],
        [run.t('access.row.until'), until ?? run.t('access.until.revoked')],
        ...(responsible === undefined
          ? []
          : [[run.t('access.row.responsible'), formatSsin(responsible)] as const]),
      ]),
    () => [[keystore, person, purposes.join(' '), until ?? '', responsible ?? '']],
  );
}
