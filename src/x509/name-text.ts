/**
 * Names as text (RFC 2253): the short names of attribute types, and the reader of a DN as CertRA hands it
 * out. Quirk: a contract may write `CN=SSIN=…` without escaping the second `=`; a reader that splits at
 * every `=` would cut the holder's number off (certificate-lifecycle §9).
 *
 * @module
 */

import {
  OID_COMMON_NAME,
  OID_COUNTRY,
  OID_DOMAIN_COMPONENT,
  OID_EMAIL_ADDRESS,
  OID_GIVEN_NAME,
  OID_LOCALITY,
  OID_ORGANIZATION,
  OID_ORGANIZATIONAL_UNIT,
  OID_SERIAL_NUMBER,
  OID_STATE,
  OID_STREET,
  OID_SURNAME,
  OID_TITLE,
  OID_USER_ID,
} from '../der/oids.js';
import { TopazError } from '../errors.js';
import type { Attribute } from './name.js';

/** Short names as openssl writes them; the spellings of Java are read too. */
const KEYWORDS: ReadonlyMap<string, string> = new Map([
  [OID_COMMON_NAME, 'CN'],
  [OID_SURNAME, 'SN'],
  [OID_SERIAL_NUMBER, 'serialNumber'],
  [OID_COUNTRY, 'C'],
  [OID_LOCALITY, 'L'],
  [OID_STATE, 'ST'],
  [OID_STREET, 'street'],
  [OID_ORGANIZATION, 'O'],
  [OID_ORGANIZATIONAL_UNIT, 'OU'],
  [OID_TITLE, 'title'],
  [OID_GIVEN_NAME, 'GN'],
  [OID_USER_ID, 'UID'],
  [OID_DOMAIN_COMPONENT, 'DC'],
  [OID_EMAIL_ADDRESS, 'emailAddress'],
]);

const TYPES: ReadonlyMap<string, string> = new Map([
  ...[...KEYWORDS].map(([type, keyword]): [string, string] => [keyword.toUpperCase(), type]),
  ['SURNAME', OID_SURNAME],
  ['GIVENNAME', OID_GIVEN_NAME],
  ['S', OID_STATE],
  ['T', OID_TITLE],
  ['E', OID_EMAIL_ADDRESS],
]);

/** Short name of an attribute type, or the OID itself. */
export const keywordOf = (type: string): string => KEYWORDS.get(type) ?? type;

/**
 * Reads RFC 2253 text: splits at unescaped commas, then each part at its first `=`.
 *
 * @param text For example `CN=SSIN=79021599732,OU=eHealth-platform Belgium,O=Federal Government,C=BE`.
 * @returns The attributes in DER order, the reverse of the text.
 * @throws TopazError `E_REPLY_INVALID` for an unknown type, a broken escape, an empty part or an RDN of
 *   several attributes (no eHealth name has one).
 */
export function parseDistinguishedName(text: string): readonly Attribute[] {
  return splitParts(text).map(parsePart).toReversed();
}

const bad = (reason: string): TopazError =>
  new TopazError('E_REPLY_INVALID', `this is not a distinguished name: ${reason}`, {
    hint: 'a name reads CN=…,OU=…,O=…,C=BE',
  });

/** Parts between unescaped commas outside quotes, escapes untouched. */
function splitParts(text: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\') {
      part += text.slice(at, at + 2);
      at += 1;
    } else if (character === ',' && !quoted) {
      parts.push(part);
      part = '';
    } else {
      quoted = character === '"' ? !quoted : quoted;
      part += character;
    }
  }
  if (quoted) {
    throw bad('a quote is not closed');
  }
  return [...parts, part];
}

const typeOf = (keyword: string): string | undefined => {
  const plain = keyword.replace(/^oid\./i, '');
  return /^[0-2](?:\.(?:0|[1-9][0-9]*))+$/.test(plain) ? plain : TYPES.get(keyword.toUpperCase());
};

function parsePart(part: string): Attribute {
  const equals = part.indexOf('=');
  const type = equals < 0 ? undefined : typeOf(part.slice(0, equals).trim());
  if (type === undefined) {
    throw bad('an attribute type is missing or unknown');
  }
  // Spaces around a value do not count; an escaped one at the end does.
  const raw = part.slice(equals + 1).replace(/^ +|(?<!\\) +$/g, '');
  const inner = /^"(.*)"$/s.exec(raw)?.[1];
  if (inner === undefined && isSecondAttribute(raw)) {
    throw bad('several attributes in one part');
  }
  const value = unescape(inner ?? raw);
  if (value === '') {
    throw bad('an attribute is empty');
  }
  return { type, value };
}

/** `+` inside a name is a plus sign, unless an attribute follows it. */
function isSecondAttribute(raw: string): boolean {
  const keyword = /(?:^|[^\\])\+\s*([A-Za-z0-9.]+)\s*=/.exec(raw)?.[1];
  return keyword !== undefined && typeOf(keyword) !== undefined;
}

function unescape(raw: string): string {
  const bytes: Uint8Array[] = [];
  for (const [whole, hex, escaped] of raw.matchAll(/\\([0-9A-Fa-f]{2})|\\([\s\S])|[^\\]+|\\/g)) {
    if (whole === '\\') {
      throw bad('an escape is cut off');
    }
    bytes.push(hex === undefined ? Buffer.from(escaped ?? whole) : Buffer.from(hex, 'hex'));
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(bytes));
  } catch {
    throw bad('an escape is not UTF-8');
  }
}
