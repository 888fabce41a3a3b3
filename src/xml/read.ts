/**
 * The one reader of everything that comes from outside. Guards first: size, UTF-8 only, characters that XML
 * has; then one strict scan, bounded and without document types (dependencies §4, §5).
 *
 * @module
 */

import { limit, malformed } from './read-errors.js';
import { Scanner } from './scanner.js';
import type { XmlElement } from './tree.js';

export interface ReadXmlOptions {
  /** @default 32 MiB */
  readonly maxBytes?: number;
}

const MAX_BYTES = 32 * 1024 * 1024;
/** Everything outside the Char production that UTF-8 can carry. */
// eslint-disable-next-line no-control-regex -- these are the characters that XML forbids
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/;

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads one document.
 *
 * @param source Bytes in UTF-8, or text.
 * @returns Its root. Comments and instructions outside of it are left out.
 * @throws TopazError `E_XML_MALFORMED`, `E_XML_LIMIT`.
 */
export function readXml(
  source: Uint8Array | string,
  { maxBytes = MAX_BYTES }: ReadXmlOptions = {},
): XmlElement {
  const size = typeof source === 'string' ? source.length : source.byteLength;
  if (size > maxBytes) {
    throw limit(`it is larger than ${maxBytes} bytes`);
  }
  const text = typeof source === 'string' ? withoutMark(source) : decode(source);
  if (FORBIDDEN.test(text)) {
    throw malformed('it holds a character that XML cannot carry');
  }
  // Line ends are normalised before anything else is looked at (XML 1.0 §2.11).
  return new Scanner(text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text).scan();
}

function decode(bytes: Uint8Array): string {
  try {
    return UTF_8.decode(bytes);
  } catch (error) {
    throw malformed('it is not UTF-8', error);
  }
}

function withoutMark(text: string): string {
  if (/\p{Surrogate}/u.test(text)) {
    throw malformed('it holds half a character');
  }
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
