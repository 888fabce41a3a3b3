/**
 * The directory of the sandbox: who may act for whom, and how one holder is called by the certificate, the
 * STS and the eHealthBox.
 *
 * @module
 */

import { ehboxType } from '../ids/identifier.js';
import type { Sandbox } from './exchange.js';

/** Organisations that a person may act for: mandates, and those he is responsible for. */
export function mandatesOf(
  { state }: Sandbox,
  ssin: string,
): readonly { readonly type: string; readonly id: string; readonly name: string }[] {
  const person = state.persons.find((entry) => entry.ssin === ssin);
  const mandates = (person?.mandates ?? []).map(({ type, id, name }) => ({
    type,
    id,
    name: name ?? state.organisations.find((o) => o.type === type && o.id === id)?.name ?? id,
  }));
  const responsible = state.organisations.filter(
    (organisation) =>
      organisation.responsible === ssin &&
      !mandates.some(({ type, id }) => type === organisation.type && id === organisation.id),
  );
  return [...mandates, ...responsible];
}

/** Kind of an organisation at the STS, by the type in its certificate. */
const KINDS: Readonly<Record<string, string>> = {
  'NIHII-GROUP': 'groupofnurses',
  'NIHII-MEDICAL_HOUSE': 'medicalhouse',
  'NIHII-HOSPITAL': 'hospital',
  'NIHII-GUARD_POST': 'guardpost',
  'NIHII-SORTING_CENTER': 'sortingcenter',
  'NIHII-OFFICE_DOCTORS': 'officedoctors',
  'NIHII-REEDUCATION': 'reeducation',
  'NIHII-RETIREMENT': 'retirement',
  'NIHII-PHARMACY': 'pharmacy',
  EHP: 'organization',
  CBE: 'enterprise',
};

export const stsKind = (type: string): string | undefined => KINDS[type];

/** Type in the certificate, by the kind of the STS. */
export const typeOfKind = (kind: string): string | undefined =>
  Object.entries(KINDS).find(([, value]) => value === kind)?.[0];

/** Qualities whose name in the eHealthBox is not the same word in capitals. */
const BOX_QUALITIES: Readonly<Record<string, string>> = {
  trussmaker: 'TRUSS_MAKER',
  optician: 'OPTICIEN',
  clinicalpsychologist: 'PSYCHOLOGIST',
};

/** `doctor` → `DOCTOR`. */
export const boxQuality = (quality: string): string =>
  BOX_QUALITIES[quality] ?? quality.toUpperCase();

/** Quality of an organisation's box. */
export const organisationBoxQuality = (type: string): string =>
  type === 'CBE' ? 'INSTITUTION' : type === 'EHP' ? 'INSTITUTION_EHP' : (ehboxType(type).subType ?? type); // prettier-ignore
