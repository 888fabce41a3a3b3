/**
 * A message of a mailbox as it is shown, and its content as JSON.
 *
 * @module
 */

import type { Run } from '../../../cli/run.js';
import { cleanLines, facts, formatSize, table } from '../../../cli/text.js';
import { formatSsin, isSsin } from '../../../ids/ssin.js';
import type { DecodedContent } from '../../../mycarenet/genasync/content.js';
import type { FlatRecord } from '../../../mycarenet/genasync/flat-file.js';
import type { MemberDataAnswer } from '../../../mycarenet/genasync/memberdata-answers.js';
import { codes, faultMeaning, moment } from '../insurability-text.js';
import { mutualityOf } from './summary.js';
import type { Item } from './summary.js';

/** `content` of the JSON document. */
export function contentJson(content: DecodedContent): Readonly<Record<string, unknown>> {
  switch (content.kind) {
    case 'member-data':
      return { kind: content.kind, answers: content.answers.map(answerJson) };
    case 'flat':
      return {
        kind: content.kind,
        messageNumber: content.messageNumber,
        records: content.records.map(({ type, offset, text }) => ({ type, offset, text })),
      };
    default:
      return { ...content };
  }
}

function answerJson(answer: MemberDataAnswer): Readonly<Record<string, unknown>> {
  const { question, post, patient, insurability, codes: found, error } = answer;
  return {
    question,
    ...(post === undefined ? {} : { post }),
    ...(patient === undefined ? {} : { asked: patient }),
    ...(insurability === undefined
      ? {}
      : {
          status: insurability.status,
          ...(insurability.patient === undefined ? {} : { patient: insurability.patient }),
          periods: insurability.periods,
        }),
    codes: found,
    ...(error === undefined ? {} : { error }),
  };
}

/** Lines for people. */
export function shownLines(
  run: Run,
  item: Item,
  content: DecodedContent | undefined,
  bytes: Uint8Array,
): readonly string[] {
  const { record, domain } = item;
  const row = (name: string, value: string | undefined): readonly (readonly [string, string])[] =>
    value === undefined || value === '' ? [] : [[run.t(`mailbox.row.${name}`), value]];
  const rows = [
    ...row('id', record.id),
    ...row('mailbox', domain),
    ...row('type', item.kind === 'message' ? item.record.messageName : `TACK ${item.record.result}`),
    ...row('mutuality', mutualityOf(record.issuer)),
    ...row('reference', record.reference),
    ...row('post', item.kind === 'message' ? item.record.references.input : item.record.appliesTo),
    ...row('received', moment(run, new Date(record.receivedAt))),
    ...row('confirmed', record.confirmedAt === undefined ? run.t('mailbox.unconfirmed') : moment(run, new Date(record.confirmedAt))),
    ...(item.kind === 'message'
      ? [
          ...row('size', formatSize(run, item.record.sizeBytes)),
          ...row('sealed-by', item.record.sealedBy),
          ...row('problem', item.record.problem === undefined ? undefined : run.t(`mailbox.problem.${item.record.problem}`)),
        ]
      : [...row('message', item.record.message), ...row('minor', item.record.minor)]),
  ]; // prettier-ignore
  return [...facts(rows), ...(content === undefined ? [] : ['', ...contentLines(run, content, bytes)])]; // prettier-ignore
}

function contentLines(run: Run, content: DecodedContent, bytes: Uint8Array): readonly string[] {
  switch (content.kind) {
    case 'member-data':
      return answerTable(run, content.answers);
    case 'flat':
      return [
        run.t('mailbox.flat', { number: content.messageNumber, count: content.records.length }),
        ...content.records.map(recordLine),
      ];
    case 'reject':
      return [run.t('mailbox.reject', { codes: content.codes.join(', ') }), content.message ?? ''].filter((line) => line !== ''); // prettier-ignore
    case 'xml':
    case 'text':
      return cleanLines(Buffer.from(bytes).toString('utf8'));
    case 'binary':
      return [run.t('mailbox.binary')];
  }
}

const recordLine = ({ type, text }: FlatRecord): string =>
  `${type.padEnd(2)}  ${text.replace(/\p{Cc}/gu, ' ').trimEnd()}`;

function answerTable(run: Run, answers: readonly MemberDataAnswer[]): readonly string[] {
  const rows = answers.map((answer) => {
    const { insurability } = answer;
    const [period] = insurability?.periods ?? [];
    const patient = insurability?.patient;
    return [
      shownPatient(patient?.ssin ?? answer.patient),
      [patient?.lastName, patient?.firstName].filter((name) => name !== undefined).join(' '),
      insurability === undefined
        ? run.t('mailbox.refused')
        : run.t(`mycarenet.status.${insurability.status}`),
      period?.mutuality ?? '',
      period === undefined ? '' : codes(period),
      answer.post ?? run.t('mailbox.not-asked-here'),
      [answer.error, ...answer.codes.map((code) => faultMeaning(run, code) ?? code)]
        .filter((text) => text !== undefined)
        .join(', '),
    ];
  });
  const headings = [
    ...['niss', 'name', 'status', 'mutuality'].map((name) => run.t(`mycarenet.column.${name}`)),
    'CT1/CT2',
    run.t('mailbox.column.reference'),
    run.t('mycarenet.column.message'),
  ];
  return table(run, rows, headings);
}

const shownPatient = (patient: string | undefined): string =>
  patient !== undefined && isSsin(patient) ? formatSsin(patient) : (patient ?? '');
