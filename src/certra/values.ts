/**
 * Simple values in answers of the registration authority, read strictly.
 *
 * @module
 */

import { decodeBase64 } from '../der/base64.js';
import { child, requireChild, text } from '../xml/query.js';
import type { XmlElement } from '../xml/tree.js';
import { invalid } from './ra-frame.js';

/** Trimmed text of a required child that is not empty. */
export function requireText(parent: XmlElement, namespace: string, name: string): string {
  const value = text(requireChild(parent, namespace, name)).trim();
  if (value === '') {
    throw invalid(`${name} in ${parent.name} is empty`);
  }
  return value;
}

/** `xs:boolean`. */
export function requireBoolean(parent: XmlElement, namespace: string, name: string): boolean {
  switch (requireText(parent, namespace, name)) {
    case 'true':
    case '1':
      return true;
    case 'false':
    case '0':
      return false;
    default:
      throw invalid(`${name} in ${parent.name} is neither true nor false`);
  }
}

/** `xs:dateTime` with its offset. */
export function requireDate(parent: XmlElement, namespace: string, name: string): Date {
  const value = requireText(parent, namespace, name);
  const date = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?$/.test(value)
    ? new Date(value)
    : new Date(NaN);
  if (Number.isNaN(date.getTime())) {
    throw invalid(`${name} in ${parent.name} is no moment in time`);
  }
  return date;
}

export const optionalDate = (
  parent: XmlElement,
  namespace: string,
  name: string,
): Date | undefined =>
  child(parent, namespace, name) === undefined ? undefined : requireDate(parent, namespace, name);

/** Base64 of an element's own text; white space inside is ignored. */
export function base64Bytes(element: XmlElement): Uint8Array {
  const bytes = decodeBase64(text(element));
  if (bytes === undefined || bytes.length === 0) {
    throw invalid(`${element.name} is not base64`);
  }
  return bytes;
}

/** PublicKeyIdentifier: hex of 20 bytes in any letter case, given in lower case. */
export function requireIdentifier(parent: XmlElement, namespace: string, name: string): string {
  const value = requireText(parent, namespace, name).toLowerCase();
  if (!/^[0-9a-f]{40}$/.test(value)) {
    throw invalid(`${name} in ${parent.name} is no public key identifier`);
  }
  return value;
}
