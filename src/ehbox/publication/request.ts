/**
 * `SendMessageRequest` (ehealthbox §4, §5): everything inline but the contents of annexes and a large document,
 * which travel as MIME parts that the request refers to (swaRef), as existing clients send them.
 *
 * Such parts are outside the signature of the message; `Digest` is what binds them to it. MTOM is not used: a
 * signed Body would have to be signed with the base64 that MTOM takes out of it.
 *
 * @module
 */

import { createHash } from 'node:crypto';

import { referenceTo } from '../../soap/content-id.js';
import type { Attachment } from '../../soap/call.js';
import { namespace } from '../../xml/build.js';
import type { Content } from '../../xml/build.js';
import type { XmlElement } from '../../xml/tree.js';
import type { BoxAddress } from '../address.js';
import { boxId, plain } from '../request.js';
import type { PackedAnnex, PackedFreeInformation, PackedPart, Publication } from './pack.js';

export const NS_EHBOX_PUBLICATION = 'urn:be:fgov:ehealth:ehbox:publication:protocol:v3';
const APPLICATION = 'topaz';
/** A document up to this size stands in the request itself. */
const INLINE_BYTES = 256 * 1024;

const pub = namespace('pub', NS_EHBOX_PUBLICATION);

export interface SendOptions {
  /**
   * Delivers to absent recipients as well; otherwise the service answers with their substitutes and
   * delivers to nobody.
   */
  readonly despiteAbsence: boolean;
}

/** The request and the parts beside it. The same publication gives the same ones. */
export function sendMessageRequest(
  publication: Publication,
  { despiteAbsence }: SendOptions,
): { readonly body: XmlElement; readonly attachments: readonly Attachment[] } {
  const { publicationId, recipients, document, annexes } = publication;
  const attachments: Attachment[] = [];
  const beside = (name: string, { bytes }: PackedPart): Content => {
    const id = `${name}.${publicationId}@topaz`;
    // The declared type stands in the request; sealed bytes are of no other type than this.
    attachments.push({ id, contentType: 'application/octet-stream', bytes });
    return plain('EncryptableBinaryContent', {}, referenceTo(id));
  };
  const body = pub(
    'SendMessageRequest',
    { PublicationId: publicationId },
    boxId(publication.box),
    recipients.map((recipient) => destination(recipient, despiteAbsence)),
    plain(
      'ContentContext',
      {},
      plain(
        'Content',
        {},
        plain(
          'Document',
          {},
          plain('Title', {}, publication.subject),
          document.bytes.length > INLINE_BYTES
            ? beside('document', document)
            : plain('EncryptableTextContent', {}, base64(document.bytes)),
          naming(document),
        ),
        freeInformations(publication.freeInformation),
        publication.patient && plain('EncryptableINSSPatient', {}, base64(publication.patient)),
        annexes.map((annex, index) => annexElement(annex, `annex${index + 1}`, beside)),
      ),
      specification(publication),
      publication.customMetas.map(({ key, value }) =>
        plain('CustomMeta', {}, plain('Key', {}, key), plain('Value', {}, value)),
      ),
    ),
  );
  return { body, attachments };
}

function destination({ id, type, subType, quality }: BoxAddress, despiteAbsence: boolean): Content {
  return plain(
    'DestinationContext',
    {},
    plain('Id', {}, id),
    plain('Type', {}, type),
    subType === undefined ? undefined : plain('SubType', {}, subType),
    plain('Quality', {}, quality),
    plain('OoOProcessed', {}, String(despiteAbsence)),
  );
}

function annexElement(
  annex: PackedAnnex,
  name: string,
  beside: (name: string, part: PackedPart) => Content,
): Content {
  return plain(
    'Annex',
    {},
    plain('EncryptableTitle', {}, base64(annex.title)),
    // A part without bytes is not understood everywhere.
    annex.bytes.length === 0 ? plain('EncryptableTextContent') : beside(name, annex),
    naming(annex),
  );
}

/** `Digest` is over the bytes as transmitted, not over their base64. */
const naming = ({ fileName, mimeType, bytes }: PackedPart): Content => [
  plain('DownloadFileName', {}, fileName),
  plain('MimeType', {}, mimeType),
  plain('Digest', {}, createHash('sha256').update(bytes).digest('base64')),
];

function freeInformations(free: PackedFreeInformation | undefined): Content {
  if (free === undefined) {
    return undefined;
  }
  const inside =
    free.kind === 'text'
      ? plain('EncryptableFreeText', {}, base64(free.bytes))
      : plain(
          'Table',
          {},
          free.rows.map(([left, right]) =>
            plain(
              'Row',
              {},
              plain('EncryptableLeftCell', {}, base64(left)),
              plain('EncryptableRightCell', {}, base64(right)),
            ),
          ),
        );
  return plain('FreeInformations', {}, inside);
}

const specification = ({ contentType, important, sealed, receipts }: Publication): Content =>
  plain(
    'ContentSpecification',
    {},
    plain('ApplicationName', {}, APPLICATION),
    plain('ContentType', {}, contentType),
    plain('IsImportant', {}, String(important)),
    plain('IsEncrypted', {}, String(sealed)),
    plain('PublicationReceipt', {}, String(receipts.publication)),
    plain('ReceivedReceipt', {}, String(receipts.received)),
    plain('ReadReceipt', {}, String(receipts.read)),
  );

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
