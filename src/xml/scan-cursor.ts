/**
 * A position in the text of a document, and the smallest pieces that are read from there.
 *
 * @module
 */

import { malformed } from './read-errors.js';
import {
  isSpace,
  NAME_CLASS,
  NAME_COLON,
  NAME_FURTHER,
  NAME_START,
  readRareName,
} from './scan-names.js';
import { replaceReferences } from './scan-references.js';

/** Places for names that were met before; a power of two. */
const KNOWN = 64;
const LINE_FEED = 10;
const TAB = 9;
const QUOTE = 34;
const AMPERSAND = 38;
const APOSTROPHE = 39;
const LESS = 60;

/** A qualified name, and where it stands. */
export interface ScannedName {
  readonly start: number;
  readonly end: number;
  readonly prefix: string;
  readonly local: string;
}

export class Cursor {
  readonly text: string;
  at = 0;
  /** Names that were met before: documents repeat few names very often. */
  readonly #known = new Array<ScannedName | undefined>(KNOWN);

  constructor(text: string) {
    this.text = text;
  }

  /** NaN at the end. */
  code(): number {
    return this.text.charCodeAt(this.at);
  }

  /** Skips white space; whether there was some. */
  space(): boolean {
    const start = this.at;
    while (isSpace(this.text.charCodeAt(this.at))) {
      this.at += 1;
    }
    return this.at > start;
  }

  expect(code: number, reason: string): void {
    if (this.text.charCodeAt(this.at) !== code) {
      throw malformed(reason);
    }
    this.at += 1;
  }

  /** @throws TopazError `E_XML_MALFORMED` where none stands. */
  name(): ScannedName {
    const { text, at: start } = this;
    let colon = -1;
    let isPartStart = true;
    let at = start;
    for (; ; at += 1) {
      const code = text.charCodeAt(at);
      if (!(code < 128)) {
        return this.#rareName();
      }
      const kind = NAME_CLASS[code];
      if (kind === NAME_START) {
        isPartStart = false;
      } else if (kind === NAME_COLON && !isPartStart && colon < 0) {
        colon = at;
        isPartStart = true;
      } else if (kind !== NAME_FURTHER || isPartStart) {
        break;
      }
    }
    if (isPartStart || NAME_CLASS[text.charCodeAt(at)] !== 0) {
      throw malformed('a name is not one');
    }
    this.at = at;
    const slot =
      (text.charCodeAt(start) * 31 + text.charCodeAt(at - 1) * 7 + at - start) & (KNOWN - 1);
    const known = this.#known[slot];
    if (known !== undefined && known.end - known.start === at - start) {
      if (this.repeats(known.start, known.end, start)) {
        return known;
      }
    }
    const name = nameOf(text, start, colon, at);
    this.#known[slot] = name;
    return name;
  }

  /** Whether what stands between two places stands at a third one too. */
  repeats(start: number, end: number, at: number): boolean {
    const { text } = this;
    for (let from = start, to = at; from < end; from += 1, to += 1) {
      if (text.charCodeAt(from) !== text.charCodeAt(to)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The value of an attribute, normalised: white space as written becomes a space, as a reference it stays.
   *
   * @throws TopazError `E_XML_MALFORMED`.
   */
  value(): string {
    const { text } = this;
    const quote = text.charCodeAt(this.at);
    if (quote !== QUOTE && quote !== APOSTROPHE) {
      throw malformed('the value of an attribute has no quotes');
    }
    const start = this.at + 1;
    let hasSpace = false;
    let hasReference = false;
    for (let at = start; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === quote) {
        const raw = text.slice(start, at);
        const spaced = hasSpace ? raw.replace(/[\t\n]/g, ' ') : raw;
        this.at = at + 1;
        return hasReference ? replaced(spaced) : spaced;
      }
      if (code === LESS) {
        break;
      }
      if (code === AMPERSAND) {
        hasReference = true;
      } else if (code === TAB || code === LINE_FEED) {
        hasSpace = true;
      }
    }
    throw malformed('the value of an attribute is not closed');
  }

  /** One beyond ASCII, or none. */
  #rareName(): ScannedName {
    const { text, at: start } = this;
    const found = readRareName(text, start);
    if (found === undefined) {
      throw malformed('a name is not one');
    }
    this.at = found.end;
    return nameOf(text, start, found.colon, found.end);
  }
}

/** @param colon -1 where the name has no prefix. */
const nameOf = (text: string, start: number, colon: number, end: number): ScannedName => ({
  start,
  end,
  prefix: colon < 0 ? '' : text.slice(start, colon),
  local: text.slice(colon < 0 ? start : colon + 1, end),
});

/**
 * Text without its references.
 *
 * @throws TopazError `E_XML_MALFORMED` for one that is not known.
 */
export function replaced(text: string): string {
  const result = replaceReferences(text);
  if (result === undefined) {
    throw malformed('a reference is not known, or not one');
  }
  return result;
}
