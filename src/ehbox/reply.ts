/**
 * Answers of the eHealthBox consultation service v3 (ehealthbox §3, §7): status, box, list. The full message
 * is read by `message.ts`.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { attribute } from '../xml/query.js';
import type { XmlElement } from '../xml/tree.js';
import type { BoxAddress } from './address.js';
import {
  field,
  fieldCount,
  fieldFlag,
  fields,
  fieldText,
  maybe,
  ownText,
  readMessageInfo,
  readSender,
  readSpecification,
} from './fields.js';
import type { ContentSpecification, MessageInfo, Sender } from './fields.js';
import { NS_EHBOX_CONSULTATION } from './request.js';

/** Capacity that existing clients assume when the service does not tell. */
const DEFAULT_MAX_BYTES = 10_485_760;
const SUCCESS = new Set(['100', '200']);
const MESSAGE_ID = /^[A-Za-z0-9]{1,40}$/;

/** Status of an answer, in the words of the service. */
export interface ReplyStatus {
  readonly ok: boolean;
  /** Empty when there is none. */
  readonly code: string;
  /** All of them, each with its language. */
  readonly texts: readonly string[];
}

/**
 * Checks that an answer is the expected one, and reads its status.
 *
 * @throws TopazError `E_REPLY_INVALID` for another answer.
 */
export function readStatus(payload: XmlElement, operation: string): ReplyStatus {
  if (payload.name !== `${operation}Response` || payload.namespace !== NS_EHBOX_CONSULTATION) {
    throw new TopazError('E_REPLY_INVALID', `the eHealthBox did not answer to ${operation}`, {
      facts: [`it sent ${payload.name}`],
      hint: 'try again later; if it stays so, report it with --debug',
    });
  }
  const status = field(payload, 'Status');
  const code = fieldText(status, 'Code') ?? '';
  const texts = fields(status, 'Message').flatMap((element) => {
    const language = attribute(element, 'Lang');
    const text = ownText(element);
    return text === undefined ? [] : [language === undefined ? text : `${text} (${language})`];
  });
  return { ok: SUCCESS.has(code), code, texts };
}

/** The failure that a status means; the service's own code in `details.statusCode`. */
export const refusal = (operation: string, { code, texts }: ReplyStatus): TopazError =>
  new TopazError('E_SERVICE_REFUSED', `the eHealthBox refused ${operation}`, {
    facts: [`eHealth: ${[code || 'no status code', ...texts].join(' ')}`],
    hint: code === '810' ? 'check the quality of the profile and of the session' : 'see the code of eHealth above', // prettier-ignore
    details: { service: 'ehboxConsultation', statusCode: code },
  });

/**
 * Checks that an answer is the expected one and a success.
 *
 * @throws TopazError `E_REPLY_INVALID` for another answer; `E_SERVICE_REFUSED` with the service's own code
 *   in `details.statusCode` and all its texts.
 */
export function requireSuccess(payload: XmlElement, operation: string): void {
  const status = readStatus(payload, operation);
  if (!status.ok) {
    throw refusal(operation, status);
  }
}

/** What a box says about itself. */
export interface BoxInfo {
  readonly box: BoxAddress;
  /** Messages that wait outside because the box is full. */
  readonly standBy: number;
  readonly usedBytes: number;
  readonly maxBytes: number;
}

/** @throws TopazError `E_REPLY_INVALID` without a box, and those of {@link requireSuccess}. */
export function readBoxInfo(payload: XmlElement): BoxInfo {
  requireSuccess(payload, 'GetBoxInfo');
  const element = field(payload, 'BoxId');
  const id = fieldText(element, 'Id');
  const type = fieldText(element, 'Type');
  const quality = fieldText(element, 'Quality');
  if (id === undefined || type === undefined || quality === undefined) {
    throw new TopazError('E_REPLY_INVALID', 'the eHealthBox did not say which box this is', {
      hint: 'try again later; if it stays so, report it with --debug',
    });
  }
  return {
    box: { type, id, ...maybe('subType', fieldText(element, 'SubType')), quality },
    standBy: fieldCount(payload, 'NbrMessagesInStandBy') ?? 0,
    usedBytes: fieldCount(payload, 'CurrentSize') ?? 0,
    maxBytes: fieldCount(payload, 'MaxSize') ?? DEFAULT_MAX_BYTES,
  };
}

/** What a list tells about a message; the title and what follows only when `ContentInfo` is there. */
export interface ListEntry extends MessageInfo, ContentSpecification {
  readonly id: string;
  readonly sender: Sender;
  readonly title?: string | undefined;
  readonly mimeType?: string | undefined;
  readonly hasAnnex?: boolean | undefined;
}

export interface Listed {
  /** As received, to be kept; `undefined` when not even XML could be made of it. */
  readonly element: XmlElement | undefined;
  /** `undefined` when there is no usable message id: such an entry cannot be stored. */
  readonly entry: ListEntry | undefined;
}

/**
 * The messages of one page, in the order of the list (newest first). Never throws for an entry.
 *
 * @throws TopazError of {@link requireSuccess}.
 */
export function readMessagesList(payload: XmlElement): readonly Listed[] {
  requireSuccess(payload, 'GetMessagesList');
  return fields(payload, 'Message').map((element) => ({ element, entry: readListEntry(element) }));
}

/** Reads one `Message` of a list. */
export function readListEntry(element: XmlElement): ListEntry | undefined {
  const id = fieldText(element, 'MessageId');
  if (id === undefined || !MESSAGE_ID.test(id)) {
    return undefined;
  }
  const content = field(element, 'ContentInfo');
  return {
    id,
    sender: readSender(field(element, 'Sender')),
    ...readMessageInfo(element),
    ...readSpecification(element),
    ...(content === undefined
      ? {}
      : {
          ...maybe('title', fieldText(content, 'Title')),
          ...maybe('mimeType', fieldText(content, 'MimeType')),
          hasAnnex: fieldFlag(content, 'HasAnnex'),
        }),
  };
}
