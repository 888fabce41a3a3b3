/**
 * `topaz cert request`: ask eHealth for a certificate with the card. Everything is asked before the signature
 * that binds; nothing is sent before it is on disk.
 *
 * @module
 */

import { Command } from 'commander';
import { resolve } from 'node:path';

import type { Context } from '../../cli/context.js';
import { withPasswordFile, withPinFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { raOptions } from '../../lifecycle/authority.js';
import { openCard, withReader } from '../eid/open-card.js';
import { openAuthority, requestsOf } from './authority.js';
import { CardPin } from './card-pin.js';
import { pickUp, pickUpUnsent } from './pick-up.js';
import { readCard } from './read-card.js';
import { contactOf, heading } from './request-dialogue.js';
import { requestForForeigner } from './request-foreigner.js';
import {
  checkContactFlags,
  missingFlags,
  readAhead,
  readPassword,
  roleOf,
} from './request-input.js';
import type { RequestOptions, Role } from './request-input.js';
import { checkPlace, placeOf } from './request-place.js';
import { showSent } from './request-result.js';
import { checkNumber, personHolder, whomOf } from './request-whom.js';
import type { Whom } from './request-whom.js';
import { lockOf, submitRequest } from './send-request.js';
import type { Surroundings } from './send-request.js';

/** `topaz cert request`. */
export function requestCommand(ctx: Context, run = runRequest): Command {
  const command = withReader(
    withPinFile(
      withPasswordFile(
        new Command('request')
          .summary('ask eHealth for a certificate with the eID')
          .option('--as <role>', 'for whom: person or organisation')
          .option('--organisation <type=id>', 'which one, for example NIHII-GROUP=94499180')
          .option('--organisation-name <name>', 'its name, where eHealth knows no mandate')
          .option('--application <name>', 'application id, for one program of an organisation')
          .option('--email <address>', 'where eHealth writes about the request')
          .option('--phone <number>', 'your telephone number')
          .option('--email-general <address>', 'address for everybody, beside it')
          .option('--phone-general <number>', 'number for everybody, beside it')
          .option('--accept-terms', 'accept the contract without being asked')
          .option('--contract-out <file>', 'write the contract there as text')
          .option('-o, --out <file>', 'the keystore (PKCS#12) to be made')
          .option('--new', 'another request although one is in progress')
          .option('--dry-run', 'do everything up to the signature that binds; send no request')
          .option('--foreigner', 'for a person with a bis number and without eID')
          .option('--ssin <number>', 'with --foreigner: the bis number')
          .option('--first-name <name>', 'with --foreigner')
          .option('--last-name <name>', 'with --foreigner'),
      ),
    ),
  ).addHelpText(
    'after',
    `
Examples:
  # everything is asked, step by step
  $ topaz cert request
  # in a script, with a test card
  $ topaz cert request --as person --email jean@exemple.test \\
      --phone +3221234567 --accept-terms --pin-file pin --password-file pw
  # for a group; what would be sent?
  $ topaz cert request --organisation NIHII-GROUP=94499180 --dry-run

Asks for the PIN, contact data, a new password and the contract. On a real
card a person types the PIN of the signature in a window or on the reader.
Exit status 8: a request for this holder is waiting already.
See also: cert qualities, cert validate, cert finalize`,
  );
  return command.action((options: RequestOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runRequest(run: Run, options: RequestOptions): Promise<void> {
  if (options.foreigner === true) {
    await requestForForeigner(run, options);
    return;
  }
  const role = await roleOf(run, options);
  await checkContactFlags(options);
  const { environment } = await run.profile();
  const pin = new CardPin(run, options);
  let password: Uint8Array | undefined;
  try {
    const missing = missingFlags(options, role);
    password = await readAhead(run, options, { missing, dryRun: options.dryRun === true }, pin);
    const authority = await openAuthority(run);
    await checkNumber(run, authority, role);
    if (options.contractOut !== undefined) {
      const place = { absolute: resolve(run.ctx.cwd, options.contractOut), shown: options.contractOut }; // prettier-ignore
      await checkPlace(place, 'it may be the contract of another request');
    }
    run.remark(run.t('cert.request.title', { environment }));
    heading(run, 1, run.t('cert.request.step.card'));
    const card = await openCard(run, options);
    try {
      const identity = await readCard(run, card, pin);
      const store = await requestsOf(run);
      const desk: Surroundings = { authority, store, card, pin, identity };
      await store.exclusively(lockOf(run), () => journey(run, options, role, desk, password));
    } finally {
      await card.close();
    }
  } finally {
    pin.wipe();
    password?.fill(0);
  }
}

async function journey(
  run: Run,
  options: RequestOptions,
  role: Role,
  desk: Surroundings,
  given: Uint8Array | undefined,
): Promise<void> {
  const dryRun = options.dryRun === true;
  const earlier = await pickUpEarlier(run, options, role, desk);
  if (earlier !== undefined) {
    showSent(run, earlier);
    return;
  }
  const known = ownerOf(role, desk);
  const early = known && (await placeOf(run, known, options.out));
  heading(run, 2, run.t('cert.request.step.whom'));
  const whom = await askWhom(run, options, role, desk);
  const owner = { holder: whom.holder, applicationId: whom.organisation?.applicationId };
  const picked = known === undefined && options.new !== true ? await pickUp(run, owner, pickUpOptions(options, desk)) : undefined; // prettier-ignore
  if (picked !== undefined) {
    showSent(run, picked);
    return;
  }
  const place = early ?? (await placeOf(run, owner, options.out));
  heading(run, 3, run.t('cert.request.step.contact'));
  const contact = await contactOf(run, options);
  if (!dryRun) {
    heading(run, 4, run.t('cert.request.step.password'));
  }
  const password = dryRun ? undefined : (given ?? (await readPassword(run, options)));
  try {
    heading(run, 5, run.t('cert.request.step.contract'));
    const record = await submitRequest(run, desk, {
      whom,
      contact,
      place,
      password,
      acceptTerms: options.acceptTerms === true,
      contractOut: options.contractOut,
    });
    if (record !== undefined) {
      showSent(run, record, place.shown);
    }
  } finally {
    password?.fill(0);
  }
}

/** Whose keystore it will be, where the flags say it. */
function ownerOf({ as, organisation, applicationId }: Role, { identity }: Surroundings) {
  return as === 'person'
    ? { holder: personHolder(identity.ssin) }
    : organisation && { holder: organisation, applicationId };
}

const pickUpOptions = (
  { dryRun }: RequestOptions,
  { authority, store, card, pin }: Surroundings,
) => ({
  authority,
  store,
  dryRun: dryRun === true,
  authenticate: () => card.authenticationSigner(pin.for(card), pin.options),
  command: 'cert request',
});

async function pickUpEarlier(
  run: Run,
  options: RequestOptions,
  role: Role,
  desk: Surroundings,
): ReturnType<typeof pickUp> {
  if (options.new === true) {
    return undefined;
  }
  const owner = ownerOf(role, desk);
  return owner === undefined
    ? pickUpUnsent(run, pickUpOptions(options, desk))
    : pickUp(run, owner, pickUpOptions(options, desk));
}

/** PIN 1: for whom may this person ask? Those whom eHealth does not know are looked at by people. */
async function askWhom(
  run: Run,
  options: RequestOptions,
  role: Role,
  { authority, card, pin, identity: { ssin } }: Surroundings,
): Promise<Whom> {
  const { call, certra } = authority;
  const [{ getActorQualities, getApplicationIds }, { refuseTaken }] = await Promise.all([
    import('../../certra/client.js'),
    import('../../lifecycle/organisation.js'),
  ]);
  const signer = await card.authenticationSigner(pin.for(card), pin.options);
  const qualities = await run.step(run.t('cert.request.qualities'), () =>
    getActorQualities(call, certra, { ssin, signer }, raOptions(authority)),
  );
  const whom = await whomOf(run, authority, role, options, { ssin, qualities });
  const { organisation } = whom;
  if (organisation !== undefined) {
    await run.step(run.t('cert.request.applications'), async () => {
      const taken = await getApplicationIds(call, certra, whom.holder, raOptions(authority));
      await refuseTaken(authority, organisation, taken, signer);
    });
  }
  // The rights are on the card, for every program: they go as soon as they are not needed. Other tokens
  // make the second signature with this login.
  if (card.kind === 'middleware' || card.kind === 'simulated') {
    await card.logOut();
  }
  return whom;
}
