/**
 * `topaz cert qualities`: for whom may the person at the card request a certificate?
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { withPinFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import { table } from '../../cli/text.js';
import type { ActorQualities, OrganisationType } from '../../certra/reply.js';
import { raOptions } from '../../lifecycle/authority.js';
import { withReader } from '../eid/open-card.js';
import type { CardFlags } from '../eid/open-card.js';
import { openAuthority } from './authority.js';
import { CardPin } from './card-pin.js';
import { askTypes, nameIn } from './request-whom.js';
import { withCard } from './with-card.js';

export interface QualitiesOptions extends SecretFlags, CardFlags {
  types?: boolean;
}

/** `topaz cert qualities`. */
export function qualitiesCommand(ctx: Context, run = runQualities): Command {
  const command = withReader(
    withPinFile(
      new Command('qualities')
        .summary('for whom may I request a certificate?')
        .option('--types', 'the kinds of organisations instead; needs no card'),
    ),
  ).addHelpText(
    'after',
    `
Examples:
  # myself, and which organisations?
  $ topaz cert qualities
  # in a script
  $ topaz cert qualities --pin-file pin --json
  # which kinds of organisations may have a certificate?
  $ topaz cert qualities --types

Asks for the PIN of the card (--pin-file, --pin-fd).`,
  );
  return command.action((options: QualitiesOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runQualities(run: Run, options: QualitiesOptions): Promise<void> {
  if (options.types === true) {
    showTypes(run, await askTypes(run, await openAuthority(run)));
    return;
  }
  const pin = new CardPin(run, options);
  try {
    if (!run.settings.canAskSecret) {
      await pin.read(run.t('cert.pin'));
    }
    show(run, await ask(run, options, pin));
  } finally {
    pin.wipe();
  }
}

/** An organisation with a mandate, and the application ids of its active certificates. */
type Known = ActorQualities['organisations'][number] & {
  readonly applicationIds: readonly (string | undefined)[];
};

interface Qualities {
  readonly person: boolean;
  readonly organisations: readonly Known[];
}

async function ask(run: Run, options: QualitiesOptions, pin: CardPin): Promise<Qualities> {
  const [{ getActorQualities, getApplicationIds }, authority] = await Promise.all([
    import('../../certra/client.js'),
    openAuthority(run),
  ]);
  const { call, certra } = authority;
  return withCard(run, options, async (card) => {
    const { ssin } = await card.identity();
    const signer = await card.authenticationSigner(pin.for(card), pin.options);
    return run.step(run.t('cert.request.qualities'), async () => {
      const { person, organisations } = await getActorQualities(
        call,
        certra,
        { ssin, signer },
        raOptions(authority),
      );
      const known: Known[] = [];
      for (const organisation of organisations) {
        const { type, id } = organisation;
        const ids = await getApplicationIds(call, certra, { type, id }, raOptions(authority));
        known.push({ ...organisation, applicationIds: ids });
      }
      return { person, organisations: known };
    });
  });
}

function show(run: Run, { person, organisations }: Qualities): void {
  const idsOf = ({ applicationIds }: Known): string =>
    applicationIds.map((id) => id ?? run.t('cert.qualities.none')).join(', ');
  run.result(
    {
      schema: 'topaz.cert.qualities/1',
      person: { authorized: person },
      organisations: organisations.map(({ type, id, names, applicationIds }) => ({
        type,
        id,
        names,
        applicationIds: applicationIds.map((entry) => entry ?? null),
      })),
    },
    () => [
      run.t(person ? 'cert.qualities.person' : 'cert.qualities.unknown'),
      ...table(
        run,
        organisations.map((entry) => [
          `${entry.type}=${entry.id}`,
          nameIn(run, entry.names),
          idsOf(entry),
        ]),
      ),
    ],
    () => [
      ['person', String(person)],
      ...organisations.map((entry) => [
        `${entry.type}=${entry.id}`,
        nameIn(run, entry.names),
        entry.applicationIds.map((id) => id ?? '').join(' '),
      ]),
    ],
  );
}

function showTypes(run: Run, types: readonly OrganisationType[]): void {
  run.result(
    {
      schema: 'topaz.cert.qualities/1',
      organisationTypes: types.map(({ type, names, pattern, checkDigits }) => ({
        type,
        names,
        ...(pattern === undefined ? {} : { pattern }),
        checkDigits,
      })),
    },
    () =>
      table(
        run,
        types.map(({ type, names, pattern = '' }) => [type, nameIn(run, names), pattern]),
      ),
    () =>
      types.map(({ type, names, pattern = '', checkDigits }) => [
        type,
        nameIn(run, names),
        pattern,
        checkDigits.join(' '),
      ]),
  );
}
