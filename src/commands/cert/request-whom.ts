/**
 * For whom `topaz cert request` asks: the person at the card, or an organisation, with or without a mandate.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import type { ActorQualities, OrganisationType } from '../../certra/reply.js';
import { TopazError } from '../../errors.js';
import { formatIdentifier } from '../../ids/identifier.js';
import type { Identifier } from '../../ids/identifier.js';
import type { Ssin } from '../../ids/ssin.js';
import { raOptions } from '../../lifecycle/authority.js';
import type { Authority } from '../../lifecycle/authority.js';
import type { Organisation } from '../../lifecycle/organisation.js';
import type { RequestOptions, Role } from './request-input.js';

/** For whom a certificate is asked. */
export interface Whom {
  readonly holder: Identifier;
  /** Absent for a person. */
  readonly organisation?: Organisation;
}

export const personHolder = (ssin: Ssin): Identifier => ({ type: 'SSIN', id: ssin });

/** The kinds of organisations, and their rules. */
export async function askTypes(
  run: Run,
  authority: Authority,
): Promise<readonly OrganisationType[]> {
  const { getOrganisationTypes } = await import('../../certra/client.js');
  return run.step(run.t('cert.request.types'), () =>
    getOrganisationTypes(authority.call, authority.certra, raOptions(authority)),
  );
}

/**
 * Checks the number that was given, as far as that is possible before eHealth says who has a mandate.
 *
 * @throws TopazError `E_IDENTIFIER_INVALID`.
 */
export async function checkNumber(
  run: Run,
  authority: Authority,
  { organisation }: Role,
): Promise<void> {
  if (organisation !== undefined) {
    const { checkOrganisation } = await import('../../lifecycle/organisation.js');
    checkOrganisation(organisation, await askTypes(run, authority), { mandated: true });
  }
}

type Mandate = ActorQualities['organisations'][number];

/** The name of an organisation in the language of the person, else the first one. */
export const nameIn = (run: Run, names: Mandate['names']): string =>
  (names.find(({ language }) => language === run.settings.lang) ?? names[0])?.name ?? '';

/**
 * Decides, asking where the flags do not say it.
 *
 * @throws TopazError `E_IDENTIFIER_INVALID`, `E_INPUT_REQUIRED`.
 */
export async function whomOf(
  run: Run,
  authority: Authority,
  role: Role,
  options: RequestOptions,
  { ssin, qualities }: { readonly ssin: Ssin; readonly qualities: ActorQualities },
): Promise<Whom> {
  const chosen = await choose(run, role, qualities);
  if (chosen === 'person') {
    if (!qualities.person) {
      run.warn(run.t('cert.request.unknown'));
    }
    return { holder: personHolder(ssin) };
  }
  const identifier = chosen ?? (await askNumber(run));
  const mandate = qualities.organisations.find(
    ({ type, id }) => type === identifier.type && id === identifier.id,
  );
  const { checkOrganisation } = await import('../../lifecycle/organisation.js');
  const types = await askTypes(run, authority);
  checkOrganisation(identifier, types, { mandated: mandate !== undefined });
  const name = await nameOf(run, options, mandate);
  if (mandate === undefined) {
    run.warn(run.t('cert.request.unmandated'));
  }
  run.done(run.t('cert.request.for', { name, number: formatIdentifier(identifier) }));
  return {
    holder: identifier,
    organisation: { identifier, name, applicationId: role.applicationId },
  };
}

const PERSON = 'person';
const OTHER = 'other';
/** A list has nine lines at most (cli-ux §8): oneself, these, and another one. */
const MAX_LISTED = 7;

/** `undefined`: an organisation whose number is still to be asked. */
async function choose(
  run: Run,
  { as, organisation }: Role,
  { organisations }: ActorQualities,
): Promise<Identifier | 'person' | undefined> {
  if (as === 'person' || organisation !== undefined) {
    return organisation ?? 'person';
  }
  if (as === undefined && organisations.length === 0) {
    return 'person';
  }
  const listed = organisations.slice(0, MAX_LISTED);
  const answer = await (
    await run.ctx.prompter()
  ).choose(run.t('cert.request.whom'), [
    ...(as === undefined ? [{ value: PERSON, label: run.t('cert.request.whom.self') }] : []),
    ...listed.map(({ type, id, names }) => ({
      value: `${type}=${id}`,
      label: `${nameIn(run, names)} (${type}=${id})`,
    })),
    { value: OTHER, label: run.t('cert.request.whom.another') },
  ]);
  if (answer === PERSON) {
    return 'person';
  }
  const found = listed.find(({ type, id }) => answer === `${type}=${id}`);
  return found === undefined ? undefined : { type: found.type, id: found.id };
}

async function askNumber(run: Run): Promise<Identifier> {
  const { parseOrganisation } = await import('../../lifecycle/organisation.js');
  const text = await run.require('--organisation', undefined, async () =>
    (await run.ctx.prompter()).input(run.t('cert.request.organisation'), {
      validate: (value) => {
        try {
          parseOrganisation(value);
          return true;
        } catch (error) {
          return error instanceof TopazError ? error.message : String(error);
        }
      },
    }),
  );
  return parseOrganisation(text);
}

/** eHealth knows the name of an organisation with a mandate; others are asked. */
async function nameOf(
  run: Run,
  { organisationName }: RequestOptions,
  mandate: Mandate | undefined,
): Promise<string> {
  const given =
    organisationName ?? (mandate === undefined ? undefined : nameIn(run, mandate.names));
  const name = await run.require('--organisation-name', given?.trim(), async () =>
    (await run.ctx.prompter()).input(run.t('cert.request.organisationName'), {
      validate: (value) => value.trim() !== '' || run.t('cert.request.filled'),
    }),
  );
  return name.trim();
}
