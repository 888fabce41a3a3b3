/**
 * `topaz cert request`: ask eHealth for a certificate with the card. Everything is asked before the signature
 * that binds; nothing is sent before it is on disk.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { withPasswordFile, withPinFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import type { EidCard } from '../../eid/card.js';
import type { Identity } from '../../eid/identity.js';
import { PendingError, TopazError } from '../../errors.js';
import type { Authority } from '../../lifecycle/authority.js';
import type { RequestRecord } from '../../lifecycle/request-record.js';
import type { RequestStore } from '../../lifecycle/request-store.js';
import type { SignedRequest, StoreRequestOptions } from '../../lifecycle/request.js';
import { openCard, withReader } from '../eid/open-card.js';
import { openAuthority, requestsOf } from './authority.js';
import { CardPin } from './card-pin.js';
import { contactOf, heading, showContract } from './request-dialogue.js';
import { checkContactFlags, checkRole, readAhead, readPassword } from './request-input.js';
import type { RequestOptions } from './request-input.js';
import { placeOf } from './request-place.js';
import { showPrepared, showSent } from './request-result.js';

/** `topaz cert request`. */
export function requestCommand(ctx: Context, run = runRequest): Command {
  const command = withReader(
    withPinFile(
      withPasswordFile(
        new Command('request')
          .summary('ask eHealth for a certificate with the eID')
          .option('--as <role>', 'for whom: person')
          .option('--email <address>', 'where eHealth writes about the request')
          .option('--phone <number>', 'your telephone number')
          .option('--accept-terms', 'accept the contract without being asked')
          .option('-o, --out <file>', 'the keystore (PKCS#12) to be made')
          .option('--new', 'another request although one is in progress')
          .option('--dry-run', 'do everything up to the signature that binds; send no request'),
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

Asks for the PIN, contact data, a new password and the contract. On a real
card a person types the PIN of the signature in a window or on the reader.
Exit status 8: a request for this holder is waiting already.
See also: cert validate, cert finalize`,
  );
  return command.action((options: RequestOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runRequest(run: Run, options: RequestOptions): Promise<void> {
  checkRole(options.as);
  await checkContactFlags(options);
  const profile = await run.profile();
  const pin = new CardPin(run, options);
  let password: Uint8Array | undefined;
  try {
    password = await readAhead(run, options, pin);
    run.remark(run.t('cert.request.title', { environment: profile.environment }));
    heading(run, 1, run.t('cert.request.step.card'));
    const card = await openCard(
      run,
      options.reader === undefined ? {} : { reader: options.reader },
    );
    try {
      await journey(run, options, card, pin, password);
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
  card: EidCard,
  pin: CardPin,
  given: Uint8Array | undefined,
): Promise<void> {
  const identity = await readCard(run, card, pin);
  const authority = await openAuthority(run);
  const store = await requestsOf(run);
  const picked = options.new === true ? undefined : await pickUp(run, options, { authority, store, card, pin, identity }); // prettier-ignore
  if (picked !== undefined) {
    showSent(run, picked);
    return;
  }
  const path = await placeOf(run, identity.ssin, options.out);
  heading(run, 2, run.t('cert.request.step.whom'));
  await checkQualities(run, authority, card, pin, identity);
  heading(run, 3, run.t('cert.request.step.contact'));
  const contact = await contactOf(run, options);
  const { fetchContract } = await import('../../lifecycle/applicant-contract.js');
  if (options.dryRun !== true) {
    heading(run, 4, run.t('cert.request.step.password'));
  }
  const password =
    options.dryRun === true ? undefined : (given ?? (await readPassword(run, options)));
  try {
    heading(run, 5, run.t('cert.request.step.contract'));
    const contract = await run.step(run.t('cert.request.fetching'), () =>
      fetchContract(authority, identity, contact),
    );
    await showContract(run, contract);
    if (password === undefined) {
      showPrepared(run, { contract, contact, path: path.shown });
      return;
    }
    if (options.acceptTerms !== true) {
      await run.confirm(run.t('cert.request.accept'), '--accept-terms');
    }
    const { signCertificateRequest } = await import('../../lifecycle/request.js');
    const signed = await run.step(run.t('cert.request.signing'), async () => {
      const signer = await card.signatureSigner(pin.for(card), pin.options);
      return signCertificateRequest(authority, contract, { contact, signer });
    });
    await card.logOut();
    const record = await storeAndSend(run, authority, store, signed, {
      path: path.absolute,
      password,
      holder: { type: 'SSIN', id: identity.ssin },
      contact,
      contract,
    });
    showSent(run, record, path.shown);
  } finally {
    password?.fill(0);
  }
}

/**
 * Who is at the card. Where it cannot sign, or nobody can answer its PIN window, that is said before any PIN
 * is asked (sandbox sheet §4).
 */
async function readCard(run: Run, card: EidCard, pin: CardPin): Promise<Identity> {
  const identity = await run.step(run.t('cert.request.reading'), async () => {
    await card.certificate('Authentication');
    await card.certificate('Signature');
    if (card.kind !== 'softhsm' && card.kind !== 'other') {
      // These ask no PIN to give their signer; the two others do, and sign after it.
      await card.signatureSigner(pin.for(card), pin.options);
    }
    return card.identity();
  });
  const { formatSsin } = await import('../../ids/ssin.js');
  run.done(
    run.t('cert.request.holder', {
      name: `${identity.firstNames} ${identity.lastName}`.trim(),
      ssin: formatSsin(identity.ssin),
    }),
  );
  return identity;
}

interface Surroundings {
  readonly authority: Authority;
  readonly store: RequestStore;
  readonly card: EidCard;
  readonly pin: CardPin;
  readonly identity: Identity;
}

/**
 * Looks after what an earlier command left behind.
 *
 * @returns A request whose answer was lost and that is in order now; `undefined`: make a new one.
 * @throws PendingError, TopazError `E_USAGE`: one is in progress.
 */
async function pickUp(
  run: Run,
  { dryRun }: RequestOptions,
  { authority, store, card, pin, identity }: Surroundings,
): Promise<RequestRecord | undefined> {
  const [{ openRequestsOf }, { environment }] = await Promise.all([
    import('../../lifecycle/request-store.js'),
    run.profile(),
  ]);
  const { resumeRequest } = await import('../../lifecycle/resume.js');
  const holder = { type: 'SSIN', id: identity.ssin };
  for (const record of openRequestsOf(await store.list(), holder, environment)) {
    const { outcome, record: now } = await run.step(run.t('cert.request.earlier'), () =>
      store.exclusively(lockOf(run), () =>
        resumeRequest(authority, store, record, {
          authenticate: () => card.authenticationSigner(pin.for(card), pin.options),
          dryRun: dryRun === true,
        }),
      ),
    );
    if (outcome === 'over') {
      run.warn(run.t('cert.request.over', { id: now.id.slice(0, 8) }));
    } else if (record.state === 'new') {
      return now;
    } else {
      throw inProgress(now);
    }
  }
  return undefined;
}

const lockOf = ({ settings, ctx }: Run) => ({
  timeoutMs: settings.lockTimeoutMs,
  signal: ctx.signal,
});

function inProgress({ id, state, submittedAt, keystore }: RequestRecord): TopazError {
  const facts = [...(submittedAt === undefined ? [] : [`sent ${submittedAt}`]), keystore];
  return state === 'approved'
    ? new TopazError('E_USAGE', `request ${id.slice(0, 8)} is approved already`, {
        facts,
        hint: 'topaz cert finalize; to make another request all the same: --new',
        details: { requestId: id },
      })
    : new PendingError(id, {
        facts,
        hint: 'topaz cert validate --watch; to make another request all the same: --new',
      });
}

/** PIN 1: may this person ask? Those whom eHealth does not know are looked at by people. */
async function checkQualities(
  run: Run,
  { call, certra, newId, signal, now }: Authority,
  card: EidCard,
  pin: CardPin,
  { ssin }: Identity,
): Promise<void> {
  const { getActorQualities } = await import('../../certra/client.js');
  const signer = await card.authenticationSigner(pin.for(card), pin.options);
  const { person } = await run.step(run.t('cert.request.qualities'), () =>
    getActorQualities(call, certra, { ssin, signer }, { now: now(), newId, signal }),
  );
  // The rights are on the card, for every program: they go as soon as they are not needed. Other tokens
  // make the second signature with this login.
  if (card.kind === 'middleware' || card.kind === 'simulated') {
    await card.logOut();
  }
  if (!person) {
    run.warn(run.t('cert.request.unknown'));
  }
}

async function storeAndSend(
  run: Run,
  authority: Authority,
  store: RequestStore,
  signed: SignedRequest,
  options: Omit<StoreRequestOptions, 'environment' | 'now'>,
): Promise<RequestRecord> {
  const { storeRequest, sendRequest } = await import('../../lifecycle/request.js');
  const { environment } = await run.profile();
  return run.step(run.t('cert.request.sending'), () =>
    store.exclusively(lockOf(run), async () => {
      const record = await storeRequest(store, signed, { ...options, environment, now: run.now() });
      return sendRequest(authority, store, record, signed.message);
    }),
  );
}
