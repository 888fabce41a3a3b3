/**
 * A message or an acknowledgement of a mailbox in one line, for people, pipes and JSON.
 *
 * @module
 */

import type { Run } from '../../../cli/run.js';
import { formatSize, seconds, table } from '../../../cli/text.js';
import type { AcknowledgementRecord, MessageRecord } from '../../../mycarenet/genasync/records.js';
import { moment } from '../insurability-text.js';

/** One thing of a mailbox. */
export type Item = { readonly domain: string } & (
  | { readonly kind: 'message'; readonly record: MessageRecord }
  | { readonly kind: 'tack'; readonly record: AcknowledgementRecord }
);

/** The mutuality in `urn:nip:issuer:io:300`; the broker has none. */
export const mutualityOf = (issuer: string | undefined): string | undefined =>
  /:io:([0-9]{3})$/.exec(issuer ?? '')?.[1];

/** `messages[]` of the JSON documents. */
export function itemJson(item: Item): Readonly<Record<string, unknown>> {
  const { domain, kind, record } = item;
  const mutuality = mutualityOf(record.issuer);
  return {
    id: record.id,
    kind,
    domain,
    ...(mutuality === undefined ? {} : { mutuality }),
    ...(record.reference === undefined ? {} : { reference: record.reference }),
    ...(item.kind === 'message' ? messageJson(item.record) : tackJson(item.record)),
    receivedAt: seconds(new Date(record.receivedAt)),
    confirmed: record.confirmedAt !== undefined,
    ...(record.confirmedAt === undefined ? {} : { confirmedAt: seconds(new Date(record.confirmedAt)) }), // prettier-ignore
  };
}

const messageJson = (record: MessageRecord): Readonly<Record<string, unknown>> => ({
  messageName: record.messageName,
  references: record.references,
  ...(record.contentType === undefined ? {} : { contentType: record.contentType }),
  sealed: record.encryption !== undefined,
  ...(record.sealedBy === undefined ? {} : { sealedBy: record.sealedBy }),
  sizeBytes: record.sizeBytes,
  ...(record.problem === undefined ? {} : { problem: record.problem }),
});

const tackJson = (record: AcknowledgementRecord): Readonly<Record<string, unknown>> => ({
  references: { input: record.appliesTo },
  result: record.result,
  ...(record.minor === undefined ? {} : { minor: record.minor }),
  ...(record.message === undefined ? {} : { message: record.message }),
});

/** One record per item: id, moment, domain, what it is, mutuality, reference of the post, state. */
export const itemRecord = (item: Item): readonly string[] => [
  item.record.id,
  item.record.receivedAt,
  item.domain,
  nameOf(item),
  mutualityOf(item.record.issuer) ?? '',
  postOf(item),
  stateOf(item),
];

const nameOf = (item: Item): string =>
  item.kind === 'message' ? item.record.messageName : `TACK ${item.record.result}`;

const postOf = (item: Item): string =>
  item.kind === 'message' ? (item.record.references.input ?? '') : item.record.appliesTo;

const stateOf = (item: Item): string =>
  (item.kind === 'message' ? item.record.problem : undefined) ??
  (item.record.confirmedAt === undefined ? 'unconfirmed' : '');

/** A table. */
export function itemTable(run: Run, items: readonly Item[]): readonly string[] {
  const rows = items.map((item) => [
    item.record.id,
    moment(run, new Date(item.record.receivedAt)),
    item.domain,
    nameOf(item),
    mutualityOf(item.record.issuer) ?? '',
    postOf(item),
    item.kind === 'message' ? formatSize(run, item.record.sizeBytes) : '',
    remarkOf(run, item),
  ]);
  const headings = ['id', 'date', 'mailbox', 'type', 'mutuality', 'reference', 'size', 'remarks'].map((name) => run.t(`mailbox.column.${name}`)); // prettier-ignore
  return rows.length === 0 ? [] : table(run, rows, headings);
}

function remarkOf(run: Run, item: Item): string {
  const problem = item.kind === 'message' ? item.record.problem : undefined;
  const message = item.kind === 'tack' ? item.record.message : undefined;
  return [
    problem === undefined ? '' : run.t(`mailbox.problem.${problem}`),
    message ?? '',
    item.record.confirmedAt === undefined ? run.t('mailbox.unconfirmed') : '',
  ]
    .filter((text) => text !== '')
    .join(', ');
}
