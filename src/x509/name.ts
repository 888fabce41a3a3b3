/**
 * Distinguished names (X.501, RFC 5280 §4.1.2.4): read from DER and kept with their bytes, written in DER
 * order, compared, and shown as text in the two forms that services use (`name-text.ts` reads text).
 *
 * @module
 */

import {
  OID_COMMON_NAME,
  OID_COUNTRY,
  OID_DOMAIN_COMPONENT,
  OID_EMAIL_ADDRESS,
  OID_LOCALITY,
  OID_ORGANIZATION,
  OID_ORGANIZATIONAL_UNIT,
  OID_STATE,
  OID_STREET,
} from '../der/oids.js';
import { malformed, readDer } from '../der/reader.js';
import type { DerNode } from '../der/reader.js';
import { readOid, readSequence, readSet, readText } from '../der/values.js';
import {
  ia5String,
  isPrintable,
  oid,
  printableString,
  sequence,
  set,
  utf8String,
} from '../der/writer.js';
import { keywordOf } from './name-text.js';

export { parseDistinguishedName } from './name-text.js';

/** One attribute of a name: the type's OID, the value as text. */
export interface Attribute {
  readonly type: string;
  /** A value that is no text is given as `#` and the hex digits of its encoding. */
  readonly value: string;
}

/** A name as it was read: the original bytes, and its RDNs in DER order. */
export interface Name {
  readonly der: Uint8Array;
  readonly rdns: readonly (readonly Attribute[])[];
}

/**
 * Reads a name from its DER.
 *
 * @throws TopazError `E_ASN1_MALFORMED`.
 */
export function parseName(der: Uint8Array): Name {
  return readName(readDer(der));
}

/** Reads a name from an element that was read before. */
export function readName(node: DerNode | undefined): Name {
  const rdns = readSequence(node).map((rdn) => readSet(rdn).map(readAttribute));
  if (rdns.some((rdn) => rdn.length === 0)) {
    throw malformed('empty part of a name');
  }
  return { der: node?.bytes ?? new Uint8Array(), rdns };
}

/** UTF8, Numeric, Printable, T61, IA5, Visible, BMP. */
const TEXT_TAGS: ReadonlySet<number> = new Set([12, 18, 19, 20, 22, 26, 30]);

function readAttribute(node: DerNode): Attribute {
  const [type, value, ...rest] = readSequence(node);
  if (value === undefined || rest.length > 0) {
    throw malformed('attribute of a name without a single value');
  }
  const isText = value.tagClass === 0 && TEXT_TAGS.has(value.tag);
  return {
    type: readOid(type),
    value: isText ? readText(value) : `#${Buffer.from(value.bytes).toString('hex')}`,
  };
}

/**
 * Encodes a name, one attribute per RDN: PrintableString where the characters allow it, else UTF8String, as
 * the official connector does; e-mail addresses and domain components are IA5String by definition.
 *
 * @param attributes In DER order (country first).
 */
export function encodeName(attributes: readonly Attribute[]): Uint8Array {
  return sequence(
    ...attributes.map(({ type, value }) => set(sequence(oid(type), encodeValue(type, value)))),
  );
}

function encodeValue(type: string, value: string): Uint8Array {
  const isAscii = Buffer.byteLength(value) === value.length;
  if (isAscii && (type === OID_EMAIL_ADDRESS || type === OID_DOMAIN_COMPONENT)) {
    return ia5String(value);
  }
  return isPrintable(value) ? printableString(value) : utf8String(value);
}

/**
 * Whether two names are the same: type by type, without regard to case, to the kind of string and to the
 * number of spaces (RFC 5280 §7.1). Attributes of one RDN may stand in any order.
 */
export function namesEqual(a: Name, b: Name): boolean {
  if (Buffer.compare(a.der, b.der) === 0) {
    return true;
  }
  return (
    a.rdns.length === b.rdns.length &&
    a.rdns.every((rdn, index) => comparable(rdn) === comparable(b.rdns[index] ?? []))
  );
}

const comparable = (rdn: readonly Attribute[]): string =>
  JSON.stringify(rdn.map(({ type, value }) => `${type} ${comparableText(value)}`).sort());

const comparableText = (value: string): string =>
  value.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();

/** The first value of that type. */
export const attributeValue = (name: Name, type: string): string | undefined =>
  attributeValues(name, type)[0];

/** All values of that type, in DER order. */
export const attributeValues = (name: Name, type: string): readonly string[] =>
  name.rdns.flatMap((rdn) => rdn.filter((entry) => entry.type === type).map(({ value }) => value));

/** RFC 2253 text: most specific first, joined by commas; types by their usual short names. */
export const formatRfc2253 = (name: Name): string =>
  textOrder(name)
    .map((rdn) =>
      rdn.map(({ type, value }) => `${keywordOf(type)}=${escapeRfc2253(value)}`).join('+'),
    )
    .join(',');

const escapeRfc2253 = (value: string): string =>
  /^#(?:[0-9a-f]{2})+$/.test(value)
    ? value
    : value
        .replace(/[,+"\\<>;]/g, '\\$&')
        .replace(/^[ #]|(?<!^) $/g, '\\$&')
        .replaceAll('\0', '\\00');

/** Java knows these keywords in RFC 1779 and no others; the rest is `OID.` and the number. */
const RFC1779_KEYWORDS: ReadonlyMap<string, string> = new Map([
  [OID_COMMON_NAME, 'CN'],
  [OID_ORGANIZATIONAL_UNIT, 'OU'],
  [OID_ORGANIZATION, 'O'],
  [OID_LOCALITY, 'L'],
  [OID_STATE, 'ST'],
  [OID_COUNTRY, 'C'],
  [OID_STREET, 'STREET'],
]);

/**
 * The text of Java's `X500Principal.getName("RFC1779")`, which the SAML 1.1 STS is given as name of subject
 * and issuer (sts-session §2.2).
 */
export const formatRfc1779 = (name: Name): string =>
  textOrder(name)
    .map((rdn) =>
      rdn
        .map(({ type, value }) => `${RFC1779_KEYWORDS.get(type) ?? `OID.${type}`}=${quote(value)}`)
        .join(' + '),
    )
    .join(', ');

const quote = (value: string): string =>
  /[,+=#"<>;\\\n]|^ | $| {2}/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value;

const textOrder = ({ rdns }: Name): readonly (readonly Attribute[])[] => rdns.toReversed();
