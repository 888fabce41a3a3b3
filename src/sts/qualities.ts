/**
 * What each kind of user claims and wants certified (sts-session §5), as data in a short form. A test
 * compares it word for word with the list of the sheet.
 *
 * @module
 */

import { NS_CERTIFIED, NS_IDENTIFICATION } from '../saml/names.js';
import type { Designator } from '../saml/request.js';

/** Which identifier is the value of every claim. */
export type ClaimValue = 'ssin' | 'nihii' | 'cbe' | 'ehp';

/** Claim of a mandate holder whose value is no number but the name of the service that the mandate is for. */
export const SERVICE_NAME = 'urn:be:fgov:ehealth:1.0:servicename:external';

export interface QualityAttributes {
  readonly value: ClaimValue;
  readonly attributes: readonly Designator[];
  readonly designators: readonly Designator[];
  /** Type in the certificate of such a holder. */
  readonly holderType: string;
}

const PERSON = 'urn:be:fgov:person:ssin';
const EHEALTH = 'urn:be:fgov:ehealth:1.0:';

const claim = (name: string): Designator => ({ namespace: NS_IDENTIFICATION, name });
const certified = (name: string): Designator => ({ namespace: NS_CERTIFIED, name });

const PERSON_CLAIMS = [claim(`${EHEALTH}certificateholder:person:ssin`), claim(PERSON)];
const NAMES = ['ehealth:1.0:givenname', 'ehealth:1.0:surname'];

/** A natural person; `names` are below the SSIN attribute. */
const person = (...names: readonly string[]): QualityAttributes => ({
  value: 'ssin',
  holderType: 'SSIN',
  attributes: PERSON_CLAIMS,
  designators: [
    ...PERSON_CLAIMS,
    ...names.map((name) => certified(name.startsWith('urn:') ? name : `${PERSON}:${name}`)),
  ],
});

/** Professions that share one pattern. */
const profession = (name: string): QualityAttributes =>
  person(
    `ehealth:1.0:professional:${name}:boolean`,
    `ehealth:1.0:nihii:${name}:nihii11`,
    ...NAMES,
    `ehealth:1.0:fpsph:${name}:boolean`,
  );

/** A person who acts by mandate, in the name of a service. */
function mandate(): QualityAttributes {
  const attributes = [...PERSON_CLAIMS, claim(SERVICE_NAME)];
  return {
    value: 'ssin',
    holderType: 'SSIN',
    attributes,
    designators: [
      ...attributes,
      certified(`${EHEALTH}certificateholder:person:ssin:usersession:boolean`),
      certified(`${PERSON}:ehealth:1.0:recognisedmandatary:boolean`),
    ],
  };
}

/** An organisation with a number; `names` are below `urn:be:fgov:ehealth:1.0:`. */
function organisation(
  kind: string,
  holderType: string,
  names: readonly string[],
  value: ClaimValue = 'nihii',
): QualityAttributes {
  const number = value === 'ehp' ? 'ehp-number' : 'nihii-number';
  const claims = [
    claim(`${EHEALTH}${kind}:${number}`),
    claim(`${EHEALTH}certificateholder:${kind}:${number}`),
  ];
  return {
    value,
    holderType,
    attributes: claims,
    designators: [...claims, ...names.map((name) => certified(`${EHEALTH}${name}`))],
  };
}

const RECOGNISED = 'certificateholder:recognisedorganization:boolean';
const ENTERPRISE = `${EHEALTH}certificateholder:enterprise:cbe-number`;

