/**
 * Names and white space of XML 1.0 (fifth edition) and Namespaces in XML 1.0: a table for ASCII, which is
 * nearly every name, and expressions for the characters beyond.
 *
 * @module
 */

const START =
  'A-Z_a-z\u{C0}-\u{D6}\u{D8}-\u{F6}\u{F8}-\u{2FF}\u{370}-\u{37D}\u{37F}-\u{1FFF}\u{200C}\u{200D}' +
  '\u{2070}-\u{218F}\u{2C00}-\u{2FEF}\u{3001}-\u{D7FF}\u{F900}-\u{FDCF}\u{FDF0}-\u{FFFD}\u{10000}-\u{EFFFF}';
const FURTHER = '\\-.0-9\u{B7}\u{300}-\u{36F}\u{203F}\u{2040}';
/* eslint-disable no-misleading-character-class -- these are ranges of the specification, no sequences */
const IS_START = new RegExp(`[${START}]`, 'u');
const IS_NAME = new RegExp(`[${START}${FURTHER}]`, 'u');
/* eslint-enable no-misleading-character-class */

/** May begin a name. */
export const NAME_START = 1;
/** May stand in a name, but not at its beginning. */
export const NAME_FURTHER = 2;
export const NAME_COLON = 3;

/** What each ASCII character is in a name; 0 for one that ends it. */
export const NAME_CLASS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (IS_START.test(character)) {
    return NAME_START;
  }
  return IS_NAME.test(character) ? NAME_FURTHER : character === ':' ? NAME_COLON : 0;
});

/** Tab, line feed, space; a carriage return is a line feed by then. */
export const isSpace = (code: number): boolean => code === 32 || code === 10 || code === 9;

/** A qualified name of any characters; `undefined` where none stands. */
export function readRareName(
  text: string,
  start: number,
): { readonly colon: number; readonly end: number } | undefined {
  let colon = -1;
  let isPartStart = true;
  let at = start;
  while (at < text.length) {
    const code = text.codePointAt(at) ?? 0;
    if (code === 58 && colon < 0 && !isPartStart) {
      colon = at;
      isPartStart = true;
    } else if ((isPartStart ? IS_START : IS_NAME).test(String.fromCodePoint(code))) {
      isPartStart = false;
    } else {
      break;
    }
    at += code > 0xffff ? 2 : 1;
  }
  return isPartStart ? undefined : { colon, end: at };
}
