/** The streaming splitter: whatever the chunks, the parts are the same; limits; time. */

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { MultipartSplitter } from '../../src/soap/multipart-splitter.js';
import type { PartEvent, SplitLimits } from '../../src/soap/multipart-splitter.js';
import { transferDecoder } from '../../src/soap/transfer-encoding.js';
import { growth } from '../xml/growth.js';

const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const INVALID = expect.objectContaining({ code: 'E_REPLY_INVALID', hint: expect.any(String) });

/** Parts as `headers|content` from chunks. */
function parts(chunks: readonly Uint8Array[], boundary = 'b', limits: SplitLimits = {}): string[] {
  const splitter = new MultipartSplitter(boundary, limits);
  const found: string[] = [];
  let open = false;
  const take = (event: PartEvent): void => {
    if (event.kind === 'open') {
      expect(open).toBe(false);
      open = true;
      found.push(`${Object.entries(event.head.headers).flat().join('=')}|`);
    } else if (event.kind === 'data') {
      expect(open).toBe(true);
      found.push(`${found.pop() ?? ''}${Buffer.from(event.bytes).toString('latin1')}`);
    } else {
      open = false;
    }
  };
  chunks.forEach((chunk) => {
    splitter.push(chunk).forEach(take);
  });
  splitter.end().forEach(take);
  expect(open).toBe(false);
  return found;
}

/** What comes of chunks: the parts, or the code of the refusal. */
function outcome(chunks: readonly Uint8Array[], boundary?: string): unknown {
  try {
    return parts(chunks, boundary);
  } catch (error) {
    expect(error).toEqual(INVALID);
    return 'refused';
  }
}

const BODIES: readonly [string, string][] = [
  ['two parts', 'preamble\r\n--b\r\nContent-ID: <x>\r\nA: b\r\n\r\none\r\n--b \t\r\n\r\ntwo\r\n\r\n--b--\r\nepilogue'],
  ['LF alone', '--b\nContent-ID: <x>\n\none\n\n--b\n\n\ntwo\n--b--\n'],
  ['mixed line ends', '--b\r\nContent-ID: <x>\n\r\none\r\n--b\nA: b\r\n\ntwo\n--b--'],
  ['lookalikes', '--b\r\nContent-ID: <x>\r\n\r\n\r\n--bx\r\n--b x\r\n--b-\r\n--b--x\n--B\r--b\r\r\n--b\r\n\r\nx--b\r\n--b--'],
  ['empty parts', '--b\r\nA: b\r\n\r\n\r\n--b\r\nA: c\r\n\r\n--b\r\n\r\n--b--'],
  ['folded headers', '--b\r\nA: b\r\n\tc;\r\n d\r\nA: second\r\n\r\none\r\n--b--'],
  ['a boundary of dashes', '----\r\n\r\n--\r\n---\r\n-----\r\n------\r\n----\r\n\r\ntwo\r\n------'],
  ['no end', '--b\r\n\r\none\r\n'],
  ['an end cut off', '--b\r\n\r\none\r\n--b-'],
  ['a header without end', '--b\r\nContent-ID: <x>\r\n--b--\r\n'],
  ['no boundary', 'hello'],
]; // prettier-ignore

describe('chunks', () => {
  test.each(BODIES)('%s: the same, wherever the body is cut in two, and byte by byte', (name, text) => {
    const boundary = name === 'a boundary of dashes' ? '--' : 'b';
    const body = latin1(text);
    const whole = outcome([body], boundary);
    for (let at = 0; at <= body.length; at += 1) {
      expect([at, outcome([body.subarray(0, at), body.subarray(at)], boundary)]).toEqual([at, whole]);
    }
    expect(outcome(Array.from(body, (byte) => Uint8Array.of(byte)), boundary)).toEqual(whole);
  }); // prettier-ignore

  test('any text of awkward pieces, cut anywhere: the same as in one piece', () => {
    const pieces = fc.constantFrom('--b', '--b--', '\r\n', '\n', '\r', ' ', '-', ':', 'Content-ID: <x>', 'A: b', 'text', '\0', '--b\r\n\r\n', '\r\n--b'); // prettier-ignore
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 30 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        (all, cuts) => {
          const body = latin1(all.join(''));
          const places = [0, ...cuts.map((cut) => cut % (body.length + 1)), body.length].sort((x, y) => x - y); // prettier-ignore
          const chunks = places.slice(1).map((end, index) => body.subarray(places[index], end));
          expect(outcome(chunks)).toEqual(outcome([body]));
        },
      ),
      { seed: 20261124, numRuns: 800 },
    );
  });

  test('what is kept back is small: content passes on at once, without a copy', () => {
    const splitter = new MultipartSplitter('b');
    splitter.push(latin1('--b\r\n\r\n'));
    const chunk = new Uint8Array(1_000_000).fill(120);
    const [event, ...others] = splitter.push(chunk);
    expect(others).toEqual([]);
    const bytes = event?.kind === 'data' ? event.bytes : new Uint8Array();
    expect(bytes).toHaveLength(1_000_000);
    expect(bytes.buffer).toBe(chunk.buffer);
  });
});

