/**
 * By what a question and a patient are found again in the journal: digests, so that neither names of files nor
 * the index hold a number.
 *
 * @module
 */

import { createHash } from 'node:crypto';

import type { Environment } from '../../profile/environment.js';
import { facetsOf } from '../memberdata/query.js';
import type { MemberDataQuery, PatientId } from '../memberdata/query.js';

/** In whose name it is asked, and where. */
export interface Asker {
  readonly environment: Environment;
  readonly nihii: string;
  /** The older service, where it is asked: what it says stands for itself. @default 'mda' */
  readonly service?: 'mda' | 'genins' | undefined;
}

/** Keys of MemberData are what they were before there was another service. */
const mark = ({ service }: Asker): readonly string[] => (service === 'genins' ? [service] : []);

/** The same question by the same provider; 32 hexadecimal digits (mycarenet §6). */
export const questionKey = (asker: Asker, query: MemberDataQuery): string =>
  digest([asker.environment, asker.nihii, numberOf(query.patient), query.from, query.to, facetsOf(query), ...mark(asker)]); // prettier-ignore

/** The same patient, whatever was asked. */
export const patientKey = (asker: Asker, patient: PatientId): string =>
  digest([asker.environment, asker.nihii, numberOf(patient), ...mark(asker)]);

const numberOf = (patient: PatientId): readonly string[] =>
  patient.kind === 'ssin'
    ? [patient.ssin, patient.mutuality ?? '']
    : [patient.registration, patient.mutuality];

const digest = (parts: unknown): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
