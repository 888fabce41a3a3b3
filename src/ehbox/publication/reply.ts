/**
 * The answer to SendMessage (ehealthbox §4, §7): accepted, recipients out of office, or refused. An answer that
 * is about another publication is none.
 *
 * @module
 */

import { TopazError } from '../../errors.js';
import { attribute } from '../../xml/query.js';
import type { XmlElement } from '../../xml/tree.js';
import type { BoxAddress } from '../address.js';
import { field, fieldDay, fields, fieldText, maybe, ownText } from '../fields.js';
import type { LocalDate } from '../fields.js';
import { NS_EHBOX_PUBLICATION } from './request.js';

/** A recipient who is out of office, with those who stand in. */
export interface Absence {
  readonly recipient: BoxAddress;
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly substitutes: readonly BoxAddress[];
}

/** What the service said. */
export type SendReply =
  | {
      readonly state: 'accepted';
      /** Of the message in the sent box; receipts are asked with it. */
      readonly messageId?: string | undefined;
      readonly absences: readonly Absence[];
    }
  | { readonly state: 'absent'; readonly absences: readonly Absence[]; readonly texts: readonly string[] }
  | {
      readonly state: 'refused';
      readonly code: string;
      readonly texts: readonly string[];
      /** Whom it is about, where the service says so. */
      readonly recipients: readonly BoxAddress[];
    }; // prettier-ignore

const SUCCESS = new Set(['100', '200']);
const OUT_OF_OFFICE = '826';
const MESSAGE_ID = /^[A-Za-z0-9]{1,40}$/;

/**
 * @param publicationId The one that was sent.
 * @throws TopazError `E_REPLY_INVALID` for what is no answer to this request: nobody knows then what became
 *   of the message.
 */
export function readSendReply(payload: XmlElement, publicationId: string): SendReply {
  if (payload.name !== 'SendMessageResponse' || payload.namespace !== NS_EHBOX_PUBLICATION) {
    throw invalid('the eHealthBox did not answer to SendMessage');
  }
  const named = attribute(payload, 'SentPublicationId');
  if (named !== undefined && named !== publicationId) {
    throw invalid('the eHealthBox answered about another message');
  }
  const status = field(payload, 'Status');
  const code = fieldText(status, 'Code') ?? '';
  const texts = fields(status, 'Message').flatMap((element) => ownText(element) ?? []);
  const recipients = fields(payload, 'Recipient');
  const absences = recipients.flatMap((element) => readAbsence(element) ?? []);
  if (SUCCESS.has(code)) {
    const id = attribute(payload, 'Id');
    return {
      state: 'accepted',
      ...maybe('messageId', id !== undefined && MESSAGE_ID.test(id) ? id : undefined),
      absences,
    };
  }
  if (code === '') {
    throw invalid('the answer of the eHealthBox has no status');
  }
  return code === OUT_OF_OFFICE
    ? { state: 'absent', absences, texts }
    : { state: 'refused', code, texts, recipients: recipients.map(readAddress) };
}

function readAbsence(element: XmlElement): Absence | undefined {
  const from = fieldDay(element, 'AbsentFrom');
  const to = fieldDay(element, 'AbsentTo');
  return from === undefined || to === undefined
    ? undefined
    : {
        recipient: readAddress(element),
        from,
        to,
        substitutes: fields(element, 'Substitute').map(readAddress),
      };
}

const readAddress = (element: XmlElement): BoxAddress => ({
  type: fieldText(element, 'Type') ?? '',
  id: fieldText(element, 'Id') ?? '',
  ...maybe('subType', fieldText(element, 'SubType')),
  quality: fieldText(element, 'Quality') ?? '',
});

const invalid = (message: string): TopazError =>
  new TopazError('E_REPLY_INVALID', message, {
    hint: 'it may have been sent all the same: topaz ehbox outbox --retry asks first',
  });
