/**
 * `Detail`: a business document as base64 with technical attributes (mycarenet §1.2, §3.4). Deflated means raw
 * DEFLATE; an absent `ContentEncoding` means deflated by the schema, so it is always written.
 *
 * @module
 */

import { createHash, timingSafeEqual } from 'node:crypto';
import { deflateRawSync, inflateRawSync, inflateSync } from 'node:zlib';

import { decodeBase64 } from '../der/base64.js';
import { systemCode, TopazError } from '../errors.js';
import type { ElementFactory } from '../xml/build.js';
import { attribute, text } from '../xml/query.js';
import type { XmlElement } from '../xml/tree.js';

export interface BlobOptions {
  /** An XML name. */
  readonly id: string;
  readonly contentType: string;
  /** @default 'none' */
  readonly encoding?: 'none' | 'deflate';
  /** Adds `HashValue`, over the document itself. @default false */
  readonly hash?: boolean;
  /** Attributes that only some services have: `MessageName` … */
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface Blob {
  /** Decoded and inflated. */
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;
  /** `undefined` = in clear. */
  readonly encryption: string | undefined;
}

/** What an answer may hold; the largest seen have some hundred kilobytes. */
const MAX_BYTES = 8 * 1024 * 1024;

/** The element with a document in it. */
export function blobElement(
  element: ElementFactory,
  name: string,
  bytes: Uint8Array,
  { id, contentType, encoding = 'none', hash = false, attributes = {} }: BlobOptions,
): XmlElement {
  const content = encoding === 'deflate' ? deflateRawSync(bytes) : bytes;
  return element(
    name,
    {
      ContentType: contentType,
      ContentEncoding: encoding,
      ...(hash ? { HashValue: sha256(bytes).toString('base64') } : {}),
      ...attributes,
      Id: id,
    },
    Buffer.from(content).toString('base64'),
  );
}

/**
 * Decodes a document.
 *
 * @throws TopazError `E_REPLY_INVALID` (no base64, unknown encoding, damaged), `E_REPLY_TOO_LARGE` also for
 *   what grows beyond measure when inflated, `E_SIGNATURE_INVALID` when the hash is another.
 */
export function readBlob(
  element: XmlElement,
  { maxBytes = MAX_BYTES }: { readonly maxBytes?: number } = {},
): Blob {
  const content = decodeBase64(text(element));
  if (content === undefined) {
    throw invalid('is not base64');
  }
  const encryption = attribute(element, 'ContentEncryption');
  const bytes = inflateContent(content, attribute(element, 'ContentEncoding'), maxBytes);
  checkHash(bytes, attribute(element, 'HashValue'));
  return {
    bytes,
    contentType: attribute(element, 'ContentType'),
    encryption: encryption === '' ? undefined : encryption,
  };
}

/**
 * Takes the compression off.
 *
 * @param encoding As the attribute says; `undefined` means deflated, or not.
 * @throws TopazError `E_REPLY_INVALID`, `E_REPLY_TOO_LARGE`.
 */
export function inflateContent(
  bytes: Uint8Array,
  encoding: string | undefined,
  maxBytes: number,
): Uint8Array {
  switch (encoding) {
    case 'none':
      if (bytes.length > maxBytes) {
        throw tooLarge(maxBytes);
      }
      return bytes;
    case 'deflate': {
      const content = tryInflate(bytes, maxBytes);
      if (content === undefined) {
        throw invalid('is said to be deflated and is not');
      }
      return content;
    }
    case undefined:
      // Quirk: the schema's default is deflate, and some leave the attribute out for what is not.
      return tryInflate(bytes, maxBytes) ?? inflateContent(bytes, 'none', maxBytes);
    default:
      throw invalid('has an unknown encoding');
  }
}

/** Raw first, then with the zlib header that some write; `undefined` for neither. */
function tryInflate(bytes: Uint8Array, maxOutputLength: number): Uint8Array | undefined {
  for (const decompress of [inflateRawSync, inflateSync]) {
    try {
      return new Uint8Array(decompress(bytes, { maxOutputLength }));
    } catch (error) {
      if (systemCode(error) === 'ERR_BUFFER_TOO_LARGE') {
        throw tooLarge(maxOutputLength);
      }
    }
  }
  return undefined;
}

function checkHash(bytes: Uint8Array, hashValue: string | undefined): void {
  if (hashValue === undefined || hashValue.trim() === '') {
    return;
  }
  const claimed = Buffer.from(hashValue, 'base64');
  const computed = sha256(bytes);
  if (claimed.length !== computed.length || !timingSafeEqual(claimed, computed)) {
    throw new TopazError('E_SIGNATURE_INVALID', 'the hash of the answer is not that of its content', {
      hint: 'do not rely on this answer; ask again, and report it if it happens again',
    }); // prettier-ignore
  }
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

const invalid = (problem: string): TopazError =>
  new TopazError('E_REPLY_INVALID', `the document in the answer ${problem}`, {
    hint: 'ask again; report it if it happens again',
  });

const tooLarge = (maxBytes: number): TopazError =>
  new TopazError('E_REPLY_TOO_LARGE', 'the document in the answer is too large', {
    facts: [`more than ${maxBytes} bytes`],
    hint: 'ask again; report it if it happens again',
  });
