/**
 * What the STS knows about people and organisations (sts-session §5): claims are compared with the
 * certificates, certified attributes come from the seed. Unknown ones are left out, booleans are `false`.
 *
 * @module
 */

import { nihii8, padNihii11 } from '../ids/nihii.js';
import type { Holder } from '../x509/holder.js';
import type { Sandbox } from './exchange.js';
import { Refusal } from './faults-soap.js';
import { CERTIFIED, IDENTIFICATION } from './names.js';
import { mandatesOf, stsKind, typeOfKind } from './people.js';

export interface Designator {
  readonly namespace: string;
  readonly name: string;
}

export interface Attribute extends Designator {
  readonly values: readonly string[];
}

const EHEALTH = 'urn:be:fgov:ehealth:1.0:';
const PERSON = 'urn:be:fgov:person:ssin';
const NUMBER_SUFFIX = /^(?:certificateholder:)?([a-z]+):(?:nihii|cbe|ehp)-number$/;

/** Number of an organisation of that kind, when the certificate is its. */
const numberOf = (kind: string, { identifier }: Holder): string | undefined =>
  stsKind(identifier.type) === kind ? identifier.id : undefined;

/**
 * Compares every claim with the certificates.
 *
 * @throws Refusal `RequestDenied` that names the claim.
 */
export function checkIdentity(
  attributes: readonly Attribute[],
  user: Holder,
  owner: Holder,
  sandbox: Sandbox,
): void {
  for (const { namespace, name, values } of attributes) {
    if (namespace !== IDENTIFICATION) {
      throw new Refusal('RequestDenied', `${name} cannot be claimed`);
    }
    const expected = expectedClaim(name, user, owner);
    if (expected !== undefined && !(values.length === 1 && values[0] === expected)) {
      throw new Refusal('RequestDenied', `${name} differs from the certificate`);
    }
  }
  // A card that opens a session with an organisation's certificate needs a mandate for it.
  const { identifier } = owner;
  if (user.identifier.type === 'SSIN' && identifier.type !== 'SSIN') {
    const may = mandatesOf(sandbox, user.identifier.id);
    if (!may.some(({ type, id }) => type === identifier.type && id === identifier.id)) {
      throw new Refusal('RequestDenied', 'the person has no mandate for this organisation');
    }
  }
}

/** The value that a claim must have; `undefined` where nothing is known to compare with. */
function expectedClaim(name: string, user: Holder, owner: Holder): string | undefined {
  if (name === PERSON) {
    return user.identifier.type === 'SSIN' ? user.identifier.id : '';
  }
  if (name === `${EHEALTH}certificateholder:person:ssin`) {
    return owner.identifier.type === 'SSIN' ? owner.identifier.id : '';
  }
  const kind = NUMBER_SUFFIX.exec(name.replace(EHEALTH, ''))?.[1];
  return kind === undefined || kind === 'campus' ? undefined : (numberOf(kind, owner) ?? '');
}

/** Values for what was asked: claims again, then what the directory certifies. */
export function certify(
  designators: readonly Designator[],
  claims: readonly Attribute[],
  sandbox: Sandbox,
): readonly Attribute[] {
  const claim = (name: string): string | undefined =>
    claims.find((attribute) => attribute.name === name)?.values[0];
  return designators.flatMap((designator): Attribute[] => {
    const value =
      designator.namespace === IDENTIFICATION
        ? claim(designator.name)
        : designator.namespace === CERTIFIED
          ? certified(designator.name, claim, sandbox)
          : undefined;
    return value === undefined ? [] : [{ ...designator, values: [value] }];
  });
}

type Claim = (name: string) => string | undefined;

function certified(name: string, claim: Claim, sandbox: Sandbox): string | undefined {
  return name.startsWith(`${PERSON}:`)
    ? personAttribute(name.slice(PERSON.length + 1), name, claim, sandbox)
    : name.startsWith(EHEALTH)
      ? organisationAttribute(name.slice(EHEALTH.length), claim, sandbox)
      : undefined;
}

function personAttribute(
  rest: string,
  name: string,
  claim: Claim,
  sandbox: Sandbox,
): string | undefined {
  const { state } = sandbox;
  const ssin = claim(PERSON);
  if (rest === 'ehealth:1.0:recognisedmandatary:boolean') {
    return String(ssin !== undefined && mandatesOf(sandbox, ssin).length > 0);
  }
  const person = state.persons.find((entry) => entry.ssin === ssin);
  if (rest === 'ehealth:1.0:givenname') {
    return person?.firstName;
  }
  if (rest === 'ehealth:1.0:surname') {
    return person?.lastName;
  }
  const quality =
    /^(?:ehealth:1\.0:)?(?:nihii:|fpsph:|professional:)?([a-z]+):(?:boolean|nihii11)$/.exec(
      rest,
    )?.[1];
  const entry = person?.qualities.find((known) => known.quality === quality);
  return name.endsWith(':boolean') ? String(entry !== undefined) : entry?.nihii;
}

function organisationAttribute(rest: string, claim: Claim, sandbox: Sandbox): string | undefined {
  if (rest === 'certificateholder:person:ssin:usersession:boolean') {
    return String(claim(`${EHEALTH}certificateholder:person:ssin`) === claim(PERSON));
  }
  if (NUMBER_SUFFIX.test(rest)) {
    return claim(`${EHEALTH}${rest}`);
  }
  const kinds = [...new Set([...rest.matchAll(/[a-z]+/g)].map(([word]) => word))];
  const kind = kinds.find((word) => typeOfKind(word) !== undefined) ?? kindClaimed(claim);
  const number = kind === undefined ? undefined : claimedNumber(kind, claim);
  const type = kind === undefined ? undefined : typeOfKind(kind);
  const known = sandbox.state.organisations.some(
    (organisation) =>
      organisation.type === type &&
      (organisation.id === number || nihii8(organisation.id) === number),
  );
  if (rest.endsWith(':boolean')) {
    return String(known);
  }
  return rest.endsWith(':nihii11') && known && number !== undefined
    ? padNihii11(number)
    : undefined;
}

const claimedNumber = (kind: string, claim: Claim): string | undefined =>
  ['nihii-number', 'ehp-number', 'cbe-number']
    .flatMap((suffix) => [`${kind}:${suffix}`, `certificateholder:${kind}:${suffix}`])
    .map((name) => claim(`${EHEALTH}${name}`))
    .find((value) => value !== undefined);

/** For attributes that name no kind: the one that was claimed. */
const kindClaimed = (claim: Claim): string | undefined =>
  ['groupofnurses', 'medicalhouse', 'hospital', 'guardpost', 'sortingcenter', 'officedoctors',
   'reeducation', 'retirement', 'pharmacy', 'organization', 'enterprise'].find(
    (kind) => claimedNumber(kind, claim) !== undefined,
  ); // prettier-ignore
