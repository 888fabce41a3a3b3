/**
 * What changed for a patient between two answers: the facts on which an invoice depends, not the days that were
 * asked about.
 *
 * @module
 */

import type { MemberDataReply } from '../memberdata/reply.js';
import { belgianDay } from '../belgian-day.js';
import type { LocalDate } from '../belgian-day.js';
import { journalDays, journalPath, readJournal } from './journal.js';
import type { StoredReply } from './stored-answer.js';

/** In the order in which they are told. */
export const COMPARED = [
  'status',
  'ssin',
  'mutuality',
  'ct1',
  'ct2',
  'bim',
  'thirdPartyPayer',
  'medicalHouse',
  'deceasedOn',
] as const;

export type ComparedFact = (typeof COMPARED)[number];

/** The facts that are compared, as text; '' = the answer does not say. */
export type Standing = Readonly<Record<ComparedFact, string>>;

export interface Change {
  readonly fact: ComparedFact;
  readonly before: string;
  readonly after: string;
}

/** The facts of an answer, of its last period. */
export function standingOf({
  insurability,
}: Pick<MemberDataReply | StoredReply, 'insurability'>): Standing {
  const { status, patient, periods, thirdPartyPayer, medicalHouse } = insurability;
  const last = periods.at(-1);
  const flag = (value: boolean | undefined): string => (value === undefined ? '' : String(value));
  return {
    status,
    ssin: patient?.ssin ?? '',
    mutuality: last?.mutuality ?? '',
    ct1: last?.ct1 ?? '',
    ct2: last?.ct2 ?? '',
    bim: flag(last?.bim),
    thirdPartyPayer: flag(thirdPartyPayer),
    medicalHouse: medicalHouse
      .map(({ type = '', nihii = '' }) => `${type} ${nihii}`.trim())
      .toSorted()
      .join(', '),
    deceasedOn: patient?.deceasedOn ?? '',
  };
}

/** The facts that differ. */
export const changesBetween = (before: Standing, after: Standing): readonly Change[] =>
  COMPARED.filter((fact) => before[fact] !== after[fact]).map((fact) => ({
    fact,
    before: before[fact],
    after: after[fact],
  }));

/**
 * The last answer about each patient.
 *
 * @param folder Of the journals.
 * @param wanted Patient keys; others are passed over.
 * @param until Answers of later Belgian days are passed over; `undefined` = none is.
 * @returns By patient key. Answers without data are no standing.
 */
export async function lastStandings(
  folder: string,
  wanted: ReadonlySet<string>,
  until: LocalDate | undefined,
): Promise<ReadonlyMap<string, Standing>> {
  const standings = new Map<string, Standing>();
  for (const day of await journalDays(folder)) {
    if (until !== undefined && day > until) {
      break;
    }
    for await (const record of readJournal(journalPath(folder, day))) {
      if (
        record.state === 'answered' &&
        wanted.has(record.patient) &&
        record.reply.insurability.status !== 'no-data' &&
        (until === undefined || belgianDay(new Date(record.at)) <= until)
      ) {
        standings.set(record.patient, standingOf(record.reply));
      }
    }
  }
  return standings;
}
