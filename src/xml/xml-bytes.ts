/**
 * Collects XML as UTF-8 bytes, escaped as Canonical XML wants it, which every reader takes. It begins by joining
 * texts, which costs next to nothing as long as they go out as they are. From the first text on that does not
 * (an escape, a letter beyond ASCII), characters are written one by one into one growing buffer: then that is
 * cheaper than texts that are made and thrown away again.
 *
 * @module
 */

/** Characters that are joined before they are written. */
const PENDING = 4096;

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

/** For each ASCII character 1 when it does not go out as it is. */
const specialOf = (table: Escapes): Uint8Array =>
  Uint8Array.from(table, (escape) => (escape === undefined ? 0 : 1));

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
const SPECIAL_IN_TEXT = specialOf(OF_TEXT);
const SPECIAL_IN_ATTRIBUTE = specialOf(OF_ATTRIBUTE);
/** What must be looked at character by character. */
const BEYOND_ASCII = /[^\t\n\r\x20-\x7e]/;
const EMPTY = Buffer.alloc(0);

export class XmlBytes {
  /** Whether texts are joined still. */
  #isJoining = true;
  /** Joined, and not written yet. */
  #pending = '';
  #bytes = EMPTY;
  #length = 0;
  #isForbidden = false;

  /** The beginning of a start tag. */
  startTag(prefix: string, local: string): void {
    if (this.#isJoining) {
      this.#pending += prefix === '' ? `<${local}` : `<${prefix}:${local}`;
      return;
    }
    this.#byte(LESS);
    this.#name(prefix, local);
  }

  /** The end of a start tag. */
  endOfTag(): void {
    if (this.#isJoining) {
      this.#pending += '>';
      return;
    }
    this.#byte(GREATER);
  }

  /** The end of a tag that needs no end tag. */
  endOfEmptyTag(): void {
    if (this.#isJoining) {
      this.#join('/>');
      return;
    }
    this.#byte(SLASH);
    this.#byte(GREATER);
  }

  endTag(prefix: string, local: string): void {
    if (this.#isJoining) {
      this.#join(prefix === '' ? `</${local}>` : `</${prefix}:${local}>`);
      return;
    }
    this.#byte(LESS);
    this.#byte(SLASH);
    this.#name(prefix, local);
    this.#byte(GREATER);
  }

  /** ` prefix:name="value"`. */
  attribute(prefix: string, local: string, value: string): void {
    if (this.#isJoining && this.#staysJoined(value, SPECIAL_IN_ATTRIBUTE)) {
      this.#join(prefix === '' ? ` ${local}="${value}"` : ` ${prefix}:${local}="${value}"`);
      return;
    }
    this.#byte(SPACE);
    this.#name(prefix, local);
    this.#value(value);
  }

  /** ` xmlns:prefix="uri"`, or ` xmlns="uri"`. */
  declaration(prefix: string, uri: string): void {
    if (this.#isJoining && this.#staysJoined(uri, SPECIAL_IN_ATTRIBUTE)) {
      this.#join(prefix === '' ? ` xmlns="${uri}"` : ` xmlns:${prefix}="${uri}"`);
      return;
    }
    this.#write(prefix === '' ? ' xmlns' : ' xmlns:', NONE);
    this.#write(prefix, NONE);
    this.#value(uri);
  }

  /** Character data. */
  text(text: string): void {
    if (this.#isJoining && this.#staysJoined(text, SPECIAL_IN_TEXT)) {
      this.#join(text);
      return;
    }
    this.#write(text, OF_TEXT);
  }

  instruction(target: string, text: string): void {
    this.#endJoining();
    this.#write('<?', NONE);
    this.#write(target, NONE);
    this.#write(text === '' ? '' : ' ', NONE);
    this.#write(text, OF_INSTRUCTION);
    this.#write('?>', NONE);
  }

  /** XML as it stands. */
  verbatim(xml: string): void {
    if (this.#isJoining && !BEYOND_ASCII.test(xml)) {
      this.#join(xml);
      return;
    }
    this.#endJoining();
    this.#write(xml, NONE);
  }

  /** Whether something was written that XML cannot carry, half of a pair included. */
  get isForbidden(): boolean {
    return this.#isForbidden;
  }

  /** Everything so far, without a copy: nothing is written afterwards. */
  take(): Buffer {
    if (this.#length === 0 && this.#isJoining) {
      return Buffer.from(this.#pending);
    }
    this.#flush();
    return this.#bytes.subarray(0, this.#length);
  }

  #join(text: string): void {
    this.#pending += text;
    if (this.#pending.length > PENDING) {
      this.#flush();
    }
  }

  /** Whether a text goes out as it is; otherwise no more texts are joined. */
  #staysJoined(text: string, special: Uint8Array): boolean {
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code >= 0x80 || special[code] !== 0) {
        this.#endJoining();
        return false;
      }
    }
    return true;
  }

  #endJoining(): void {
    this.#flush();
    this.#isJoining = false;
  }

  #flush(): void {
    // Names may hold any letter.
    const most = this.#pending.length * 3;
    if (this.#length + most > this.#bytes.length) {
      this.#grow(most);
    }
    this.#length += this.#bytes.write(this.#pending, this.#length, 'utf8');
    this.#pending = '';
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
    const larger = Buffer.allocUnsafeSlow(this.#length + more + 2 * this.#bytes.length + PENDING);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
