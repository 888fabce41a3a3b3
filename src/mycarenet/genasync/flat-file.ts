/**
 * Flat messages of invoicing: a number of six digits, then records. Their zones are described elsewhere; what is the
 * same in all of them is read, everything else stays as it came (mycarenet §2.3, §3.2).
 *
 * UNCERTAIN: the lengths of segments and records are those that invoicing programs use; a file that does not fit
 * them is taken line by line, or as one record.
 *
 * @module
 */

export interface FlatRecord {
  /** The two digits that it begins with: `10`, `20`, `95` … '' for the head of the message. */
  readonly type: string;
  /** Where it begins. */
  readonly offset: number;
  readonly text: string;
}

export interface FlatFile {
  /** `920900`, `931000` … */
  readonly messageNumber: string;
  readonly records: readonly FlatRecord[];
}

/** Head of a message: its two segments. */
const HEAD = 227;
const RECORD = 350;
const NUMBER = /^(?:80|92|93)[0-9]{4}/;

/** Splits a flat message; `undefined` for anything else. One byte is one character. */
export function readFlat(bytes: Uint8Array): FlatFile | undefined {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const messageNumber = NUMBER.exec(whole.toString('latin1', 0, 6))?.[0];
  // One text, of which each record is a piece: a file may hold many megabytes.
  return messageNumber === undefined
    ? undefined
    : { messageNumber, records: split(whole.toString('latin1')) };
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const isLineEnd = (code: number): boolean => code === LINE_FEED || code === CARRIAGE_RETURN;

function split(whole: string): readonly FlatRecord[] {
  let end = whole.length;
  while (isLineEnd(whole.charCodeAt(end - 1))) {
    end -= 1;
  }
  const text = end === whole.length ? whole : whole.slice(0, end);
  if (text.includes('\n') || text.includes('\r')) {
    return byLine(text);
  }
  if (end < HEAD || (end - HEAD) % RECORD !== 0) {
    return [head(text, end)];
  }
  const records: FlatRecord[] = [head(text, HEAD)];
  for (let offset = HEAD; offset < end; offset += RECORD) {
    records.push(record(text, offset, offset + RECORD));
  }
  return records;
}

function byLine(text: string): readonly FlatRecord[] {
  const records: FlatRecord[] = [];
  for (let start = 0, at = 0; at <= text.length; at += 1) {
    if (at === text.length || isLineEnd(text.charCodeAt(at))) {
      if (at > start) {
        records.push(start === 0 ? head(text, at) : record(text, start, at));
      }
      start = at + 1;
    }
  }
  return records;
}

const head = (text: string, end: number): FlatRecord => ({
  type: '',
  offset: 0,
  text: text.slice(0, end),
});

function record(text: string, offset: number, end: number): FlatRecord {
  const isNumbered =
    end - offset >= 2 && isDigit(text.charCodeAt(offset)) && isDigit(text.charCodeAt(offset + 1));
  return {
    type: isNumbered ? text.slice(offset, offset + 2) : '',
    offset,
    text: text.slice(offset, end),
  };
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
