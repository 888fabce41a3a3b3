/**
 * How a holder's type is shown: its first part, the sector behind the dash, and the quality in which an
 * organisation opens sessions (keystore-p12 §4). A person's quality is not in a certificate.
 *
 * @module
 */

import type { Identifier } from '../ids/identifier.js';

export interface HolderKind {
  /** `SSIN`, `NIHII`, `CBE`, `EHP` … */
  readonly type: string;
  /** `GROUP`, `HOSPITAL` …; `undefined` where the type has no second part. */
  readonly sector: string | undefined;
  /** Quality of the STS; `undefined` for persons and for organisations without one. */
  readonly quality: string | undefined;
}

const QUALITIES: ReadonlyMap<string, string> = new Map([
  ['NIHII-GROUP', 'groupofnurses'],
  ['NIHII-MEDICAL_HOUSE', 'medicalhouse'],
  ['NIHII-OFFICE_DOCTORS', 'officedoctors'],
  ['NIHII-GUARD_POST', 'guardpost'],
  ['NIHII-SORTING_CENTER', 'sortingcenter'],
  ['NIHII-REEDUCATION', 'reeducation'],
  ['NIHII-HOSPITAL', 'hospital'],
  ['NIHII-RETIREMENT', 'retirement'],
  ['NIHII-PHARMACY', 'pharmacy'],
  ['CBE', 'enterprise'],
  ['EHP', 'ehp'],
]);

/** Takes a type of the ETK depot apart. */
export function holderKind({ type }: Pick<Identifier, 'type'>): HolderKind {
  const dash = type.indexOf('-');
  return {
    type: dash < 0 ? type : type.slice(0, dash),
    sector: dash < 0 ? undefined : type.slice(dash + 1),
    quality: QUALITIES.get(type),
  };
}
