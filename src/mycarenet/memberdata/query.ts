/**
 * A question to MemberData: whom it is about, which days, which facets (mycarenet §1.4, §1.5).
 *
 * @module
 */

import { TopazError } from '../../errors.js';
import type { Ssin } from '../../ids/ssin.js';
import type { LocalDate } from '../belgian-day.js';

/** By SSIN (at one of several mutualities), or by membership number; never by both numbers. */
export type PatientId =
  | { readonly kind: 'ssin'; readonly ssin: Ssin; readonly mutuality?: string }
  | { readonly kind: 'registration'; readonly registration: string; readonly mutuality: string };

export type RequestType = 'information' | 'invoicing';

/** What may be asked beside insurability; not every profession may read every one. */
export const OTHER_FACETS = [
  'chronicCondition',
  'carePath',
  'referencePharmacy',
  'globalMedicalFile',
  'palliativeStatus',
] as const;

export type OtherFacet = (typeof OTHER_FACETS)[number];

export interface MemberDataQuery {
  readonly patient: PatientId;
  readonly from: LocalDate;
  /** Included. */
  readonly to: LocalDate;
  readonly requestType: RequestType;
  /** Asks about a stay in hospital; refused for who is in none. */
  readonly hospitalized: boolean;
  /** Asked beside insurability. One that the profession may not read makes the whole query fail. */
  readonly otherFacets: readonly OtherFacet[];
}

/** A facet with its dimensions, in the order of the schema's examples. */
export interface Facet {
  readonly name: string;
  readonly dimensions: readonly (readonly [string, string])[];
}

const YEARS_KEPT = 5;
const MUTUALITY = /^(?:750|999|[1-69][0-9]{2})$/;

/** Facets as they are sent, insurability first. */
export const facetsOf = ({
  requestType,
  hospitalized,
  otherFacets,
}: MemberDataQuery): readonly Facet[] => [
  {
    name: 'insurability',
    dimensions: [
      ['requestType', requestType],
      ['contactType', hospitalized ? 'hospitalized' : 'other'],
    ],
  },
  ...otherFacets.map((name) => ({
    name,
    dimensions:
      name === 'carePath'
        ? ([
            ['carePathType', 'diabetes'],
            ['carePathType', 'renalinsufficiency'],
          ] as const)
        : [],
  })),
];

/** Format and value of the `NameID`. */
export function nameIdOf(patient: PatientId): { readonly format: string; readonly value: string } {
  if (patient.kind === 'registration') {
    return {
      format: 'urn:be:cin:nippin:careReceiver:registrationNumber@mut',
      value: `${patient.registration}@${patient.mutuality}`,
    };
  }
  return patient.mutuality === undefined
    ? { format: 'urn:be:fgov:person:ssin', value: patient.ssin }
    : {
        format: 'urn:be:cin:nippin:member:ssin@mut',
        value: `${patient.ssin}@${patient.mutuality}`,
      };
}

/**
 * Refuses a period that the broker would refuse for everybody. What one profession may ask, the broker says.
 *
 * @throws TopazError `E_USAGE`.
 */
export function checkPeriod(from: LocalDate, to: LocalDate, today: LocalDate): void {
  const refuse = (problem: string): never => {
    throw new TopazError('E_USAGE', problem, {
      hint: 'write days as 2026-03-01, today or yesterday: --on DATE, or --from DATE --to DATE',
    });
  };
  if (to < from) {
    refuse('the period ends before it starts');
  }
  if (from > today) {
    refuse('the period starts in the future');
  }
  if (from < `${String(Number(today.slice(0, 4)) - YEARS_KEPT)}${today.slice(4)}`) {
    refuse(`the period starts more than ${YEARS_KEPT} years ago`);
  }
}

/**
 * Reads the code of a mutuality.
 *
 * @throws TopazError `E_USAGE`. No list of mutualities is kept: they merge.
 */
export function parseMutuality(text: string): string {
  const code = text.trim();
  if (!MUTUALITY.test(code)) {
    throw new TopazError('E_USAGE', 'a mutuality has 3 digits, the first of them not 0, 7 or 8', {
      hint: 'for example --mutuality 319',
    });
  }
  return code;
}

/**
 * Reads a membership number: up to 13 characters, kept as they are, for some mutualities use letters.
 *
 * @throws TopazError `E_USAGE`.
 */
export function parseRegistration(text: string): string {
  const number = text.trim();
  if (!/^[0-9A-Za-z .*/-]{1,13}$/.test(number)) {
    throw new TopazError('E_USAGE', 'a membership number has 1 to 13 digits or letters', {
      hint: 'for example --mutuality 319 --registration 0001234567890',
    });
  }
  return number;
}
