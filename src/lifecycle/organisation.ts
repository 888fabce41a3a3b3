/**
 * Numbers of organisations and application ids, checked before anything is sent: by the rules that eHealth
 * publishes with each kind of organisation (certificate-lifecycle §4, §8).
 *
 * @module
 */

import type { CertificateInfo, OrganisationType } from '../certra/reply.js';
import { TopazError } from '../errors.js';
import { formatIdentifier, normaliseIdentifier, parseIdentifier } from '../ids/identifier.js';
import type { Identifier } from '../ids/identifier.js';
import type { Signer } from '../keys/keys.js';
import { nearest } from '../profile/nearest.js';
import type { Authority } from './authority.js';
import { listWithCard } from './standing.js';

/** For whom a certificate is, where that is not the person at the card. */
export interface Organisation {
  readonly identifier: Identifier;
  readonly name: string;
  readonly applicationId?: string | undefined;
}

/** No number of an organisation is longer; keeps a pattern of the service from taking long. */
const MAX_DIGITS = 20;

/**
 * Reads `TYPE=NUMBER` for a request. Shorter numbers are padded with zeros on the left as eHealth does; a
 * longer one is refused, never cut.
 *
 * @throws TopazError `E_IDENTIFIER_INVALID`.
 */
export function parseOrganisation(text: string): Identifier {
  const { type, id } = parseIdentifier(text);
  if (type === 'SSIN') {
    throw new TopazError('E_IDENTIFIER_INVALID', 'an SSIN is the number of a person', {
      hint: '--as person, or write the number of the organisation, for example NIHII-GROUP=94499180',
    });
  }
  const given = text.slice(text.indexOf('=') + 1).replace(/[\s.-]/g, '');
  if (
    given.length > MAX_DIGITS ||
    normaliseIdentifier({ type, id: given }).id.length < given.length
  ) {
    throw new TopazError('E_IDENTIFIER_INVALID', `the number has too many digits for ${type}`, {
      hint: 'check the number',
    });
  }
  return { type, id };
}

/**
 * Whether the last two digits fit the leading ones; `undefined` for an algorithm that is not known here.
 *
 * @param algorithm `CHECK-97-MOD-97`: 97 minus the rest; `CHECK-MOD-97`: the rest itself, 97 for 0 too.
 */
export function fitsCheckDigits(digits: string, algorithm: string): boolean | undefined {
  if (digits.length < 3) {
    return false;
  }
  const rest = Number(BigInt(digits.slice(0, -2)) % 97n);
  const check = Number(digits.slice(-2));
  switch (algorithm) {
    case 'CHECK-97-MOD-97':
      return check === 97 - rest;
    case 'CHECK-MOD-97':
      return check === rest || (rest === 0 && check === 97);
    default:
      return undefined;
  }
}

/**
 * Checks a number by the rules of its kind.
 *
 * @param types As eHealth lists them. A kind that is not listed is only accepted with a mandate: eHealth named
 *   the organisation itself then.
 * @throws TopazError `E_IDENTIFIER_INVALID` that says which rule, with the nearest kinds.
 */
export function checkOrganisation(
  { type, id }: Identifier,
  types: readonly OrganisationType[],
  { mandated = false }: { readonly mandated?: boolean } = {},
): void {
  const rules = types.find((entry) => entry.type === type);
  if (rules === undefined) {
    if (mandated) {
      return;
    }
    const known = types.map((entry) => entry.type);
    const near = nearest(type, known);
    throw new TopazError(
      'E_IDENTIFIER_INVALID',
      `eHealth has no organisations of the type ${type}`,
      {
        facts: near.length === 0 ? [] : [`did you mean ${near.join(', ')}?`],
        hint: 'topaz cert qualities --types lists them',
        details: { nearest: near },
      },
    );
  }
  const form = patternOf(rules.pattern);
  if (form !== undefined && !form.test(id)) {
    throw wrong(type, `it must match ${rules.pattern ?? ''}`);
  }
  const verdicts = rules.checkDigits.map((algorithm) => fitsCheckDigits(id, algorithm));
  if (verdicts.length > 0 && verdicts.every((verdict) => verdict === false)) {
    throw wrong(type, `the check digits are wrong (${rules.checkDigits.join(', ')})`);
  }
}

const wrong = (type: string, why: string): TopazError =>
  new TopazError('E_IDENTIFIER_INVALID', `this is no number of a ${type}`, {
    facts: [why],
    hint: 'check the number; nothing was sent',
  });

/** The service's pattern, whole; one that this machine does not understand checks nothing. */
function patternOf(pattern: string | undefined): RegExp | undefined {
  if (pattern === undefined || pattern === '') {
    return undefined;
  }
  try {
    return new RegExp(`^(?:${pattern})$`, 'u');
  } catch {
    return undefined;
  }
}

const APPLICATION_ID = /^[0-9A-Z_-]{1,30}$/;

/**
 * An application id as eHealth stores it: upper case, without diacritics.
 *
 * @throws TopazError `E_USAGE`.
 */
export function parseApplicationId(text: string): string {
  const id = text.trim().toUpperCase().normalize('NFD').replace(/\p{M}/gu, '');
  if (!APPLICATION_ID.test(id)) {
    throw new TopazError('E_USAGE', 'this is not an application id', {
      facts: ['1 to 30 letters, digits, dashes and underscores'],
      hint: '--application LABO-1',
    });
  }
  return id;
}

/**
 * Refuses an application id (or its absence) that an active certificate of the organisation has already, unless
 * eHealth would let that one be replaced now.
 *
 * @param taken As eHealth lists them.
 * @param signer The card's Authentication key: its holder sees the dates.
 * @throws TopazError `E_USAGE` that lists what is taken; and as `listWithCard`.
 */
export async function refuseTaken(
  authority: Authority,
  organisation: Organisation,
  taken: readonly (string | undefined)[],
  signer: Signer,
): Promise<void> {
  const { identifier, applicationId } = organisation;
  if (!taken.includes(applicationId)) {
    return;
  }
  const infos = await listWithCard(authority, signer);
  if (infos.some((info) => info.replaceable && isOf(info, organisation))) {
    return;
  }
  const what =
    applicationId === undefined
      ? 'an active certificate without application id'
      : `an active certificate with the application id ${applicationId}`;
  throw new TopazError('E_USAGE', `${formatIdentifier(identifier)} has ${what}`, {
    facts: [`active: ${taken.map((id) => id ?? '(without application id)').join(', ')}`],
    hint: 'choose another one: --application NAME; in the last 90 days: topaz cert renew',
    details: { applicationIds: taken.map((id) => id ?? null) },
  });
}

const isOf = (
  { holder, applicationId }: CertificateInfo,
  { identifier, applicationId: wanted }: Organisation,
): boolean =>
  applicationId === wanted &&
  holder.ids.some(({ type, id }) => type === identifier.type && id.trim() === identifier.id);
