/**
 * Answers of the eHealthBox as XML: status, list entries, the full message with its parts in the three
 * forms of attachments (ehealthbox §3, §5). Only the root is in the namespace of the service.
 *
 * @module
 */

import { addressMarkup, destinationMarkup, namesOf, qualityOf } from './ehbox-addresses.js';
import { readContent } from './ehbox-content.js';
import type { Annex, MessageContent } from './ehbox-content.js';
import { aYearLater } from './ehbox-delivery.js';
import type { Answer, Part, Sandbox } from './exchange.js';
import { EHBOX } from './names.js';
import type { BoxMessage } from './state.js';
import { el } from './xml-text.js';
import type { Content, Markup } from './xml-text.js';

const XOP = 'http://www.w3.org/2004/08/xop/include';
const APPLICATION = 'TopazSandbox';

/** `<Operation>Response` with its status; without content when it is a refusal. */
export const response = (
  operation: string,
  sandbox: Sandbox,
  status: readonly [string, string],
  ...content: readonly Content[]
): Markup => responseWithId(operation, `_${sandbox.newId()}`, status, ...content);

/** The same with an `Id` that means something. */
export const responseWithId = (
  operation: string,
  id: string,
  [code, message]: readonly [string, string],
  ...content: readonly Content[]
): Markup =>
  el(
    `con:${operation}Response`,
    { 'xmlns:con': EHBOX, Id: id },
    el('Status', {}, el('Code', {}, code), el('Message', { Lang: 'EN' }, message)),
    ...content,
  );

export const SUCCESS = ['100', 'SUCCESS'] as const;

/** A day as the real service writes it: with the offset of that day. */
function dateText(day: string): string {
  const noon = new Date(`${day}T12:00:00Z`);
  const hour = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Brussels', hour: '2-digit', hourCycle: 'h23' }).format(noon); // prettier-ignore
  return `${day}+0${Number(hour) - 12}:00`;
}

function messageInfo({ publishedOn = '1970-01-01' }: BoxMessage, content: MessageContent): Markup {
  return el(
    'MessageInfo',
    {},
    el('PublicationDate', {}, dateText(publishedOn)),
    el('ExpirationDate', {}, dateText(aYearLater(publishedOn))),
    el('Size', {}, String(content.sizeBytes)),
  );
}

function senderMarkup(sandbox: Sandbox, { from, published }: MessageContent): Markup {
  const { name, firstName } = namesOf(sandbox, from);
  return el(
    'Sender',
    {},
    ...addressMarkup(from),
    el('Quality', {}, published?.quality ?? qualityOf(sandbox, from)),
    el('Name', {}, name),
    firstName === undefined ? undefined : el('FirstName', {}, firstName),
  );
}

const specification = ({ contentType, important, encrypted, published }: MessageContent): Markup =>
  el(
    'ContentSpecification',
    {},
    el('ApplicationName', {}, published?.application ?? APPLICATION),
    el('ContentType', {}, contentType),
    el('IsImportant', {}, String(important)),
    el('IsEncrypted', {}, String(encrypted)),
  );

/** One `Message` of a list. */
export function listEntry(sandbox: Sandbox, message: BoxMessage): Markup {
  const content = readContent(sandbox, message.id);
  const { patientBase64, document, title, annexes, freeTextBase64, tableBase64 } = content;
  const hasFree = freeTextBase64 !== undefined || tableBase64 !== undefined;
  return el(
    'Message',
    {},
    el('MessageId', {}, message.id),
    destinationMarkup(sandbox, 'Destination', message.to),
    senderMarkup(sandbox, content),
    messageInfo(message, content),
    el(
      'ContentInfo',
      {},
      patientBase64 === undefined ? undefined : el('EncryptableINSSPatient', {}, patientBase64),
      el('Title', {}, title),
      el('MimeType', {}, document.mimeType),
      el('HasFreeInformations', {}, String(hasFree)),
      el('HasAnnex', {}, String(annexes.length > 0)),
    ),
    specification(content),
  );
}

