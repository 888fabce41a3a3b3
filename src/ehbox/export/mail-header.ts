/**
 * Headers of a mail (RFC 5322, RFC 2047, RFC 2231) from what others wrote: no control character, no direction mark
 * and no line break of theirs survives, so that nobody adds a header of his own.
 *
 * @module
 */

const MAX_PLAIN = 60;
/** Bytes per encoded word: with its frame and the longest name of a header below 78 characters. */
const WORD_BYTES = 30;
const PLAIN = /^[\x20-\x7e]*$/;

/** Without control, format and unassigned characters. */
export const cleanHeader = (text: string): string =>
  text
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** One header line, folded where it is long. */
export const header = (name: string, text: string): string => `${name}: ${encodeText(text)}`;

/** Plain where it can be, else in encoded words. */
export function encodeText(text: string): string {
  const clean = cleanHeader(text);
  if (PLAIN.test(clean) && clean.length <= MAX_PLAIN && !clean.includes('=?')) {
    return clean;
  }
  return chunks(clean, WORD_BYTES)
    .map((chunk) => `=?UTF-8?B?${Buffer.from(chunk).toString('base64')}?=`)
    .join('\r\n ');
}

/** `"Name" <local@domain>`. */
export function mailbox(name: string | undefined, address: string): string {
  const clean = cleanHeader(name ?? '');
  if (clean === '') {
    return `<${address}>`;
  }
  const plain = PLAIN.test(clean) && clean.length <= MAX_PLAIN && !clean.includes('=?');
  const shown = plain ? `"${clean.replace(/["\\]/g, '\\$&')}"` : encodeText(clean);
  const short = plain && shown.length + address.length <= MAX_PLAIN;
  return `${shown}${short ? ' ' : '\r\n '}<${address}>`;
}

/** `filename*=` with its value in percent encoding, in pieces where it is long. */
export function fileNameParameter(name: string): string {
  const encoded = [...Buffer.from(cleanHeader(name))].map((byte) =>
    /[A-Za-z0-9._-]/.test(String.fromCharCode(byte))
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  );
  const pieces: string[] = [''];
  for (const unit of encoded) {
    const last = pieces.at(-1) ?? '';
    if (last.length + unit.length > MAX_PLAIN) {
      pieces.push(unit);
    } else {
      pieces[pieces.length - 1] = last + unit;
    }
  }
  return pieces.length === 1
    ? `filename*=UTF-8''${pieces[0] ?? ''}`
    : pieces
        .map((piece, index) => `filename*${index}*=${index === 0 ? "UTF-8''" : ''}${piece}`)
        .join(';\r\n ');
}

/** Pieces of at most so many UTF-8 bytes, never inside a character. */
function chunks(text: string, maxBytes: number): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const character of text) {
    if (Buffer.byteLength(piece + character) > maxBytes) {
      pieces.push(piece);
      piece = '';
    }
    piece += character;
  }
  return piece === '' && pieces.length > 0 ? pieces : [...pieces, piece];
}

/** Base64 in lines of 76 characters. */
export const base64Lines = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('base64')
    .replace(/.{76}(?=.)/g, '$&\r\n');
