/**
 * `multipart/related` as the services use it: SOAP with Attachments and MTOM/XOP (ehealthbox §5). Parts are
 * kept by content id. Boundaries are found in the bytes; nothing is decoded but base64 and quoted-printable
 * transfer encodings.
 *
 * @module
 */

import { TopazError } from '../errors.js';

export interface MimePart {
  /** Content id without `<` and `>`; '' where the part has none. */
  readonly id: string;
  readonly contentType: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
}

const MAX_PARTS = 500;
const MAX_HEADER_BYTES = 16 * 1024;

/** A header value and its parameters: `multipart/related; type="text/xml"; boundary=x`. */
export interface ContentType {
  /** Lower case, `type/subtype`. */
  readonly type: string;
  /** Names in lower case, quotes taken off. */
  readonly parameters: Readonly<Record<string, string>>;
}

export function parseContentType(value: string): ContentType {
  const [type = ''] = value.split(';', 1);
  const parameters: Record<string, string> = {};
  for (const [, name = '', quoted, plain = ''] of value.matchAll(
    /;\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g,
  )) {
    parameters[name.toLowerCase()] = quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1');
  }
  return { type: type.trim().toLowerCase(), parameters };
}

/**
 * Splits a body.
 *
 * @returns The parts in order, at least one.
 * @throws TopazError `E_REPLY_INVALID`: no boundary, truncated, too many parts, a header too long.
 */
export function splitMultipart(body: Uint8Array, boundary: string): readonly MimePart[] {
  if (boundary === '' || boundary.length > 256) {
    throw invalid('the boundary of the parts is missing');
  }
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const parts: MimePart[] = [];
  let at = nextDelimiter(bytes, boundary, 0);
  if (at === undefined) {
    throw invalid('the first boundary is missing');
  }
  while (!at.last) {
    const next = nextDelimiter(bytes, boundary, at.end);
    if (next === undefined) {
      throw invalid('it ends in the middle of a part');
    }
    parts.push(readPart(bytes.subarray(at.end, next.start)));
    if (parts.length > MAX_PARTS) {
      throw invalid(`it has more than ${MAX_PARTS} parts`);
    }
    at = next;
  }
  if (parts.length === 0) {
    throw invalid('it has no part');
  }
  return parts;
}

interface Delimiter {
  /** Where the part before it ends. */
  readonly start: number;
  /** Where the part after it begins. */
  readonly end: number;
  readonly last: boolean;
}

/**
 * `--boundary` or `--boundary--` alone on a line, but for white space after it; line ends CRLF or LF. The
 * last line may end with the body. A line that goes on is content: another boundary may begin alike.
 */
function nextDelimiter(bytes: Buffer, boundary: string, from: number): Delimiter | undefined {
  const mark = Buffer.from(`--${boundary}`);
  for (let at = bytes.indexOf(mark, from); at >= 0; at = bytes.indexOf(mark, at + 1)) {
    const atLineStart = at === 0 || bytes[at - 1] === LF;
    const after = at + mark.length;
    const last = bytes[after] === DASH && bytes[after + 1] === DASH;
    let end = last ? after + 2 : after;
    while (bytes[end] === SPACE || bytes[end] === TAB) {
      end += 1;
    }
    const lineEnd = bytes[end] === CR && bytes[end + 1] === LF ? 2 : bytes[end] === LF ? 1 : 0;
    if (atLineStart && (lineEnd > 0 || (last && end === bytes.length))) {
      const before = at >= 2 && bytes[at - 2] === CR ? at - 2 : Math.max(0, at - 1);
      return { start: Math.max(from, before), end: end + lineEnd, last };
    }
  }
  return undefined;
}

const LF = 0x0a;
const CR = 0x0d;
const DASH = 0x2d;
const SPACE = 0x20;
const TAB = 0x09;

