/**
 * Insurability of several patients, a line each, and the record of one for a pipe (mycarenet §7.1).
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { table } from '../../cli/text.js';
import type { TopazError } from '../../errors.js';
import { formatSsin } from '../../ids/ssin.js';
import type { Insurability, Period } from '../../mycarenet/memberdata/insurability.js';
import type { MemberDataQuery } from '../../mycarenet/memberdata/query.js';
import { patientId } from './insurability-document.js';
import type { Answered } from './insurability-document.js';
import { codes, shortDay } from './insurability-text.js';

/** Status word of one that failed (mycarenet §7.1). */
function failureStatus(error: TopazError): string {
  if (error.code === 'E_PATIENT_UNKNOWN') {
    return 'unknown-patient';
  }
  if (error.code === 'E_ASYNC_PENDING') {
    return 'pending';
  }
  const isGenIns = error.details?.['service'] === 'genins';
  return detailCodeOf(error) === (isGenIns ? '44' : 'MULTIPLE_IO')
    ? 'multiple-mutualities'
    : 'error';
}

/** Of a refusal, also of one that comes from the journal of a batch. */
function detailCodeOf({ details }: TopazError): string | undefined {
  const code = details?.['detailCode'];
  return typeof code === 'string' ? code : undefined;
}

/** The period that counts: the one of the last day asked, else the last one. */
const currentPeriod = ({ periods }: Insurability, { to }: MemberDataQuery): Period | undefined =>
  periods.find((period) => period.from <= to && period.to >= to) ?? periods.at(-1);

/**
 * Fields of one patient: NISS, name, status, mutuality, CT1/CT2, BIM, third party, until, message. For pipes, and
 * the cells of the table.
 */
export function answerRecord({ query, reply }: Answered): readonly string[] {
  const { insurability, warnings } = reply;
  const { patient, status, thirdPartyPayer } = insurability;
  const period = currentPeriod(insurability, query);
  const yesNo = (flag: boolean | undefined): string =>
    flag === undefined ? '' : flag ? 'yes' : 'no';
  return [
    patientId(query.patient),
    [patient?.lastName, patient?.firstName].filter(Boolean).join(' '),
    status,
    period?.mutuality ?? '',
    period === undefined ? '' : codes(period),
    yesNo(period?.bim),
    yesNo(thirdPartyPayer),
    period?.to ?? patient?.deceasedOn ?? '',
    warnings.map(({ code }) => code).join(' '),
  ];
}

/** The same of one that failed. */
export const failureRecord = (id: string, error: TopazError): readonly string[] => [
  id,
  '',
  failureStatus(error),
  '',
  '',
  '',
  '',
  '',
  detailCodeOf(error) ?? `${error.code} ${error.message}`,
];

/** The table of several patients. */
export function batchTable(run: Run, records: readonly (readonly string[])[]): readonly string[] {
  const heading = (key: string): string => run.t(`mycarenet.column.${key}`);
  const cells = records.map(([id = '', name = '', status = '', mutuality = '', ct = '', bim = '', tp = '', until = '', message = '']) => [
    formatSsin(id),
    name,
    run.t(`mycarenet.status.${status}`),
    mutuality,
    ct,
    bim === '' ? '' : run.t(`mycarenet.${bim}`),
    tp === '' ? '' : run.t(`mycarenet.${tp}`),
    until === '' ? '' : shortDay(run, until),
    message,
  ]); // prettier-ignore
  return table(run, cells, [
    heading('niss'),
    heading('name'),
    heading('status'),
    heading('mutuality'),
    'CT1/CT2',
    'BIM',
    heading('tp'),
    heading('until'),
    heading('message'),
  ]);
}
