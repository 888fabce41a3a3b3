/**
 * `Origin`: the software that asks, with its licence, and the care provider for whom it asks (mycarenet §1.2,
 * §1.3, §4.1). The same in every service of MyCareNet but for the namespaces.
 *
 * @module
 */

import type { Nihii11 } from '../ids/nihii.js';
import type { ElementFactory } from '../xml/build.js';
import type { XmlElement } from '../xml/tree.js';

/** The licence belongs to the software house, not to the user. Its password is a secret. */
export interface License {
  readonly username: string;
  /** UTF-8. The owner wipes it. */
  readonly password: Uint8Array;
}

export interface CareProvider {
  /** Word of MyCareNet: `doctor`, `groupofnurses` … */
  readonly quality: string;
  readonly nihii: Nihii11;
  readonly name?: string;
  /** Only of a person. */
  readonly ssin?: string;
  /** Only of an organisation. */
  readonly cbe?: string;
}

export interface Origin {
  /** Name under which the software is registered with that licence. */
  readonly packageName: string;
  readonly license: License;
  readonly careProvider: CareProvider;
  /** The organisation that sends for the care provider; none = the care provider does. */
  readonly sender?: CareProvider;
}

const PERSONS = [
  'doctor', 'nurse', 'physiotherapist', 'dentist', 'logopedist', 'trussmaker', 'orthopedist', 'midwife',
  'optician', 'podologist', 'dietician', 'clinicalpsychologist',
] as const; // prettier-ignore

const ORGANISATIONS = [
  'hospital', 'groupofnurses', 'labo', 'retirement', 'otdpharmacy', 'medicalhouse', 'groupofdoctors',
  'psychiatrichouse', 'guardpost', 'ambulanceservice', 'reeducation',
] as const; // prettier-ignore

/** Every quality that MyCareNet knows. */
export const MYCARENET_QUALITIES: readonly string[] = [...PERSONS, ...ORGANISATIONS];

/** Whether a quality is one of organisations, whose numbers have 8 digits and are padded. */
export const isOrganisation = (quality: string): boolean =>
  ORGANISATIONS.some((known) => known === quality);

/**
 * The element `Origin`.
 *
 * @param owner Makes `Origin` itself.
 * @param core Makes what is inside.
 */
export function originElement(
  owner: ElementFactory,
  core: ElementFactory,
  { packageName, license, careProvider, sender }: Origin,
): XmlElement {
  return owner(
    'Origin',
    {},
    core(
      'Package',
      {},
      core('Name', {}, packageName),
      core(
        'License',
        {},
        core('Username', {}, license.username),
        core('Password', {}, new TextDecoder().decode(license.password)),
      ),
    ),
    careProviderElement(core, careProvider),
    sender === undefined ? undefined : core('Sender', {}, partyElement(core, sender)),
  );
}

/** `PhysicalPerson` for a person's number, `Organization` for an organisation's, never both. */
function careProviderElement(core: ElementFactory, provider: CareProvider): XmlElement {
  return core('CareProvider', {}, numberElement(core, provider), partyElement(core, provider));
}

const numberElement = (core: ElementFactory, { quality, nihii }: CareProvider): XmlElement =>
  core('Nihii', {}, core('Quality', {}, quality), core('Value', {}, nihii));

function partyElement(core: ElementFactory, provider: CareProvider): XmlElement {
  const { quality, name, ssin, cbe } = provider;
  const number = numberElement(core, provider);
  const optional = (element: string, value: string | undefined): XmlElement | undefined =>
    value === undefined ? undefined : core(element, {}, value);
  return isOrganisation(quality)
    ? core('Organization', {}, optional('Name', name), number, optional('Cbe', cbe))
    : core('PhysicalPerson', {}, optional('Name', name), number, optional('Ssin', ssin));
}
