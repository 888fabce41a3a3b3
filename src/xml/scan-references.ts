/**
 * Character references and the five predefined entities: the only ones, since no document type is accepted.
 *
 * @module
 */

const PREDEFINED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** `undefined` where one is malformed, unknown, or stands for what XML cannot carry. */
export function replaceReferences(text: string): string | undefined {
  let out = '';
  let from = 0;
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', from)) {
    const end = endOf(text, at + 1);
    const character = end < 0 ? undefined : characterOf(text, at + 1, end);
    if (character === undefined) {
      return undefined;
    }
    out += text.slice(from, at) + character;
    from = end + 1;
  }
  return out + text.slice(from);
}

/** Of the semicolon; ends at whatever no reference holds, so that many open ones stay cheap. */
function endOf(text: string, from: number): number {
  let at = from;
  let code = text.charCodeAt(at);
  while (isAlphanumeric(code) || code === 35) {
    at += 1;
    code = text.charCodeAt(at);
  }
  return code === 59 ? at : -1;
}

const isAlphanumeric = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);

function characterOf(text: string, start: number, end: number): string | undefined {
  if (text.charCodeAt(start) !== 35) {
    return PREDEFINED.get(text.slice(start, end));
  }
  const digits = text.slice(start + 1, end);
  const code = digits.startsWith('x')
    ? /^x[\dA-Fa-f]+$/.test(digits) && Number.parseInt(digits.slice(1), 16)
    : /^\d+$/.test(digits) && Number.parseInt(digits, 10);
  return code !== false && isCharacter(code) ? String.fromCodePoint(code) : undefined;
}

/** The Char production. */
const isCharacter = (code: number): boolean =>
  code === 9 ||
  code === 10 ||
  code === 13 ||
  (code >= 0x20 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  (code >= 0x10000 && code <= 0x10ffff);
