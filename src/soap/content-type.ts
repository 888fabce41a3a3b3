/**
 * The value of a `Content-Type` header and its parameters.
 *
 * @module
 */

/** A header value and its parameters: `multipart/related; type="text/xml"; boundary=x`. */
export interface ContentType {
  /** Lower case, `type/subtype`. */
  readonly type: string;
  /** Names in lower case, quotes taken off. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** The type alone, in lower case. */
export function mediaType(value: string): string {
  const end = value.indexOf(';');
  return (end < 0 ? value : value.slice(0, end)).trim().toLowerCase();
}

export function parseContentType(value: string): ContentType {
  const parameters: Record<string, string> = {};
  for (const [, name = '', quoted, plain = ''] of value.matchAll(
    /;\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g,
  )) {
    parameters[name.toLowerCase()] = quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1');
  }
  return { type: mediaType(value), parameters };
}

/** '' where the server says nothing. */
const XML_TYPES: ReadonlySet<string> = new Set([
  'text/xml',
  'application/xml',
  'application/soap+xml',
  'application/xop+xml',
  '',
]);

/** Whether an answer or a part of this type may be an envelope. */
export const isXmlType = (type: string): boolean => XML_TYPES.has(type);
