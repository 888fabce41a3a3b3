/**
 * A request to publish, read: addresses, parts with their digests, size; and the message put into the boxes of
 * its recipients and the sent box of its sender (ehealthbox §4).
 *
 * @module
 */

import { createHash } from 'node:crypto';

import { etkType } from '../ids/identifier.js';
import { boxOf } from './ehbox-addresses.js';
import type { BoxKey } from './ehbox-addresses.js';
import { writeMessageFile } from './ehbox-content.js';
import type { Annex, Document, MessageContent } from './ehbox-content.js';
import { acknowledgment, messageId, post, receipt, tell } from './ehbox-receipt-messages.js';
import { problemOfAddress } from './ehbox-qualities.js';
import type { Exchange, Sandbox } from './exchange.js';
import { boxQuality } from './people.js';
import type { BoxMessage, OfficePeriod } from './state.js';
import { childOf, childrenOf, textOf } from './xml-read.js';
import type { ReadElement } from './xml-read.js';

/** 10 MB with all its parts, as they travel. */
const MAX_BYTES = 10 * 1024 * 1024;
/** What a CMS message begins with. */
const DER_SEQUENCE = 0x30;

/** Codes 827 and above are the sandbox's own: those of the real service were never seen (ehealthbox §7). */
const TOO_LARGE = ['801', 'the message is larger than allowed'] as const;
const BAD_DIGEST = ['816', 'the digest of a part is not that of its bytes'] as const;
const NOT_SEALED = ['828', 'IsEncrypted, but a part is not sealed'] as const;

/** A refusal by code and text. */
export class PublicationRefused extends Error {
  readonly status: readonly [string, string];

  constructor(status: readonly [string, string]) {
    super(status.join(' '));
    this.status = status;
  }
}

export interface Destination {
  readonly box: BoxKey;
  /** Delivered to an absent recipient as well. */
  readonly processed: boolean;
}

/** @throws PublicationRefused 802–805, 814. */
export function readDestinations(payload: ReadElement, sandbox: Sandbox): readonly Destination[] {
  return childrenOf(payload, '', 'DestinationContext').map((element) => {
    const address = {
      id: textOf(element, '', 'Id'),
      type: textOf(element, '', 'Type'),
      subType: textOf(element, '', 'SubType'),
      quality: textOf(element, '', 'Quality'),
    };
    const problem = problemOfAddress(address);
    if (problem !== undefined) {
      throw new PublicationRefused(problem);
    }
    const type = etkType(address.type, address.subType || undefined, address.quality);
    return {
      box: boxOf(sandbox, `${type}=${address.id}`, address.quality),
      processed: /^(?:true|1)$/.test(textOf(element, '', 'OoOProcessed')),
    };
  });
}

/** @throws PublicationRefused 801, 816, 828. */
export function readPublication(
  payload: ReadElement,
  { parts }: Exchange,
  from: BoxKey,
  recipients: readonly BoxKey[],
  publicationId: string,
): MessageContent {
  const context = childOf(payload, '', 'ContentContext');
  const content = childOf(context, '', 'Content');
  const specification = childOf(context, '', 'ContentSpecification');
  const flag = (name: string): boolean => /^(?:true|1)$/.test(textOf(specification, '', name));
  const document = childOf(content, '', 'Document');
  const free = childOf(content, '', 'FreeInformations');
  const patient = base64Of(childOf(content, '', 'EncryptableINSSPatient'));
  const freeText = base64Of(childOf(free, '', 'EncryptableFreeText'));
  const table = childrenOf(childOf(free, '', 'Table'), '', 'Row').map((row): [string, string] => [
    base64Of(childOf(row, '', 'EncryptableLeftCell')) ?? '',
    base64Of(childOf(row, '', 'EncryptableRightCell')) ?? '',
  ]);
  const body = readPart(document, parts);
  const annexes = childrenOf(content, '', 'Annex').map((annex): Annex => ({
    ...readPart(annex, parts),
    titleBase64: base64Of(childOf(annex, '', 'EncryptableTitle')) ?? '',
    form: childOf(annex, '', 'EncryptableBinaryContent') === undefined ? 'inline' : 'swaref',
  })); // prettier-ignore
  const values = [
    body.base64, patient ?? '', freeText ?? '', ...table.flat(),
    ...annexes.flatMap(({ base64, titleBase64 }) => [base64, titleBase64]),
  ]; // prettier-ignore
  const sizeBytes = values.reduce((sum, text) => sum + Buffer.byteLength(text, 'base64'), 0);
  if (sizeBytes > MAX_BYTES) {
    throw new PublicationRefused(TOO_LARGE);
  }
  const encrypted = flag('IsEncrypted');
  if (encrypted && values.some((text) => text !== '' && Buffer.from(text.slice(0, 4), 'base64')[0] !== DER_SEQUENCE)) {
    throw new PublicationRefused(NOT_SEALED);
  } // prettier-ignore
  return {
    from: { type: from.type, id: from.id },
    title: textOf(document, '', 'Title'),
    contentType: textOf(specification, '', 'ContentType'),
    important: flag('IsImportant'),
    encrypted,
    document: body,
    ...(freeText === undefined ? {} : { freeTextBase64: freeText }),
    ...(table.length === 0 ? {} : { tableBase64: table }),
    ...(patient === undefined ? {} : { patientBase64: patient }),
    annexes,
    sizeBytes,
    published: {
      publicationId,
      quality: from.quality,
      application: textOf(specification, '', 'ApplicationName') || undefined,
      recipients,
      receipts: { received: flag('ReceivedReceipt'), read: flag('ReadReceipt') },
      customMetas: childrenOf(context, '', 'CustomMeta').map((meta) => [
        textOf(meta, '', 'Key'),
        textOf(meta, '', 'Value'),
      ]),
    },
  };
}

