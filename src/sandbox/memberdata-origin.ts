/**
 * Who asks, in a MyCareNet request: the licence of the software, and the care provider, who must be the one
 * of the token (mycarenet §1.2, §1.3, §8).
 *
 * @module
 */

import { padNihii11 } from '../ids/nihii.js';
import type { Exchange } from './exchange.js';
import { Refusal, SandboxFault } from './faults-soap.js';
import { MCN_CORE, MCN_PROTOCOL } from './names.js';
import type { TokenAttribute } from './security.js';
import { childOf, textOf } from './xml-read.js';
import type { ReadElement } from './xml-read.js';

export interface CareProvider {
  readonly quality: string;
  /** 11 digits. */
  readonly nihii: string;
  /** As written, to be repeated in the answer. */
  readonly inputReference: string;
}

const PERSON_SSIN = 'urn:be:fgov:person:ssin';

/** Qualities of organisations; all others are those of a person. */
const ORGANISATIONS: ReadonlySet<string> = new Set([
  'hospital', 'groupofnurses', 'labo', 'retirement', 'otdpharmacy', 'medicalhouse', 'groupofdoctors',
  'psychiatrichouse', 'guardpost', 'ambulanceservice', 'reeducation',
]); // prettier-ignore

/**
 * Checks `CommonInput` against the token.
 *
 * @throws SandboxFault `SOA-01002` without licence, or with a quality that the token does not certify.
 * @throws Refusal `CROSSCHECK_ISSUER` for another number than the token's.
 */
export function checkOrigin(
  { checks }: Exchange,
  request: ReadElement,
  attributes: readonly TokenAttribute[],
): CareProvider {
  const input = childOf(request, MCN_PROTOCOL, 'CommonInput');
  if (textOf(childOf(input, MCN_CORE, 'Request'), MCN_CORE, 'IsTest') !== 'true') {
    checks.tolerated('origin', 'IsTest is not true, though nothing here is real');
  }
  const origin = childOf(input, MCN_CORE, 'Origin');
  return {
    ...checkOriginElement(checks, origin, MCN_CORE, attributes),
    inputReference: textOf(input, MCN_CORE, 'InputReference'),
  };
}

/**
 * Checks an `Origin` against the token.
 *
 * @param core Namespace of what is inside.
 * @throws As {@link checkOrigin}.
 */
export function checkOriginElement(
  checks: Exchange['checks'],
  origin: ReadElement | undefined,
  core: string,
  attributes: readonly TokenAttribute[],
): Omit<CareProvider, 'inputReference'> {
  const license = childOf(childOf(origin, core, 'Package'), core, 'License');
  if (textOf(license, core, 'Username') === '' || textOf(license, core, 'Password') === '') {
    checks.failed('origin', 'no licence');
    throw new SandboxFault('SOA-01002', 'the package has no licence');
  }
  const careProvider = childOf(origin, core, 'CareProvider');
  const nihii = childOf(careProvider, core, 'Nihii');
  const quality = textOf(nihii, core, 'Quality');
  const value = textOf(nihii, core, 'Value');
  const office = officeOf(origin, core);
  if (office === undefined) {
    checkToken(checks, quality, value, attributes);
  } else {
    // The token is the office's: nothing in it tells whom it works for.
    checkToken(checks, office.quality, office.value, attributes);
  }
  checkParty(checks, quality, careProvider, core, attributes);
  if (childOf(origin, core, 'SiteID') !== undefined) {
    checks.tolerated('origin', 'SiteID says nothing');
  }
  if (office === undefined && childOf(origin, core, 'Sender') !== undefined) {
    checks.tolerated('origin', 'Sender says nothing');
  }
  checks.ok('origin');
  return { quality, nihii: padNihii11(value) };
}

/** Who sends for the care provider; `undefined` where nobody does. */
function officeOf(
  origin: ReadElement | undefined,
  core: string,
): { readonly quality: string; readonly value: string } | undefined {
  const sender = childOf(origin, core, 'Sender');
  const party = childOf(sender, core, 'Organization') ?? childOf(sender, core, 'PhysicalPerson');
  const nihii = childOf(party, core, 'Nihii');
  return nihii === undefined
    ? undefined
    : { quality: textOf(nihii, core, 'Quality'), value: textOf(nihii, core, 'Value') };
}

type Checks = Exchange['checks'];

function checkToken(
  checks: Checks,
  quality: string,
  value: string,
  attributes: readonly TokenAttribute[],
): void {
  const about = attributes.filter(({ name }) => name.includes(`:${quality}:`));
  const numbers = about
    .filter(({ name }) => /:(?:nihii11|nihii-number)$/.test(name))
    .flatMap(({ values }) => values);
  const certified = attributes.some(
    ({ name, values }) =>
      name.endsWith(':boolean') &&
      (name.includes(`:${quality}:`) || name.includes(`:recognised${quality}:`)) &&
      values.includes('true'),
  );
  if (quality === '' || (numbers.length === 0 && !certified)) {
    checks.failed('origin', `the token does not certify the quality ${quality}`);
    throw new SandboxFault('SOA-01002', `the token does not certify the quality ${quality}`);
  }
  if (numbers.length > 0 && !numbers.map(padNihii11).includes(padNihii11(value))) {
    throw new Refusal(
      'CROSSCHECK_ISSUER',
      'the number of the care provider is not that of the token',
    );
  }
}

/** A person or an organisation, by the number; official clients send a person for some organisations. */
function checkParty(
  checks: Checks,
  quality: string,
  careProvider: ReadElement | undefined,
  core: string,
  attributes: readonly TokenAttribute[],
): void {
  const person = childOf(careProvider, core, 'PhysicalPerson');
  const organisation = childOf(careProvider, core, 'Organization');
  const due = ORGANISATIONS.has(quality) ? organisation : person;
  if (due === undefined || (person !== undefined && organisation !== undefined)) {
    checks.tolerated('origin', 'PhysicalPerson is for persons, Organization for organisations');
  }
  const ssin = textOf(person, core, 'Ssin');
  const holder = attributes.find(({ name }) => name === PERSON_SSIN)?.values[0];
  if (ssin !== '' && holder !== undefined && ssin !== holder) {
    throw new Refusal('CROSSCHECK_ISSUER', 'the person is not the one of the token');
  }
}