describe('limits', () => {
  const part = '--b\r\nA: b\r\n\r\none\r\n';
  test('on the number of parts', () => {
    const body = latin1(`${part.repeat(3)}--b--`);
    expect(parts([body], 'b', { maxParts: 3 })).toHaveLength(3);
    expect(() => parts([body], 'b', { maxParts: 2 })).toThrow(INVALID);
  });

  test('on the headers of a part, also when they come in drops', () => {
    const head = (size: number): Uint8Array =>
      latin1(`--b\r\nA: ${'x'.repeat(size - 7)}\r\n\r\none\r\n--b--`);
    const drops = (body: Uint8Array): Uint8Array[] =>
      Array.from({ length: Math.ceil(body.length / 7) }, (_, index) => body.subarray(index * 7, index * 7 + 7)); // prettier-ignore
    expect(parts([head(100)], 'b', { maxHeaderBytes: 100 })).toHaveLength(1);
    expect(parts(drops(head(100)), 'b', { maxHeaderBytes: 100 })).toHaveLength(1);
    expect(() => parts([head(101)], 'b', { maxHeaderBytes: 100 })).toThrow(INVALID);
    expect(() => parts(drops(head(101)), 'b', { maxHeaderBytes: 100 })).toThrow(INVALID);
    const endless = new MultipartSplitter('b');
    endless.push(latin1('--b\r\nA: '));
    expect(() => {
      for (let count = 0; count < 100; count += 1) endless.push(latin1('x'.repeat(1000)));
    }).toThrow(INVALID);
  });
});

describe('a transfer encoding', () => {
  const decoded = (encoding: string, chunks: readonly Uint8Array[]): unknown => {
    const decoder = transferDecoder(encoding);
    try {
      const pieces = [...chunks.map((chunk) => decoder?.push(chunk)), decoder?.end()];
      return Buffer.concat(pieces.map((piece) => piece ?? new Uint8Array())).toString('latin1');
    } catch (error) {
      return error instanceof Error ? error.message : 'strange';
    }
  };

  test.each([
    ['base64', 'QUJD\r\nREVG\r\nRw==\r\n', 'ABCDEFG'],
    ['base64', 'QUI=', 'AB'],
    ['base64', 'QUJDR', 'a part is not base64 as it says'],
    ['base64', 'QQ==QUJD', 'a part is not base64 as it says'],
    ['base64', 'QQ===', 'a part is not base64 as it says'],
    ['base64', 'QU=J', 'a part is not base64 as it says'],
    ['base64', 'QU-_', 'a part is not base64 as it says'],
    ['quoted-printable', 'a=3Db=\r\nc=E9=e9=  \r\n!=', 'a=bc\xe9\xe9!='],
    ['quoted-printable', '=\n=3D=\t\r\n=\r=0', '==\r=0'],
  ])('%s %j is decoded alike wherever it is cut', (encoding, text, expected) => {
    const bytes = latin1(text);
    expect(decoded(encoding, [bytes])).toBe(expected);
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(decoded(encoding, [bytes.subarray(0, at), bytes.subarray(at)])).toBe(expected);
    }
    expect(
      decoded(
        encoding,
        Array.from(bytes, (byte) => Uint8Array.of(byte)),
      ),
    ).toBe(expected);
  });

  test('none for bytes as they are', () => {
    expect(['', 'binary', '8bit', '7bit', 'x-unknown'].map(transferDecoder)).toEqual(Array(5).fill(undefined)); // prettier-ignore
  });
});

describe('time grows with the size of the body in chunks', () => {
  const run = (text: string, size: number): void => {
    const splitter = new MultipartSplitter('b');
    const body = Buffer.from(text, 'latin1');
    for (let at = 0; at < body.length; at += size) {
      splitter.push(body.subarray(at, at + size));
    }
    splitter.end();
  };
  const head = '--b\r\nContent-ID: <x>\r\n\r\n';
  test.each([
    ['almost boundaries', (n: number) => `${head}${'\n--bx'.repeat(n)}\r\n--b--`, 10_000, 100],
    ['boundaries and spaces', (n: number) => `${head}\n--b${' '.repeat(n)}x\r\n--b--`, 200_000, 100],
    ['beginnings of boundaries', (n: number) => `${head}${'\r\n--'.repeat(n)}\r\n--b--`, 8_000, 5],
    ['parts', (n: number) => `${`${head}one\r\n`.repeat(n)}--b--`, 240, 50],
    ['headers in drops', (n: number) => `--b\r\n${'A: b\r\n'.repeat(n)}\r\none\r\n--b--`, 1_300, 1],
  ])('%s', (_, make, n, size) => {
    expect(growth(make, (text) => { run(text, size); }, n)).toBeLessThan(3);
  }); // prettier-ignore
});
