/**
 * `multipart/related` bodies that are in memory: SOAP with Attachments and MTOM/XOP (ehealthbox §5). Parts are
 * kept by content id. Nothing is decoded but base64 and quoted-printable transfer encodings.
 *
 * @module
 */

import { contentId } from './content-id.js';
import { MultipartSplitter } from './multipart-splitter.js';
import type { PartEvent, SplitLimits } from './multipart-splitter.js';
import { replyInvalid } from './reply-invalid.js';
import { TransferError, transferDecoder } from './transfer-encoding.js';

/** What the headers of a part say. */
export interface PartInfo {
  /** Content id without `<` and `>`; '' where the part has none. */
  readonly id: string;
  readonly contentType: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface MimePart extends PartInfo {
  readonly bytes: Uint8Array;
}

export const partInfo = (headers: Readonly<Record<string, string>>): PartInfo => ({
  id: contentId(headers['content-id']),
  contentType: headers['content-type'] ?? 'text/plain',
  headers,
});

/**
 * Splits a body. Parts without a transfer encoding share its memory.
 *
 * @returns The parts in order, at least one.
 * @throws TopazError `E_REPLY_INVALID`: no boundary, truncated, too many parts, a header too long.
 */
export function splitMultipart(
  body: Uint8Array,
  boundary: string,
  limits: SplitLimits = {},
): readonly MimePart[] {
  const splitter = new MultipartSplitter(boundary, limits);
  const parts: MimePart[] = [];
  let info: PartInfo | undefined;
  let pieces: Uint8Array[] = [];
  const take = (event: PartEvent): void => {
    if (event.kind === 'open') {
      info = partInfo(event.head.headers);
      pieces = [];
    } else if (event.kind === 'data') {
      pieces.push(event.bytes);
    } else if (info !== undefined) {
      parts.push({ ...info, bytes: decoded(joined(pieces), info) });
    }
  };
  splitter.push(body).forEach(take);
  splitter.end().forEach(take);
  return parts;
}

function decoded(bytes: Uint8Array, { headers }: PartInfo): Uint8Array {
  const decoder = transferDecoder(headers['content-transfer-encoding'] ?? '');
  if (decoder === undefined) {
    return bytes;
  }
  try {
    return joined([decoder.push(bytes), decoder.end()]);
  } catch (error) {
    throw error instanceof TransferError ? replyInvalid(error.message) : error;
  }
}

/** One piece is handed on as it is. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first, ...others] = pieces.filter(({ length }) => length > 0);
  if (first === undefined || others.length === 0) {
    return first ?? new Uint8Array();
  }
  const { buffer, byteOffset, length } = Buffer.concat([first, ...others]);
  return new Uint8Array(buffer, byteOffset, length);
}
