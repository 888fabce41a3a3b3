/**
 * The XML declaration: version 1.0, and no other encoding than UTF-8.
 *
 * @module
 */

import { malformed } from './read-errors.js';

const S = '[ \\t\\n]';
const valued = (name: string, value: string): string =>
  `${S}+${name}${S}*=${S}*(?:"(${value})"|'(${value})')`;
const DECLARATION = new RegExp(
  `^<\\?xml${valued('version', '[\\w.:-]+')}(?:${valued('encoding', '[A-Za-z][\\w.-]*')})?` +
    `(?:${valued('standalone', 'yes|no')})?${S}*\\?>`,
);
/** Longer ones are not written by anybody. */
const MAX_LENGTH = 1024;

/**
 * Where the document goes on: 0 without a declaration.
 *
 * @throws TopazError `E_XML_MALFORMED`.
 */
export function readDeclaration(text: string): number {
  if (!/^<\?xml[ \t\n]/.test(text)) {
    return 0;
  }
  const match = DECLARATION.exec(text.slice(0, MAX_LENGTH));
  if (match === null) {
    throw malformed('its XML declaration is not one');
  }
  const [whole, version, otherVersion, encoding, otherEncoding] = match;
  if ((version ?? otherVersion) !== '1.0') {
    throw malformed('it is not XML 1.0');
  }
  if ((encoding ?? otherEncoding ?? 'utf-8').toLowerCase() !== 'utf-8') {
    throw malformed('its declared encoding is not UTF-8');
  }
  return whole.length;
}
