/**
 * The insurability of one patient as a sheet (cli-ux §16.5, mycarenet §7.1). What must not be overlooked is said in
 * words and stands out.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { cleanText, pad, seconds, table, textWidth, wrap } from '../../cli/text.js';
import { formatSsin } from '../../ids/ssin.js';
import type {
  Hospitalisation,
  Insurability,
  Period,
  Warning,
} from '../../mycarenet/memberdata/insurability.js';
import type { MemberDataQuery } from '../../mycarenet/memberdata/query.js';
import { patientId } from './insurability-document.js';
import type { Answered } from './insurability-document.js';
import { codes, faultMeaning, moment, shortDay } from './insurability-text.js';

/** A row of the sheet; one that `warns` stands out. */
interface Row {
  readonly label: string;
  readonly value: string;
  readonly warns?: boolean;
}

const GAP = '  ';
const LEAST_ROOM = 30;

/** A value in lines of so many columns: broken between its facts, which stand wide apart, and only then within one. */
function folded(value: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const [, gap = '', fact = ''] of value.matchAll(/( {3,}|^)((?:(?! {3}).)+)/g)) {
    if (textWidth(line + gap + fact) <= columns) {
      line += gap + fact;
      continue;
    }
    const [first = '', ...more] = wrap(fact, columns);
    lines.push(...(line === '' ? [] : [line]), ...[first, ...more].slice(0, -1));
    line = more.at(-1) ?? first;
  }
  return [...lines, line];
}

/** The sheet of one patient. */
export function sheet(run: Run, answered: Answered): readonly string[] {
  const rows = [...rowsOf(run, answered), ...closingRows(run, answered)];
  const width = Math.max(...rows.map(({ label }) => textWidth(label)));
  const room = Math.max(LEAST_ROOM, run.ctx.io.columns - width - GAP.length);
  const lines = rows.flatMap(({ label, value, warns = false }) =>
    folded(cleanText(value), room).map((text, n) => {
      const shown = warns ? run.style.out.warning(text) : text;
      return `${pad(n === 0 ? label : '', width)}${GAP}${shown}`.trimEnd();
    }),
  );
  const { periods } = answered.reply.insurability;
  return periods.length > 1 ? [...lines, '', ...periodTable(run, periods)] : lines;
}

function rowsOf(run: Run, { query, reply }: Answered): readonly Row[] {
  const { insurability } = reply;
  const { patient, periods, generalSituation, medicalHouse } = insurability;
  const row = (key: string, value: string, warns = false): Row => ({
    label: run.t(`mycarenet.row.${key}`),
    value,
    warns,
  });
  const [only] = periods.length === 1 ? periods : [];
  return [
    row('patient', patientLine(run, insurability, query)),
    ...(patient?.ssinChanged === true ? [row('ssin', run.t('mycarenet.ssin-changed'), true)] : []),
    ...(only === undefined ? [] : [row('mutuality', mutualityLine(run, only))]),
    row('insured', insuredLine(run, insurability, only), insurability.status !== 'insured'),
    ...(insurability.thirdPartyPayer === undefined
      ? []
      : [row('third-party', run.t(insurability.thirdPartyPayer ? 'mycarenet.third-party.yes' : 'mycarenet.no'))]), // prettier-ignore
    ...(insurability.status === 'no-data'
      ? []
      : [row('situation', situation(run, generalSituation), generalSituation !== null)]),
    ...insurability.transfers.map(
      ({ direction = '', organisation = '', date }) =>
      row('transfer', [direction, organisation, date === undefined ? '' : shortDay(run, date)].filter((part) => part !== '').join('  '), true), // prettier-ignore
    ),
    ...medicalHouse.map(
      ({ type = '', name, from, to }) =>
      row('medical-house', [type, name, span(run, from, to)].filter((part) => part !== undefined && part !== '').join('   '), true), // prettier-ignore
    ),
    ...(insurability.hospitalisation === undefined
      ? []
      : [row('hospital', hospitalLine(run, insurability.hospitalisation), true)]),
    ...(insurability.chronicConditionYears === undefined
      ? []
      : [row('chronic', insurability.chronicConditionYears.join(', ') || run.t('mycarenet.no'))]),
    ...(insurability.maxInvoicedYears === undefined
      ? []
      : [row('max-invoiced', insurability.maxInvoicedYears.join(', '))]),
    ...insurability.others.map(({ type, from, to }) => ({ label: cleanText(type), value: span(run, from, to) || run.t('mycarenet.yes') })), // prettier-ignore
  ];
}

function closingRows(run: Run, { service, query, reply }: Answered): readonly Row[] {
  const { answeredAt, references, warnings } = reply;
  const asked = [
    span(run, query.from, query.to, { short: true }),
    run.t(`mycarenet.request.${query.requestType}`),
    run.t(query.hospitalized ? 'mycarenet.hospitalised' : 'mycarenet.not-hospitalised'),
    ...(service === 'genins' ? ['GenIns'] : []),
  ].join(', ');
  const answered =
    answeredAt === undefined
      ? ''
      : `      ${run.t('mycarenet.answered', { moment: moment(run, answeredAt) })}`;
  const nip = references.nip === undefined ? '' : ` (NIP ${references.nip})`;
  const [first, ...more] = warnings;
  const label = run.t('mycarenet.row.warnings');
  return [
    { label: run.t('mycarenet.row.asked'), value: `${asked}${answered}${nip}` },
    first === undefined
      ? { label, value: run.t('mycarenet.none') }
      : { label, value: warningLine(run, first), warns: true },
    ...more.map((warning) => ({ label: '', value: warningLine(run, warning), warns: true })),
  ];
}

