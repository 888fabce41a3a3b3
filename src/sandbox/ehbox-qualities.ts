/**
 * Qualities, types and subtypes of the eHealthBox as the publication service checks them (ehealthbox §8). Kept
 * apart from the client's table on purpose: a wrong line there must be seen here.
 *
 * @module
 */

const PERSONS = new Set(
  `AMBULANCE_RESCUER APPLIED_PSYCH_BACHELOR AUDICIEN AUDIOLOGIST DENTIST DIETICIAN DOCTOR FAMILY_SCIENCE_BACHELOR
  GERONTOLOGY_MASTER IMAGING_TECHNOLOGIST IMPLANTPROVIDER LAB_TECHNOLOGIST LOGOPEDIST MIDWIFE NURSE
  OCCUPATIONAL_THERAPIST OPTICIEN ORTHOPEDAGOGIST_MASTER ORTHOPEDIST ORTHOPTIST PEDIATRIC_NURSE PHARMACIST
  PHARMACIST_ASSISTANT PHYSIOTHERAPIST PODOLOGIST PRACTICALNURSE PSYCHOLOGIST PSYCHOMOTOR_THERAPY
  READAPTATION_BACHELOR SOCIAL_WORKER SPECIALIZED_EDUCATOR TRUSS_MAKER`.split(/\s+/),
);

/** Organisations of the NIHII: the subtype is the same word. */
const NIHII = new Set(
  `GROUP GROUP_DOCTORS GUARD_POST HOME_SERVICES HOSPITAL LABO MEDICAL_HOUSE OFFICE_DENTISTS OFFICE_DOCTORS OF_BAND
  OF_PHYSIOS OTD_PHARMACY PALLIATIVE_CARE PHARMACY PROT_ACC PSYCH_HOUSE REEDUCATION RETIREMENT`.split(
    /\s+/,
  ),
);

/** Type and subtype of the others. */
const OTHERS: Readonly<Record<string, readonly [string, string]>> = {
  CONSORTIUM: ['CBE', 'CONSORTIUM'],
  INSTITUTION: ['CBE', ''],
  TREATMENT_CENTER: ['CBE', 'TREATMENT_CENTER'],
  CTRL_ORGANISM: ['EHP', 'CTRL_ORGANISM'],
  INSTITUTION_EHP: ['EHP', ''],
};

const LENGTHS: Readonly<Record<string, readonly number[]>> = {
  INSS: [11],
  NIHII: [8, 11],
  CBE: [10],
  EHP: [10],
};

export interface WireAddress {
  readonly id: string;
  readonly type: string;
  /** '' when there is none: organisations come with and without. */
  readonly subType: string;
  readonly quality: string;
}

/** Code and text of the refusal; `undefined` when the address is one. */
export function problemOfAddress({
  id,
  type,
  subType,
  quality,
}: WireAddress): readonly [string, string] | undefined {
  const lengths = LENGTHS[type];
  if (lengths === undefined) {
    return ['804', 'the type of a recipient is not known'];
  }
  const isPerson = PERSONS.has(quality);
  if (quality === 'CITIZEN') {
    return ['814', 'you may not publish to this quality'];
  }
  const [expected, sub] = isPerson
    ? [type === 'INSS' ? 'INSS' : 'NIHII', '']
    : NIHII.has(quality)
      ? ['NIHII', quality]
      : (OTHERS[quality] ?? ['', '']);
  if (expected === '') {
    return ['803', 'the quality of a recipient is not known'];
  }
  if (expected !== type) {
    return ['804', 'the type of a recipient does not go with the quality'];
  }
  if (subType !== '' && subType !== sub) {
    return ['805', 'the subtype of a recipient is not known'];
  }
  return lengths.includes(id.length) && /^\d+$/.test(id)
    ? undefined
    : ['802', 'the identifier of a recipient is not valid'];
}
