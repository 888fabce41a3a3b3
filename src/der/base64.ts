/**
 * Base64 as strictly as RFC 4648 §4 writes it: the alphabet, whole groups of four, padding at the end only.
 * `Buffer.from` alone skips over damage and gives other bytes. One pass without a way back, whatever the size:
 * a pattern for the whole text keeps a way back for each group, and runs out of stack at some megabytes.
 *
 * @module
 */

const STRANGE = /[^A-Za-z0-9+/]/;
const WHITE_SPACE = /[\t\n\r ]+/g;

/**
 * The bytes, in memory of their own; `undefined` when the text is not base64. White space is left out first,
 * as XML Schema and PEM allow; the empty text has no bytes.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  const compact = text.replace(WHITE_SPACE, '');
  const padding = compact.endsWith('==') ? 2 : compact.endsWith('=') ? 1 : 0;
  const digits = padding === 0 ? compact : compact.slice(0, -padding);
  if (compact.length % 4 !== 0 || STRANGE.test(digits)) {
    return undefined;
  }
  const bytes = new Uint8Array((compact.length / 4) * 3 - padding);
  Buffer.from(bytes.buffer).write(compact, 'base64');
  return bytes;
}