function readPart(bytes: Buffer): MimePart {
  const { headerEnd, bodyStart } = findBody(bytes);
  const headers = readHeaders(bytes.subarray(0, headerEnd).toString('latin1'));
  const content = bytes.subarray(bodyStart);
  return {
    id: (headers['content-id'] ?? '').trim().replace(/^<(.*)>$/, '$1'),
    contentType: headers['content-type'] ?? 'text/plain',
    headers,
    bytes: decode(content, headers['content-transfer-encoding'] ?? ''),
  };
}

function findBody(bytes: Buffer): { headerEnd: number; bodyStart: number } {
  // A part without headers begins with its empty line.
  if (bytes[0] === LF) {
    return { headerEnd: 0, bodyStart: 1 };
  }
  if (bytes[0] === CR && bytes[1] === LF) {
    return { headerEnd: 0, bodyStart: 2 };
  }
  // Some writers mix line ends; whichever empty line comes first ends the headers.
  const head = bytes.subarray(0, MAX_HEADER_BYTES).toString('latin1');
  const empty = /\r?\n\r?\n/.exec(head);
  if (empty !== null) {
    return { headerEnd: empty.index, bodyStart: empty.index + empty[0].length };
  }
  throw invalid('the headers of a part do not end');
}

function readHeaders(text: string): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const line of text.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) {
      headers[line.slice(0, colon).trim().toLowerCase()] ??= line.slice(colon + 1).trim();
    }
  }
  return headers;
}

function decode(content: Buffer, encoding: string): Uint8Array {
  switch (encoding.trim().toLowerCase()) {
    case 'base64':
      return plain(decodeBase64(content.toString('latin1')));
    case 'quoted-printable':
      return plain(decodeQuotedPrintable(content.toString('latin1')));
    default:
      return plain(content);
  }
}

/** Damage is refused: `Buffer.from` alone would skip over it and give other bytes. */
function decodeBase64(text: string): Buffer {
  const compact = text.replace(/[\t\n\r ]+/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact) || compact.length % 4 !== 0) {
    throw invalid('a part is not base64 as it says');
  }
  return Buffer.from(compact, 'base64');
}

const decodeQuotedPrintable = (text: string): Buffer =>
  Buffer.from(
    text
      .replace(/=[\t ]{0,80}\r?\n/g, '')
      .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      ),
    'latin1',
  );

/** The same bytes, not a copy. */
const plain = ({ buffer, byteOffset, length }: Buffer): Uint8Array =>
  new Uint8Array(buffer, byteOffset, length);

export interface OutgoingPart {
  readonly id: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/**
 * Puts an envelope and its attachments into one body (SwA).
 *
 * @param boundary Must not occur in any part: give it a fresh random id.
 */
export function writeMultipart(
  envelope: Uint8Array,
  parts: readonly OutgoingPart[],
  boundary: string,
): { readonly contentType: string; readonly body: Uint8Array } {
  const root = 'root.message@topaz';
  const pieces: Uint8Array[] = [];
  for (const part of [
    { id: root, contentType: 'text/xml; charset=utf-8', bytes: envelope },
    ...parts,
  ]) {
    // A content type may come from a file's name or a user: it must not add a header.
    if (!/^[\x20-\x7e]+$/.test(part.contentType) || !/^[!-;=?-~]+$/.test(part.id)) {
      throw new TypeError('the id or the content type of a part is not fit for a header');
    }
    pieces.push(
      Buffer.from(
        `--${boundary}\r\nContent-Type: ${part.contentType}\r\nContent-Transfer-Encoding: binary\r\n` +
          `Content-ID: <${part.id}>\r\n\r\n`,
      ),
      part.bytes,
      Buffer.from('\r\n'),
    );
  }
  pieces.push(Buffer.from(`--${boundary}--\r\n`));
  return {
    contentType: `multipart/related; type="text/xml"; start="<${root}>"; boundary="${boundary}"`,
    body: plain(Buffer.concat(pieces)),
  };
}

const invalid = (reason: string): TopazError =>
  new TopazError('E_REPLY_INVALID', 'the answer has another form than expected', {
    facts: [reason],
    hint: 'nothing of it was used; try again, and report it if it stays',
  });
