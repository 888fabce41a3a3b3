/**
 * `topaz cert request --foreigner`: the request of a person with a bis number and without eID. No card is
 * touched; the person logs on at the address that eHealth gives, before its deadline.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { formatSsin } from '../../ids/ssin.js';
import type { Applicant } from '../../lifecycle/applicant-contract.js';
import { formatRfc2253, parseName } from '../../x509/name.js';
import { openAuthority, requestsOf } from './authority.js';
import { pickUp } from './pick-up.js';
import { contactOf } from './request-dialogue.js';
import { checkContactFlags, readAhead, readPassword } from './request-input.js';
import type { RequestOptions } from './request-input.js';
import { placeOf } from './request-place.js';
import { showPrepared, showSent } from './request-result.js';
import { personHolder } from './request-whom.js';
import { lockOf } from './send-request.js';

/** @throws TopazError `E_USAGE`, `E_SSIN_INVALID`, `E_INPUT_REQUIRED`, and as a request. */
export async function requestForForeigner(run: Run, options: RequestOptions): Promise<void> {
  refuseOthers(options);
  const { parseBisNumber } = await import('../../lifecycle/foreigner.js');
  if (options.ssin !== undefined) {
    parseBisNumber(options.ssin);
  }
  await checkContactFlags(options);
  const dryRun = options.dryRun === true;
  const given = await readAhead(run, options, { missing: missingOf(options), dryRun });
  try {
    const person = await personOf(run, options);
    const store = await requestsOf(run);
    await store.exclusively(lockOf(run), () => journey(run, options, person, given));
  } finally {
    given?.fill(0);
  }
}

async function journey(
  run: Run,
  options: RequestOptions,
  person: Applicant,
  given: Uint8Array | undefined,
): Promise<void> {
  const dryRun = options.dryRun === true;
  const [authority, store] = await Promise.all([openAuthority(run), requestsOf(run)]);
  const holder = personHolder(person.ssin);
  const command = 'cert request --foreigner';
  const earlier = options.new === true ? undefined : await pickUp(run, { holder }, { authority, store, dryRun, command }); // prettier-ignore
  if (earlier !== undefined) {
    showSent(run, earlier);
    return;
  }
  const place = await placeOf(run, { holder }, options.out);
  const contact = await contactOf(run, options);
  const { foreignerSubject, makeForeignerRequest, sendForeignerRequest } =
    await import('../../lifecycle/foreigner.js');
  const dn = formatRfc2253(parseName(foreignerSubject(person)));
  if (dryRun) {
    showPrepared(run, { whom: { holder }, dn, contact, path: place.shown });
    return;
  }
  const password = given ?? (await readPassword(run, options));
  try {
    const { storeRequest } = await import('../../lifecycle/request.js');
    const { environment } = await run.profile();
    const record = await run.step(run.t('cert.request.sending'), async () => {
      const made = await makeForeignerRequest(authority, person, contact);
      const stored = await storeRequest(store, made, {
        path: place.absolute,
        password,
        holder,
        environment,
        contact,
        dn,
        now: run.now(),
      });
      return sendForeignerRequest(authority, store, stored, made.message);
    });
    showSent(run, record, place.shown);
  } finally {
    password.fill(0);
  }
}

function refuseOthers(options: RequestOptions): void {
  const strange =
    (options.as === 'organisation' ? '--as organisation' : undefined) ??
    (options.organisation === undefined ? undefined : '--organisation') ??
    (options.application === undefined ? undefined : '--application') ??
    (options.contractOut === undefined ? undefined : '--contract-out');
  if (strange !== undefined) {
    throw new TopazError('E_USAGE', `${strange} does not go with --foreigner`, {
      facts: ['without eID a person asks for himself, and no contract is signed'],
      hint: `leave out ${strange} or --foreigner`,
    });
  }
}

const missingOf = ({ ssin, firstName, lastName, email, phone }: RequestOptions): string[] => [
  ...(ssin === undefined ? ['--ssin NUMBER'] : []),
  ...(firstName === undefined ? ['--first-name NAME'] : []),
  ...(lastName === undefined ? ['--last-name NAME'] : []),
  ...(email === undefined ? ['--email ADDRESS'] : []),
  ...(phone === undefined ? ['--phone NUMBER'] : []),
];

async function personOf(run: Run, options: RequestOptions): Promise<Applicant> {
  const { parseBisNumber } = await import('../../lifecycle/foreigner.js');
  const ask = async (key: string, validate: (value: string) => true | string) =>
    (await run.ctx.prompter()).input(run.t(key), { validate });
  const isFilled = (value: string): true | string =>
    value.trim() !== '' || run.t('cert.request.filled');
  const number = await run.require('--ssin', options.ssin, () =>
    ask('cert.request.bis', (value) => {
      try {
        parseBisNumber(value);
        return true;
      } catch (error) {
        return error instanceof TopazError ? error.message : String(error);
      }
    }),
  );
  const firstNames = await run.require('--first-name', options.firstName, () =>
    ask('cert.request.firstName', isFilled),
  );
  const lastName = await run.require('--last-name', options.lastName, () =>
    ask('cert.request.lastName', isFilled),
  );
  const person = {
    ssin: parseBisNumber(number),
    firstNames: firstNames.trim(),
    lastName: lastName.trim(),
  };
  run.done(
    run.t('cert.request.holder', {
      name: `${person.firstNames} ${person.lastName}`,
      ssin: formatSsin(person.ssin),
    }),
  );
  return person;
}
