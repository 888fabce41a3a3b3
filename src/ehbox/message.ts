/**
 * The full message as it travelled (ehealthbox §3, §5): every field of the answer, with the bytes of its
 * parts taken from where they are, inline, in a MIME part by `cid:` reference, or behind an XOP Include.
 * Nothing is unsealed here.
 *
 * @module
 */

import { decodeBase64 } from '../der/base64.js';
import { TopazError } from '../errors.js';
import type { SoapReply } from '../soap/call.js';
import { findByReference } from '../soap/content-id.js';
import { NS_XOP } from '../xml/namespaces.js';
import { attribute, children, elements } from '../xml/query.js';
import type { XmlElement } from '../xml/tree.js';
import {
  field,
  fields,
  fieldText,
  fieldTexts,
  maybe,
  ownText,
  readCustomMetas,
  readMessageInfo,
  readRecipient,
  readSender,
  readSpecification,
} from './fields.js';
import type { ContentSpecification, CustomMeta, MessageInfo, Recipient, Sender } from './fields.js';
import { requireSuccess } from './reply.js';

/** Bytes as transmitted, or why there are none. */
export type Transmitted =
  | { readonly state: 'there'; readonly bytes: Uint8Array }
  | { readonly state: 'part-missing' }
  | { readonly state: 'corrupt' };

export interface MessageDocument {
  readonly content: Transmitted;
  /** As the sender named it: hostile until made safe. */
  readonly fileName: string;
  readonly mimeType: string;
}

export interface MessageAnnex extends MessageDocument {
  readonly title: Transmitted;
}

export type FreeInformation =
  | { readonly kind: 'text'; readonly content: Transmitted }
  | { readonly kind: 'old'; readonly render: string; readonly content: Transmitted }
  | {
      readonly kind: 'table';
      readonly title?: string | undefined;
      readonly rows: readonly { readonly left: Transmitted; readonly right: Transmitted }[];
    };

/** A receipt for a message that was sent. */
export interface Acknowledgment {
  readonly messageId: string;
  /** `PUBLISHED`, `RECEIVED`, `READ`. */
  readonly type: string;
  readonly dateTime: string;
  readonly recipient?: Recipient | undefined;
}

/** Why a message could not be published. */
export interface PublicationError {
  readonly publicationId?: string | undefined;
  readonly code: string;
  readonly messages: readonly string[];
  readonly destinations: readonly Recipient[];
  readonly failures: readonly string[];
}

export interface FullMessage extends MessageInfo, ContentSpecification {
  readonly id?: string | undefined;
  readonly publicationId?: string | undefined;
  readonly sender: Sender;
  readonly recipients: readonly Recipient[];
  readonly title?: string | undefined;
  readonly document?: MessageDocument | undefined;
  readonly freeInformation?: FreeInformation | undefined;
  readonly patient?: Transmitted | undefined;
  readonly annexes: readonly MessageAnnex[];
  readonly acknowledgment?: Acknowledgment | undefined;
  readonly error?: PublicationError | undefined;
  readonly customMetas: readonly CustomMeta[];
  readonly metas: readonly { readonly type: string; readonly values: readonly string[] }[];
  readonly copyMailTo: readonly string[];
}

type Parts = SoapReply['parts'];

/**
 * Reads the answer to GetFullMessage.
 *
 * @throws TopazError `E_SERVICE_REFUSED` when the service did not give the message; `E_REPLY_INVALID` when
 *   there is no message in a success.
 */