function patientLine(run: Run, { patient }: Insurability, query: MemberDataQuery): string {
  const asked = query.patient.kind === 'ssin' ? query.patient.ssin : undefined;
  const ssin = patient?.ssin ?? asked;
  const parts = [
    [patient?.lastName?.toUpperCase(), patient?.firstName].filter(Boolean).join(' '),
    ssin === undefined ? patientId(query.patient) : formatSsin(ssin),
    patient?.sex === undefined ? undefined : run.t(`mycarenet.sex.${patient.sex}`),
    patient?.birthDate === undefined
      ? undefined
      : run.t('mycarenet.born', { day: shortDay(run, patient.birthDate) }),
    patient?.deceasedOn == null
      ? undefined
      : run.t('mycarenet.deceased', { day: shortDay(run, patient.deceasedOn) }),
  ];
  return parts.filter((part) => part !== undefined && part !== '').join('   ');
}

const hospitalLine = (run: Run, { hospital, admittedOn, service }: Hospitalisation): string =>
  [hospital, admittedOn === undefined ? undefined : shortDay(run, admittedOn), service]
    .filter((part) => part !== undefined)
    .join('   ');

const mutualityLine = (run: Run, { mutuality, federation, membershipNumber }: Period): string =>
  [
    mutuality,
    federation === undefined ? undefined : `(${run.t('mycarenet.federation', { federation })})`,
    membershipNumber === undefined
      ? undefined
      : `    ${run.t('mycarenet.member', { number: membershipNumber })}`,
  ]
    .filter((part) => part !== undefined)
    .join('  ');

function insuredLine(
  run: Run,
  { status, patient }: Insurability,
  only: Period | undefined,
): string {
  switch (status) {
    case 'insured':
      return only === undefined ? run.t('mycarenet.several') : rights(run, only);
    case 'deceased':
      return run.t('mycarenet.insured.deceased', {
        day: patient?.deceasedOn == null ? '' : shortDay(run, patient.deceasedOn),
      });
    default:
      return run.t(`mycarenet.insured.${status}`);
  }
}

const rights = (run: Run, period: Period): string =>
  [
    span(run, period.from, period.to),
    `CT1/CT2 ${codes(period)}`,
    ...(period.bim === undefined
      ? []
      : [run.t('mycarenet.bim', { answer: run.t(period.bim ? 'mycarenet.yes' : 'mycarenet.no') })]),
    ...(period.paymentApproval === undefined
      ? []
      : [run.t('mycarenet.approval', { number: period.paymentApproval })]),
  ].join('   ');

const situation = (run: Run, event: string | null): string =>
  event === null
    ? run.t('mycarenet.situation.none')
    : ['closedBefore', 'startLater', 'changeDuring', 'multiple'].includes(event)
      ? run.t(`mycarenet.situation.${event}`)
      : event;

/** `1 Mar 2026 - 31 Mar 2026`; with `short`, one day is written once. */
function span(
  run: Run,
  from: string | undefined,
  to: string | undefined,
  { short = false }: { short?: boolean } = {},
): string {
  const days = [from, to].flatMap((day) => (day === undefined ? [] : [shortDay(run, day)]));
  return short && from === to ? (days[0] ?? '') : days.join(' - ');
}

/** Our own in the language of the user, those of the service in its words, with what the code means. */
function warningLine(run: Run, { code, source, message }: Warning): string {
  const meaning = faultMeaning(run, code);
  const words = source === 'TOPAZ' ? meaning : [meaning, message].filter(Boolean).join(': ');
  return `${code} (${source})${words === undefined || words === '' ? '' : ` ${words}`}`;
}

function periodTable(run: Run, periods: readonly Period[]): readonly string[] {
  const heading = (key: string): string => run.t(`mycarenet.column.${key}`);
  const approval = periods.some(({ paymentApproval }) => paymentApproval !== undefined);
  return table(
    run,
    periods.map((period) => [
      shortDay(run, period.from),
      shortDay(run, period.to),
      period.mutuality ?? '',
      period.membershipNumber ?? '',
      period.ct1 ?? '',
      period.ct2 ?? '',
      period.bim === undefined ? '' : run.t(period.bim ? 'mycarenet.yes' : 'mycarenet.no'),
      ...(approval ? [period.paymentApproval ?? ''] : []),
    ]),
    [
      ...['from', 'to', 'mutuality', 'member'].map(heading),
      'CT1',
      'CT2',
      'BIM',
      ...(approval ? [heading('approval')] : []),
    ],
  );
}

/** Every fact as it was stated, for `--raw` without `--json`. */
export const rawLines = ({ reply }: Answered): readonly string[] =>
  reply.assertions.flatMap(({ type, issuer, notBefore, notOnOrAfter, attributes }) => [
    `${type}  ${issuer}  ${notBefore === undefined ? '' : seconds(notBefore)} - ${notOnOrAfter === undefined ? '' : seconds(notOnOrAfter)}`,
    ...[...attributes].map(([name, values]) => `  ${name} = ${values.join(' | ')}`),
  ]).map(cleanText); // prettier-ignore
