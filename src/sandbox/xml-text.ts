/**
 * Answers are written as text, element by element: nothing is reformatted, no white space comes between
 * `soap:Body` and its payload, and every character is escaped once. Prefixes are declared where written.
 *
 * @module
 */

/** XML that is written as it stands. */
export interface Markup {
  readonly kind: 'markup';
  readonly text: string;
}

/** Text (escaped), XML, nothing, or a list of these. */
export type Content = string | Markup | undefined | readonly Content[];

export type Attributes = Readonly<Record<string, string | undefined>>;

/** XML that exists already: a signed assertion, an injected piece. */
export const raw = (text: string): Markup => ({ kind: 'markup', text });

/** One element; attributes without value are left out. */
export function el(name: string, attributes: Attributes, ...content: readonly Content[]): Markup {
  const start = Object.entries(attributes)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([key, value]) => ` ${key}="${escapeAttribute(value)}"`)
    .join('');
  const inside = content.map(write).join('');
  return raw(inside === '' ? `<${name}${start}/>` : `<${name}${start}>${inside}</${name}>`);
}

function write(content: Content): string {
  if (content === undefined) {
    return '';
  }
  if (typeof content === 'string') {
    return escapeText(content);
  }
  return 'text' in content ? content.text : content.map(write).join('');
}

const escapeText = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;');

const escapeAttribute = (text: string): string =>
  escapeText(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