export function readFullMessage({
  payload,
  parts,
}: Pick<SoapReply, 'payload' | 'parts'>): FullMessage {
  requireSuccess(payload, 'GetFullMessage');
  const message = field(payload, 'Message');
  if (message === undefined) {
    throw new TopazError('E_REPLY_INVALID', 'the answer of the eHealthBox holds no message', {
      hint: 'try again later',
    });
  }
  const context = field(message, 'ContentContext');
  const content = field(context, 'Content');
  const document = field(content, 'Document');
  const patient = field(content, 'EncryptableINSSPatient');
  const free = field(content, 'FreeInformations');
  return {
    ...maybe('id', attribute(message, 'MessageId')),
    ...maybe('publicationId', fieldText(message, 'PublicationId')),
    sender: readSender(field(payload, 'Sender')),
    recipients: fields(message, 'DestinationContext').map(readRecipient),
    ...readMessageInfo(payload),
    ...readSpecification(context),
    ...maybe('title', fieldText(document, 'Title')),
    ...maybe('document', document === undefined ? undefined : readDocument(document, parts)),
    ...maybe('freeInformation', readFree(free, parts)),
    ...maybe('patient', patient === undefined ? undefined : transmitted(patient, parts)),
    annexes: fields(content, 'Annex').map((annex) => ({
      ...readDocument(annex, parts),
      title: transmitted(field(annex, 'EncryptableTitle'), parts),
    })),
    ...maybe('acknowledgment', readAcknowledgment(field(content, 'Acknowledgment'))),
    ...maybe('error', readError(field(content, 'Error'))),
    customMetas: readCustomMetas(context),
    metas: fields(message, 'Meta').map((meta) => ({
      type: fieldText(meta, 'Type') ?? '',
      values: fieldTexts(meta, 'Value'),
    })),
    copyMailTo: fieldTexts(message, 'CopyMailTo'),
  };
}

function readDocument(element: XmlElement, parts: Parts): MessageDocument {
  const binary = field(element, 'EncryptableBinaryContent');
  return {
    content:
      binary === undefined
        ? transmitted(field(element, 'EncryptableTextContent'), parts)
        : referenced(binary, parts),
    fileName: fieldText(element, 'DownloadFileName') ?? '',
    mimeType: fieldText(element, 'MimeType') ?? '',
  };
}

/** A base64 value, or an XOP Include in its place. An absent or empty element is empty content. */
function transmitted(element: XmlElement | undefined, parts: Parts): Transmitted {
  const [include] = children(element, NS_XOP, 'Include');
  if (include !== undefined) {
    return partOf(attribute(include, 'href') ?? '', parts);
  }
  const bytes = elements(element).length === 0 ? decodeBase64(ownText(element) ?? '') : undefined;
  return bytes === undefined ? { state: 'corrupt' } : { state: 'there', bytes };
}

/** A swaRef: `cid:` and a content id; an Include where the sender's tool put one. */
function referenced(element: XmlElement, parts: Parts): Transmitted {
  const [include] = children(element, NS_XOP, 'Include');
  return partOf(
    (include === undefined ? ownText(element) : attribute(include, 'href')) ?? '',
    parts,
  );
}

function partOf(reference: string, parts: Parts): Transmitted {
  const part = findByReference(parts, reference);
  return part === undefined ? { state: 'part-missing' } : { state: 'there', bytes: part.bytes };
}

function readFree(element: XmlElement | undefined, parts: Parts): FreeInformation | undefined {
  const text = field(element, 'EncryptableFreeText');
  const old = field(element, 'EncryptableOldFreeInformation');
  const table = field(element, 'Table');
  if (text !== undefined) {
    return { kind: 'text', content: transmitted(text, parts) };
  }
  if (table !== undefined) {
    const rows = fields(table, 'Row').map((row) => ({
      left: transmitted(field(row, 'EncryptableLeftCell'), parts),
      right: transmitted(field(row, 'EncryptableRightCell'), parts),
    }));
    return { kind: 'table', ...maybe('title', attribute(table, 'Title')), rows };
  }
  return old === undefined
    ? undefined
    : { kind: 'old', render: attribute(old, 'Render') ?? '', content: transmitted(old, parts) };
}

function readAcknowledgment(element: XmlElement | undefined): Acknowledgment | undefined {
  const recipient = field(element, 'Recipient');
  return element === undefined
    ? undefined
    : {
        messageId: fieldText(element, 'MessageId') ?? '',
        type: fieldText(element, 'AckType') ?? '',
        dateTime: fieldText(element, 'DateTime') ?? '',
        ...maybe('recipient', recipient === undefined ? undefined : readRecipient(recipient)),
      };
}

function readError(element: XmlElement | undefined): PublicationError | undefined {
  return element === undefined
    ? undefined
    : {
        ...maybe('publicationId', attribute(element, 'PublicationId')),
        code: fieldText(element, 'Code') ?? '',
        messages: fieldTexts(element, 'Message'),
        destinations: fields(element, 'Destination').map(readRecipient),
        failures: fieldTexts(element, 'Failure'),
      };
}