/** By the word of `--as`. */
export const QUALITIES: Readonly<Record<string, QualityAttributes>> = {
  doctor: person(
    'doctor:boolean',
    'ehealth:1.0:doctor:nihii11',
    ...NAMES,
    'ehealth:1.0:fpsph:doctor:boolean',
  ),
  nurse: person(
    'nurse:boolean',
    'ehealth:1.0:nurse:nihii11',
    'ehealth:1.0:nihii:nurse:nihii11',
    ...NAMES,
    'ehealth:1.0:fpsph:nurse:boolean',
  ),
  dentist: person(
    'ehealth:1.0:fpsph:dentist:boolean',
    'ehealth:1.0:nihii:dentist:nihii11',
    'ehealth:1.0:professional:dentist:boolean',
  ),
  physiotherapist: person(
    'ehealth:1.0:professional:physiotherapist:boolean',
    'ehealth:1.0:nihii:physiotherapist:nihii11',
    ...NAMES,
    'ehealth:1.0:fpsph:physiotherapist:boolean',
    `${EHEALTH}certificateholder:person:ssin:usersession:boolean`,
  ),
  midwife: profession('midwife'),
  logopedist: profession('logopedist'),
  dietician: profession('dietician'),
  clinicalpsychologist: profession('clinicalpsychologist'),
  optician: person('ehealth:1.0:nihii:optician:nihii11', ...NAMES),
  podologist: person('ehealth:1.0:nihii:podologist:nihii11', ...NAMES),
  trussmaker: person(
    'ehealth:1.0:nihii:trussmaker:nihii11',
    'ehealth:1.0:professional:trussmaker:boolean',
  ),
  orthopedist: person(
    'ehealth:1.0:nihii:orthopedist:nihii11',
    'ehealth:1.0:professional:orthopedist:boolean',
  ),
  mandate: mandate(),
  groupofnurses: organisation('groupofnurses', 'NIHII-GROUP', [
    'certificateholder:groupofnurses:nihii-number',
    'groupofnurses:nihii-number:recognisedgroupofnurses:nihii11',
    'certificateholder:groupofnurses:nihii-number:recognisedgroupofnurses:boolean',
  ]),
  medicalhouse: organisation('medicalhouse', 'NIHII-MEDICAL_HOUSE', [
    'medicalhouse:nihii-number:recognisedmedicalhouse:nihii11',
    'medicalhouse:nihii-number:recognisedmedicalhouse:boolean',
    RECOGNISED,
  ]),
  guardpost: organisation('guardpost', 'NIHII-GUARD_POST', [
    'guardpost:nihii-number:recognisedguardpost:nihii11',
    'guardpost:nihii-number:recognisedguardpost:boolean',
    RECOGNISED,
  ]),
  sortingcenter: organisation('sortingcenter', 'NIHII-SORTING_CENTER', [
    'certificateholder:sortingcenter:nihii-number',
    'sortingcenter:nihii-number:recognisedsortingcenter:nihii11',
    'sortingcenter:nihii-number:recognisedsortingcenter:boolean',
    RECOGNISED,
  ]),
  officedoctors: organisation('officedoctors', 'NIHII-OFFICE_DOCTORS', [
    'certificateholder:officedoctors:nihii-number',
    'officedoctors:nihii-number:recognisedofficedoctors:nihii11',
    'officedoctors:nihii-number:recognisedofficedoctors:boolean',
  ]),
  reeducation: organisation('reeducation', 'NIHII-REEDUCATION', [
    'reeducation:nihii-number:recognisedreeducation:boolean',
    'certificateholder:reeducation:nihii-number:recognisedreeducation:boolean',
    'reeducation:nihii-number:recognisedreeducation:nihii11',
    RECOGNISED,
  ]),
  hospital: organisation('hospital', 'NIHII-HOSPITAL', [
    'certificateholder:hospital:nihii-number:recognisedhospital:boolean',
    'hospital:nihii-number:recognisedhospital:nihii11',
  ]),
  // UNCERTAIN: the two claims are by analogy with the other organisations.
  retirement: organisation('retirement', 'NIHII-RETIREMENT', [
    'retirement:nihii-number:recognisedretirement:boolean',
    'retirement:nihii-number:recognisedretirement:nihii11',
  ]),
  // UNCERTAIN: the combination was not seen as one request.
  pharmacy: organisation('pharmacy', 'NIHII-PHARMACY', [
    'pharmacy:nihii-number:recognisedpharmacy:boolean',
    'pharmacy:nihii-number:recognisedpharmacy:nihii11',
  ]),
  ehp: organisation(
    'organization',
    'EHP',
    ['organization:ehp-number:recognisedehp:boolean'],
    'ehp',
  ),
  enterprise: {
    value: 'cbe',
    holderType: 'CBE',
    attributes: [claim(ENTERPRISE)],
    designators: [
      claim(ENTERPRISE),
      certified(`${ENTERPRISE}:ehealth:1.0:cbe_daas_authorized:boolean`),
      certified(`${EHEALTH}${RECOGNISED}`),
      claim('urn:be:fgov:kbo-bce:organization:cbe-number'),
    ],
  },
};

/** Words of `--as`. */
export const qualityNames = (): readonly string[] => Object.keys(QUALITIES);

/** The one quality of an organisation's certificate; a person must say which. */
export const qualityOfType = (holderType: string): string | undefined =>
  holderType === 'SSIN'
    ? undefined
    : Object.entries(QUALITIES).find(([, each]) => each.holderType === holderType)?.[0];
