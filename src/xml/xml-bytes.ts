/**
 * Collects XML as UTF-8 bytes, escaped as Canonical XML wants it, which every reader takes. Characters are
 * written one by one into one growing buffer: no string is made that is thrown away again.
 *
 * @module
 */

/** Characters that are looked at before room is made again. */
const STEP = 4096;
/** Of one character (`&quot;`). */
const LONGEST = 6;

const SPACE = 32;
const QUOTE = 34;
const SLASH = 47;
const COLON = 58;
const LESS = 60;
const EQUALS = 61;
const GREATER = 62;

type Escapes = readonly (Uint8Array | undefined)[];

function escapes(table: Readonly<Record<string, string>>): Escapes {
  return Array.from({ length: 128 }, (_, code) => {
    const escape = table[String.fromCharCode(code)];
    if (escape !== undefined) {
      return Buffer.from(escape);
    }
    return code < 0x20 && code !== 9 && code !== 10 && code !== 13 ? FORBIDDEN : undefined;
  });
}

/** In place of an escape: characters that XML cannot carry. */
const FORBIDDEN = Buffer.alloc(0);

const NONE = escapes({});
const OF_TEXT = escapes({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' });
const OF_ATTRIBUTE = escapes({
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
});
const OF_INSTRUCTION = escapes({ '\r': '&#xD;' });

export class XmlBytes {
  #bytes = Buffer.allocUnsafeSlow(8 * 1024);
  #length = 0;
  #isForbidden = false;

  /** The beginning of a start tag. */
  startTag(prefix: string, local: string): void {
    this.#byte(LESS);
    this.#name(prefix, local);
  }

  /** The end of a start tag. */
  endOfTag(): void {
    this.#byte(GREATER);
  }

  /** The end of a tag that needs no end tag. */
  endOfEmptyTag(): void {
    this.#byte(SLASH);
    this.#byte(GREATER);
  }

  endTag(prefix: string, local: string): void {
    this.#byte(LESS);
    this.#byte(SLASH);
    this.#name(prefix, local);
    this.#byte(GREATER);
  }

  /** ` prefix:name="value"`. */
  attribute(prefix: string, local: string, value: string): void {
    this.#byte(SPACE);
    this.#name(prefix, local);
    this.#value(value);
  }

  /** ` xmlns:prefix="uri"`, or ` xmlns="uri"`. */
  declaration(prefix: string, uri: string): void {
    this.#write(prefix === '' ? ' xmlns' : ' xmlns:', NONE);
    this.#write(prefix, NONE);
    this.#value(uri);
  }

  /** Character data. */
  text(text: string): void {
    this.#write(text, OF_TEXT);
  }

  instruction(target: string, text: string): void {
    this.#write('<?', NONE);
    this.#write(target, NONE);
    this.#write(text === '' ? '' : ' ', NONE);
    this.#write(text, OF_INSTRUCTION);
    this.#write('?>', NONE);
  }

  /** XML as it stands. */
  verbatim(xml: string): void {
    this.#write(xml, NONE);
  }

  /** Whether something was written that XML cannot carry, half of a pair included. */
  get isForbidden(): boolean {
    return this.#isForbidden;
  }

  /** Everything so far, without a copy: nothing is written afterwards. */
  take(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** `prefix:name`, or the name alone. */
  #name(prefix: string, local: string): void {
    if (prefix !== '') {
      this.#write(prefix, NONE);
      this.#byte(COLON);
    }
    this.#write(local, NONE);
  }

  #value(value: string): void {
    this.#byte(EQUALS);
    this.#byte(QUOTE);
    this.#write(value, OF_ATTRIBUTE);
    this.#byte(QUOTE);
  }

  #byte(code: number): void {
    if (this.#length === this.#bytes.length) {
      this.#grow(1);
    }
    this.#bytes[this.#length] = code;
    this.#length += 1;
  }

  #write(text: string, table: Escapes): void {
    const { length } = text;
    // A pair of units at the end of a step may take the place one further.
    for (let at = 0; at < length;) {
      at = this.#writeSome(text, at, length - at > STEP ? at + STEP : length, table);
    }
  }

  /** Writes up to `end`, or one unit more where a pair straddles it; gives the place reached. */
  #writeSome(text: string, start: number, end: number, table: Escapes): number {
    let length = this.#length;
    if (length + (end - start) * LONGEST > this.#bytes.length) {
      this.#grow((end - start) * LONGEST);
    }
    const bytes = this.#bytes;
    let at = start;
    for (; at < end; at += 1) {
      const code = text.charCodeAt(at);
      if (code < 0x80) {
        const escape = table[code];
        if (escape === undefined) {
          bytes[length] = code;
          length += 1;
        } else {
          bytes.set(escape, length);
          length += escape.length;
          this.#isForbidden ||= escape === FORBIDDEN;
        }
        continue;
      }
      const point = text.codePointAt(at) ?? 0;
      if ((point & 0xf800) === 0xd800 || (point & 0xfffe) === 0xfffe) {
        this.#isForbidden ||= point < 0x10000;
      }
      if (point < 0x800) {
        bytes[length] = 0xc0 | (point >> 6);
        length += 1;
      } else {
        if (point < 0x10000) {
          bytes[length] = 0xe0 | (point >> 12);
        } else {
          bytes[length] = 0xf0 | (point >> 18);
          bytes[length + 1] = 0x80 | ((point >> 12) & 0x3f);
          length += 1;
          at += 1;
        }
        bytes[length + 1] = 0x80 | ((point >> 6) & 0x3f);
        length += 2;
      }
      bytes[length] = 0x80 | (point & 0x3f);
      length += 1;
    }
    this.#length = length;
    return at;
  }

  #grow(more: number): void {
    const larger = Buffer.allocUnsafeSlow(this.#length + more + 2 * this.#bytes.length);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
