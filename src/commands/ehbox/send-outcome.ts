/**
 * What became of a message of the outbox: as JSON, for people, and as the failure that a script sees.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { formatDay } from '../../cli/text.js';
import { formatAddress, identifierOf } from '../../ehbox/address.js';
import type { BoxAddress } from '../../ehbox/address.js';
import type { OutboxRecord } from '../../ehbox/publication/outbox-record.js';
import type { Absence } from '../../ehbox/publication/reply.js';
import { TopazError } from '../../errors.js';
import { maskedIdentifier } from '../etk/describe.js';

export const addressJson = (address: BoxAddress) => ({
  ...identifierOf(address),
  quality: address.quality,
});

const second = (moment: string): string => moment.replace(/\.\d{3}Z$/, 'Z');

/** A record without the bytes. */
export const recordJson = (record: OutboxRecord) => ({
  id: record.publicationId,
  state: record.state,
  ...(record.messageId === undefined ? {} : { messageId: record.messageId }),
  subject: record.subject,
  recipients: record.recipients.map(addressJson),
  sealed: record.sealed,
  sizeBytes: record.sizeBytes,
  createdAt: second(record.createdAt),
  ...(record.settledAt === undefined ? {} : { settledAt: second(record.settledAt) }),
  absences: (record.absences ?? []).map(({ recipient, from, to, substitutes }) => ({
    recipient: addressJson(recipient),
    from,
    to,
    substitutes: substitutes.map(addressJson),
  })),
  ...(record.code === undefined ? {} : { code: record.code, texts: record.texts ?? [] }),
});

/** `SSIN 79.02.15-***.** (DOCTOR)`. */
export const maskedAddress = (address: BoxAddress): string =>
  `${maskedIdentifier(identifierOf(address))} (${address.quality})`;

const substitutesText = ({ substitutes }: Absence): string =>
  substitutes.map((one) => `${formatAddress(one)}:${one.quality}`).join(' ');

/** Tells about recipients who got it but are away. */
export function tellAbsences(run: Run, { absences = [] }: OutboxRecord): void {
  for (const absence of absences) {
    const who = maskedAddress(absence.recipient);
    const until = formatDay(run, absence.to);
    const names = substitutesText(absence);
    run.warn(
      names === ''
        ? run.t('ehbox.send.absent', { who, until })
        : run.t('ehbox.send.absentWith', { who, until, names }),
    );
  }
}

/** By the code of the service (ehealthbox §7). */
const HINTS: Readonly<Record<string, string>> = {
  '801': 'send it in several messages, or make the attachments smaller',
  '802': 'check the numbers of the recipients',
  '803': 'check the qualities of the recipients',
  '804': 'check the types of the recipients',
  '805': 'check the types of the recipients',
  '810': 'check --box, and as whom the session was opened',
  '814': 'you may not write to recipients of this quality',
};

/** The failure that a record means; `undefined` for one that was sent. */
export function failureOf(record: OutboxRecord): TopazError | undefined {
  const { publicationId, state, absences = [], code = '', texts = [] } = record;
  switch (state) {
    case 'sent':
      return undefined;
    case 'absent':
      return new TopazError('E_SERVICE_REFUSED', 'a recipient is out of office; nothing was delivered', {
        facts: absences.map((one) => {
          const names = substitutesText(one);
          const period = `${maskedAddress(one.recipient)}: ${one.from} to ${one.to}`;
          return names === '' ? period : `${period}; stands in: ${names}`;
        }),
        hint: 'write to whoever stands in, or: topaz ehbox outbox --retry --despite-absence',
        details: { service: 'ehboxPublication', statusCode: '826', id: publicationId },
      }); // prettier-ignore
    case 'refused':
      return new TopazError('E_SERVICE_REFUSED', 'the eHealthBox refused the message', {
        facts: [`eHealth: ${[code, ...texts].join(' ')}`],
        hint: HINTS[code] ?? 'see the code of eHealth above',
        details: { service: 'ehboxPublication', statusCode: code, id: publicationId },
      });
    case 'waiting':
    case 'unsure':
      return new TopazError('E_PARTIAL', 'the message waits in the outbox', {
        hint: 'topaz ehbox outbox --retry',
        details: { id: publicationId },
      });
  }
}

/** A failure on the way, with where the message is now. */
export function inOutbox(error: unknown, publicationId: string): unknown {
  return error instanceof TopazError
    ? new TopazError(error.code, error.message, {
        facts: [...error.facts, `the message is in the outbox, id ${publicationId}`],
        hint: 'topaz ehbox outbox --retry: it asks whether it arrived before it sends it again',
        details: { ...error.details, id: publicationId },
        cause: error,
      })
    : error;
}