const base64Of = (element: ReadElement | undefined): string | undefined =>
  element?.text.replace(/\s/g, '');

/** The bytes of a document or an annex, held against its digest. */
function readPart(
  element: ReadElement | undefined,
  parts: ReadonlyMap<string, Uint8Array>,
): Document {
  const reference = childOf(element, '', 'EncryptableBinaryContent')?.text.trim();
  const part = reference === undefined ? undefined : partOf(reference, parts);
  if (reference !== undefined && part === undefined) {
    throw new PublicationRefused(BAD_DIGEST);
  }
  const bytes =
    part ?? Buffer.from(base64Of(childOf(element, '', 'EncryptableTextContent')) ?? '', 'base64');
  const digest = createHash('sha256').update(bytes).digest('base64');
  if (digest !== textOf(element, '', 'Digest')) {
    throw new PublicationRefused(BAD_DIGEST);
  }
  return {
    base64: Buffer.from(bytes).toString('base64'),
    fileName: textOf(element, '', 'DownloadFileName'),
    mimeType: textOf(element, '', 'MimeType'),
  };
}

function partOf(reference: string, parts: ReadonlyMap<string, Uint8Array>): Uint8Array | undefined {
  try {
    return parts.get(decodeURIComponent(reference.replace(/^cid:/, '')));
  } catch {
    return undefined;
  }
}

/** The period in which a box is absent today. */
export function absenceOf(sandbox: Sandbox, box: BoxKey): OfficePeriod | undefined {
  const today = sandbox.now().toISOString().slice(0, 10);
  return sandbox.state.outOfOffice.find(
    (period) =>
      period.box.type === box.type && period.box.id === box.id && period.box.quality === box.quality &&
      period.from <= today && today <= period.to,
  ); // prettier-ignore
}

/** Whether somebody of the directory has this box. */
const exists = ({ state }: Sandbox, { type, id, quality }: BoxKey): boolean =>
  type === 'SSIN'
    ? state.persons.some((person) => person.ssin === id && person.qualities.some((one) => boxQuality(one.quality) === quality))
    : state.organisations.some((one) => one.type === type && one.id === id); // prettier-ignore

/**
 * Delivers. Whom the directory does not know is told to the sender by a message, later, as the real service does.
 *
 * @returns The number of the message: the same in every box.
 */
export function publish(
  sandbox: Sandbox,
  content: MessageContent,
  from: BoxKey,
  wantsReceipt: boolean,
): string {
  const id = messageId(sandbox);
  const { recipients = [], publicationId = '' } = content.published ?? {};
  writeMessageFile(sandbox, id, { state: 'ready', content });
  post(sandbox, id, from, { sealed: false, folder: 'SENTBOX' });
  const unknown = recipients.filter((box) => !exists(sandbox, box));
  for (const box of recipients.filter((one) => exists(sandbox, one))) {
    post(sandbox, id, box, { sealed: content.encrypted });
  }
  if (unknown.length > 0) {
    const message = 'The identifier of the recipient is not valid.';
    const error = { publicationId, code: '802', message, destinations: unknown };
    tell(sandbox, from, content.title, { contentType: 'ERROR', error });
  }
  if (wantsReceipt) {
    tell(sandbox, from, content.title, {
      contentType: 'ACKNOWLEDGMENT',
      acknowledgment: acknowledgment(sandbox, id, 'PUBLISHED', undefined),
    });
  }
  return id;
}

/** The recipient fetched a message for the first time. */
export function receiptOfReading(sandbox: Sandbox, message: BoxMessage): void {
  receipt(sandbox, message, 'READ');
}
