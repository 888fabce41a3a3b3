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
import type { ActorQualities } from '../../certra/reply.js';
import { openCard, withReader } from '../eid/open-card.js';
import { openAuthority } from './authority.js';
import { CardPin } from './card-pin.js';

export interface QualitiesOptions extends SecretFlags {
  reader?: string;
}

/** `topaz cert qualities`. */
export function qualitiesCommand(ctx: Context, run = runQualities): Command {
  const command = withReader(
    withPinFile(new Command('qualities').summary('for whom may I request a certificate?')),
  ).addHelpText(
    'after',
    `
Examples:
  # myself, and which organisations?
  $ topaz cert qualities
  # in a script
  $ topaz cert qualities --pin-file pin --json

Asks for the PIN of the card (--pin-file, --pin-fd).`,
  );
  return command.action((options: QualitiesOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runQualities(run: Run, options: QualitiesOptions): Promise<void> {
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

async function ask(run: Run, { reader }: QualitiesOptions, pin: CardPin): Promise<ActorQualities> {
  const [{ getActorQualities }, { call, certra, now, newId, signal }] = await Promise.all([
    import('../../certra/client.js'),
    openAuthority(run),
  ]);
  const card = await openCard(run, reader === undefined ? {} : { reader });
  try {
    const { ssin } = await card.identity();
    const signer = await card.authenticationSigner(pin.for(card), pin.options);
    return await run.step(run.t('cert.request.qualities'), () =>
      getActorQualities(call, certra, { ssin, signer }, { now: now(), newId, signal }),
    );
  } finally {
    await card.close();
  }
}

function show(run: Run, { person, organisations }: ActorQualities): void {
  const { lang } = run.settings;
  const nameOf = (names: ActorQualities['organisations'][number]['names']): string =>
    (names.find(({ language }) => language === lang) ?? names[0])?.name ?? '';
  run.result(
    { schema: 'topaz.cert.qualities/1', person: { authorized: person }, organisations },
    () => [
      run.t(person ? 'cert.qualities.person' : 'cert.qualities.unknown'),
      ...table(
        run,
        organisations.map(({ type, id, names }) => [`${type}=${id}`, nameOf(names)]),
      ),
    ],
    () => [
      ['person', String(person)],
      ...organisations.map(({ type, id, names }) => [`${type}=${id}`, nameOf(names)]),
    ],
  );
}
