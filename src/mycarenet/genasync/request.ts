/**
 * Values → the XML of the three operations of a mailbox (mycarenet §3.4 to §3.6). Pure.
 *
 * @module
 */

import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';

import { referenceTo } from '../../soap/content-id.js';
import type { OutgoingPart } from '../../soap/multipart-writer.js';
import { namespace } from '../../xml/build.js';
import { NS_XOP } from '../../xml/namespaces.js';
import type { XmlElement } from '../../xml/tree.js';
import { commonInputElement } from '../common-input.js';
import type { CommonInput } from '../common-input.js';
import { originElement } from '../origin.js';
import type { Origin } from '../origin.js';
import { NS_COMMON, NS_GENASYNC } from './names.js';

const a = namespace('a', NS_GENASYNC);
const c = namespace('c', NS_COMMON);
const xop = namespace('xop', NS_XOP);

/** The root declares the prefix of what is inside once. */
const declared = (root: XmlElement): XmlElement => ({
  ...root,
  declarations: [{ prefix: 'c', uri: NS_COMMON }],
});

export interface QueryParameters {
  /** Fetches what belongs to one reference. */
  readonly reference?: string | undefined;
  /** Mutualities to restrict to, and to skip. */
  readonly includeMutualities?: readonly string[] | undefined;
  readonly excludeMutualities?: readonly string[] | undefined;
}

export interface GetRequest {
  readonly origin: Origin;
  /** Own ETK, so that answers can be sealed for us; only where the schema of the mailbox has it. */
  readonly replyToEtk?: Uint8Array | undefined;
  readonly parameters?: QueryParameters | undefined;
  /** None = everything. */
  readonly messageNames: readonly string[];
  /** Of messages, and of acknowledgements. */
  readonly max: number;
}

/** `get`. */
export function getRequest(request: GetRequest): XmlElement {
  const { origin, replyToEtk, parameters, messageNames, max } = request;
  return declared(
    a(
      'get',
      {},
      originElement(a, c, origin),
      replyToEtk === undefined
        ? undefined
        : a('Reply-to-etk', {}, Buffer.from(replyToEtk).toString('base64')),
      parameters === undefined ? undefined : queryParameters(parameters),
      a(
        'MsgQuery',
        { Include: 'true' },
        a('Max', {}, String(max)),
        a('MessageNames', {}, messageNames.join(' ')),
      ),
      a('TAckQuery', { Include: 'true' }, a('Max', {}, String(max))),
    ),
  );
}

const queryParameters = ({
  reference,
  includeMutualities = [],
  excludeMutualities = [],
}: QueryParameters): XmlElement =>
  a(
    'QueryParameters',
    { Reference: reference },
    a('includeIOs', {}, includeMutualities.join(' ')),
    a('excludeIOs', {}, excludeMutualities.join(' ')),
  );

export interface ConfirmRequest {
  readonly origin: Origin;
  /** `Detail/@Reference` of messages. */
  readonly messageReferences: readonly string[];
  /** `Detail/@HashValue` of messages without reference. */
  readonly messageHashes: readonly string[];
  readonly tackReferences: readonly string[];
  /** Values of acknowledgements without reference. */
  readonly tackContents: readonly string[];
}

/** `confirm`. Empty lists are left out: an empty element would confirm something that is empty. */
export function confirmRequest(request: ConfirmRequest): XmlElement {
  const { origin, messageReferences, messageHashes, tackReferences, tackContents } = request;
  const list = (name: string, values: readonly string[]): XmlElement | undefined =>
    values.length === 0 ? undefined : a(name, {}, values.join(' '));
  return declared(
    a(
      'confirm',
      {},
      originElement(a, c, origin),
      list('MsgHashValues', messageHashes),
      list('MsgRefValues', messageReferences),
      list('TAckContents', tackContents),
      list('TAckReferences', tackReferences),
    ),
  );
}

export interface PostRequest {
  readonly commonInput: CommonInput;
  readonly messageName: string;
  readonly contentType: string;
  readonly encoding: 'none' | 'deflate';
  /** The business document; sealed, where it is. The hash is of these bytes. */
  readonly content: Uint8Array;
  /** Of the `Detail`: an XML name. */
  readonly detailId: string;
  /** A detached signature over the document. */
  readonly xades?: Uint8Array | undefined;
  /** What the content is sealed for: `encryptedForKnownBED`; none = it is in clear. */
  readonly encryption?: string | undefined;
}

/** From this size on a document travels beside the envelope, not inside. */
const INLINE_BYTES = 80 * 1024;

/** `post`, with the part that goes beside it where the document is large. */
export function postRequest(request: PostRequest): {
  readonly body: XmlElement;
  readonly attachments: readonly OutgoingPart[];
} {
  const { commonInput, messageName, contentType, encoding, content, detailId, xades, encryption } =
    request;
  const bytes = encoding === 'deflate' ? deflateRawSync(content) : content;
  const id = `${detailId.replace(/^_/, '')}@topaz`;
  const isLarge = bytes.length > INLINE_BYTES;
  const body = declared(
    a(
      'post',
      {},
      commonInputElement(a, c, commonInput),
      a(
        'Detail',
        {
          ContentType: contentType,
          ContentEncoding: encoding,
          ...(encryption === undefined ? {} : { ContentEncryption: encryption }),
          MessageName: messageName,
          HashValue: createHash('sha256').update(content).digest('base64'),
          Id: detailId,
        },
        isLarge ? xop('Include', { href: referenceTo(id) }) : Buffer.from(bytes).toString('base64'),
      ),
      xades === undefined
        ? undefined
        : a('Xades-t', { 'xmime:contentType': 'text/xml' }, Buffer.from(xades).toString('base64')),
    ),
  );
  return {
    body,
    attachments: isLarge ? [{ id, contentType: 'application/octet-stream', bytes }] : [],
  };
}