/** `GetFullMessageResponse`, with parts beside it where an annex asks for that. */
export function fullMessage(sandbox: Sandbox, message: BoxMessage): Answer {
  const content = readContent(sandbox, message.id);
  const parts: Part[] = [];
  const annexes = content.annexes.map((annex, index) => {
    const id = `annex${index + 1}.${message.id}@ehealth.fgov.be`;
    if (annex.form !== 'inline') {
      parts.push({
        id,
        contentType: annex.form === 'xop' ? 'application/octet-stream' : annex.mimeType,
        bytes: Buffer.from(annex.base64, 'base64'),
      });
    }
    return annexMarkup(annex, id);
  });
  const { document, patientBase64, published } = content;
  const payload = response(
    'GetFullMessage',
    sandbox,
    SUCCESS,
    senderMarkup(sandbox, content),
    el(
      'Message',
      { MessageId: message.id },
      el('PublicationId', {}, published?.publicationId ?? message.id),
      (published?.recipients ?? [message.to]).map((to) =>
        destinationMarkup(sandbox, 'DestinationContext', to),
      ),
      el(
        'ContentContext',
        {},
        el(
          'Content',
          {},
          el(
            'Document',
            {},
            el('Title', {}, content.title),
            el('EncryptableTextContent', {}, document.base64),
            el('DownloadFileName', {}, document.fileName),
            el('MimeType', {}, document.mimeType),
          ),
          freeInformations(content),
          patientBase64 === undefined ? undefined : el('EncryptableINSSPatient', {}, patientBase64),
          annexes,
          acknowledgment(sandbox, message, content),
          publicationError(sandbox, content),
        ),
        specification(content),
        (published?.customMetas ?? [['CM-AuthorID', content.from.id] as const]).map(
          ([key, value]) => el('CustomMeta', {}, el('Key', {}, key), el('Value', {}, value)),
        ),
      ),
    ),
    messageInfo(message, content),
  );
  return { payload, parts, xop: content.annexes.some(({ form }) => form === 'xop') };
}

function annexMarkup(annex: Annex, partId: string): Markup {
  const reference = `cid:${encodeURIComponent(partId)}`;
  return el(
    'Annex',
    {},
    el('EncryptableTitle', {}, annex.titleBase64),
    annex.form === 'swaref'
      ? el('EncryptableBinaryContent', {}, reference)
      : el(
          'EncryptableTextContent',
          {},
          annex.form === 'inline'
            ? annex.base64
            : el('xop:Include', { 'xmlns:xop': XOP, href: reference }),
        ),
    el('DownloadFileName', {}, annex.fileName),
    el('MimeType', {}, annex.mimeType),
  );
}

function freeInformations({ freeTextBase64, tableBase64 }: MessageContent): Content {
  const inside =
    freeTextBase64 !== undefined
      ? el('EncryptableFreeText', {}, freeTextBase64)
      : tableBase64 !== undefined
        ? el(
            'Table',
            { Title: 'Table' },
            tableBase64.map(([left, right]) =>
              el(
                'Row',
                {},
                el('EncryptableLeftCell', {}, left),
                el('EncryptableRightCell', {}, right),
              ),
            ),
          )
        : undefined;
  return inside === undefined ? undefined : el('FreeInformations', {}, inside);
}

/** A receipt speaks about a message that was sent once; the sandbox names the receipt itself. */
const acknowledgment = (
  sandbox: Sandbox,
  { id, to }: BoxMessage,
  { contentType, acknowledgment: known }: MessageContent,
): Content =>
  contentType === 'ACKNOWLEDGMENT'
    ? el(
        'Acknowledgment',
        {},
        el('MessageId', {}, known?.messageId ?? id),
        known !== undefined && known.recipient === undefined
          ? undefined
          : destinationMarkup(sandbox, 'Recipient', known?.recipient ?? to),
        el('AckType', {}, known?.type ?? 'READ'),
        el('DateTime', {}, known?.at ?? sandbox.now().toISOString()),
      )
    : undefined;

const publicationError = (sandbox: Sandbox, { contentType, error }: MessageContent): Content =>
  contentType === 'ERROR'
    ? el(
        'Error',
        { PublicationId: error?.publicationId ?? 'SANDBOX' },
        el('Code', {}, error?.code ?? '802'),
        el('Message', {}, error?.message ?? 'The identifier of the recipient is not valid.'),
        error?.destinations.map((to) => destinationMarkup(sandbox, 'Destination', to)),
      )
    : undefined;
