/** The reader of streams: the same as the reader of whole encodings, from chunks of any size. */

import { randomBytes } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';

import { pullBytes, pullFrom, type Pull } from '../../src/der/pull.js';
import { readBer } from '../../src/der/reader.js';
import { StreamReader } from '../../src/der/stream-reader.js';
import { stringBytes } from '../../src/der/values.js';
import { concat, integer, octetString, sequence, tlv } from '../../src/der/writer.js';
import { gather } from '../cms/encode.js';

const MALFORMED = { code: 'E_ASN1_MALFORMED' };
const CHUNKS = [1, 3, 11, 1000, 100_000];
const END = Uint8Array.of(0, 0);

const isSequence = ({ tag }: { readonly tag: number }): boolean => tag === 16;
const isOctets = ({ tag }: { readonly tag: number }): boolean => tag === 4;

/** Chunks that all use one piece of memory, as the contract of a source allows. */
function pull(bytes: Uint8Array, chunkBytes: number): Pull {
  const memory = Buffer.alloc(chunkBytes);
  const chunks = pullBytes(bytes, chunkBytes);
  return async () => {
    const chunk = await chunks();
    memory.fill(0xee);
    if (chunk === undefined) {
      return undefined;
    }
    memory.set(chunk);
    return memory.subarray(0, chunk.length);
  };
}

const reader = (bytes: Uint8Array, chunkBytes = 7): StreamReader =>
  new StreamReader(pull(bytes, chunkBytes));

const indefinite = (tagByte: number, ...parts: readonly Uint8Array[]): Uint8Array =>
  concat(Uint8Array.of(tagByte, 0x80), ...parts, END);

/** Always the same choices. */
function choices(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % limit;
  };
}

function anyString(pick: (limit: number) => number, depth = 0): Uint8Array {
  if (depth > 4 || pick(3) === 0) {
    return octetString(randomBytes([0, 1, 5, 127, 128, 300, 900][pick(7)] ?? 0));
  }
  const parts = Array.from({ length: pick(4) }, () => anyString(pick, depth + 1));
  return pick(2) === 0 ? tlv(0x24, ...parts) : indefinite(0x24, ...parts);
}

function anyElement(pick: (limit: number) => number, depth = 0): Uint8Array {
  if (depth > 4 || pick(3) === 0) {
    return pick(2) === 0 ? integer(pick(100_000)) : octetString(randomBytes(pick(400)));
  }
  const parts = Array.from({ length: pick(4) }, () => anyElement(pick, depth + 1));
  return pick(2) === 0 ? sequence(...parts) : indefinite(0x30, ...parts);
}

describe('the same as from a whole', () => {
  test('elements of any form', async () => {
    const pick = choices(1);
    for (let count = 0; count < 40; count += 1) {
      const elements = Array.from({ length: pick(4) }, () => anyElement(pick));
      const bytes = pick(2) === 0 ? sequence(...elements) : indefinite(0x30, ...elements);
      for (const chunkBytes of CHUNKS) {
        const stream = reader(bytes, chunkBytes);
        await stream.enter(isSequence);
        const read: Uint8Array[] = [];
        while ((await stream.peek()) !== undefined) {
          read.push(pick(2) === 0 ? (await stream.element()).bytes : await stream.bytes());
        }
        await stream.leave();
        await stream.finish();
        expect(read.map((each) => Buffer.from(each))).toEqual(
          elements.map((each) => Buffer.from(each)),
        );
      }
    }
  });

  test('strings in any pieces', async () => {
    const pick = choices(2);
    for (let count = 0; count < 30; count += 1) {
      const string = anyString(pick);
      const expected = Buffer.from(stringBytes(readBer(string)));
      for (const chunkBytes of CHUNKS) {
        const stream = reader(sequence(string, integer(5)), chunkBytes);
        await stream.enter(isSequence);
        expect(await gather(await stream.openString(isOctets))).toEqual(expected);
        expect((await stream.element()).bytes).toEqual(integer(5));
        await stream.leave();
        await stream.finish();
      }
    }
  });

  test('long pieces come as views, short ones together', async () => {
    const parts = [20_000, 70_000, 3, 900, 16_384].map((size) => randomBytes(size));
    const string = indefinite(0x24, ...parts.map((part) => octetString(part)));
    for (const chunkBytes of [1000, 65_536, 1_000_000]) {
      const stream = reader(string, chunkBytes);
      expect((await gather(await stream.openString(isOctets))).equals(concat(...parts))).toBe(true);
    }
  });

  test('an async generator is a source as well', async () => {
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Uint8Array.of(0x04, 3, 1));
      yield new Uint8Array();
      yield Uint8Array.of(2, 3);
    }
    const stream = new StreamReader(pullFrom(chunks()));
    expect(await gather(await stream.openString(isOctets))).toEqual(Buffer.from([1, 2, 3]));
    await stream.finish();
  });
});

describe('refused', () => {
  const string = indefinite(0x24, octetString(randomBytes(50)), octetString(randomBytes(3)));
  const whole = indefinite(0x30, integer(1), indefinite(0xa0, string), integer(2));

  async function readAll(bytes: Uint8Array, chunkBytes = 7): Promise<void> {
    const stream = reader(bytes, chunkBytes);
    await stream.enter(isSequence);
    await stream.element();
    await stream.enter(({ tag }) => tag === 0);
    await gather(await stream.openString(isOctets));
    await stream.leave();
    await stream.element();
    await stream.leave();
    await stream.finish();
  }

  test('cut off at any place', async () => {
    await readAll(whole);
    for (let end = 0; end < whole.length; end += 1) {
      await expect(readAll(whole.subarray(0, end))).rejects.toMatchObject(MALFORMED);
    }
  });

  test('bytes after the end, unless they are zero', async () => {
    await readAll(concat(whole, new Uint8Array(100)));
    await expect(readAll(concat(whole, Uint8Array.of(0, 0, 1)))).rejects.toMatchObject(MALFORMED);
  });

  test.each([
    ['a part too many', indefinite(0x30, integer(1), indefinite(0xa0, string), integer(2), integer(3))],
    ['two strings', indefinite(0x30, integer(1), indefinite(0xa0, string, string), integer(2))],
    ['no string', indefinite(0x30, integer(1), indefinite(0xa0), integer(2))],
    ['a piece of another type', indefinite(0x30, integer(1), indefinite(0xa0, indefinite(0x24, integer(1))), integer(2))],
    ['a piece longer than its string', indefinite(0x30, integer(1), indefinite(0xa0, Uint8Array.of(0x24, 3, 0x04, 5), string), integer(2))],
    ['a string longer than what it is in', indefinite(0x30, integer(1), Uint8Array.of(0xa0, 3, 0x04, 5, 1, 2, 3, 4, 5), integer(2))],
    ['an end mark beyond what it is in', concat(Uint8Array.of(0x30, 9), integer(1), Uint8Array.of(0xa0, 0x80, 0x24, 0x80), END, END)],
    ['an end mark without a beginning', indefinite(0x30, integer(1), tlv(0xa0, END), integer(2))],
    ['an indefinite length of a primitive', indefinite(0x30, Uint8Array.of(0x02, 0x80, 1, 0, 0))],
    ['a length of five bytes', concat(Uint8Array.of(0x30, 0x85, 1, 0, 0, 0, 0), integer(1))],
  ])('%s', async (_, bytes) => {
    for (const chunkBytes of [1, 5, 1000]) {
      await expect(readAll(bytes, chunkBytes)).rejects.toMatchObject(MALFORMED);
    }
  }); // prettier-ignore

  test('depth, of pieces and of elements', async () => {
    const nest = (tagByte: number, levels: number, inside: Uint8Array): Uint8Array =>
      Array.from({ length: levels }).reduce<Uint8Array>((all) => indefinite(tagByte, all), inside);
    const pieces = (levels: number): Promise<Buffer> =>
      reader(nest(0x24, levels, octetString(Uint8Array.of(9))))
        .openString(isOctets)
        .then(gather);
    expect(await pieces(40)).toEqual(Buffer.from([9]));
    await expect(pieces(60)).rejects.toMatchObject(MALFORMED);
    await expect(reader(nest(0x30, 60, integer(1))).element()).rejects.toMatchObject(MALFORMED);
  });

  test('an element too large to be held, without reading it', async () => {
    let asked = 0;
    const endless: Pull = () => {
      asked += 1;
      return Promise.resolve(Uint8Array.of(0x04, 0x84, 0x7f, 0xff, 0xff, 0xff));
    };
    await expect(new StreamReader(endless).element()).rejects.toMatchObject(MALFORMED);
    expect(asked).toBeLessThan(5);
    // Indefinite, and never ended: stopped at the same limit.
    let isFirst = true;
    const pieces: Pull = () => {
      const chunk = isFirst ? Uint8Array.of(0x30, 0x80) : octetString(new Uint8Array(100_000));
      isFirst = false;
      return Promise.resolve(chunk);
    };
    await expect(new StreamReader(pieces).element()).rejects.toMatchObject(MALFORMED);
  });

  test('an element of too many parts', async () => {
    const many = sequence(new Uint8Array(7_000_000).map((_, at) => (at % 2 === 0 ? 5 : 0)));
    await expect(reader(many, 65_536).element()).rejects.toMatchObject(MALFORMED);
  });

  test('the first fault is the last word', async () => {
    const stream = reader(Uint8Array.of(0x31, 0, 0x30, 0));
    await expect(stream.enter(isSequence)).rejects.toMatchObject(MALFORMED);
    for (const again of [
      () => stream.enter(() => true),
      () => stream.element(),
      () => stream.bytes(),
      () => stream.peek(),
      () => stream.leave(),
      () => stream.finish(),
    ]) {
      await expect(again()).rejects.toMatchObject(MALFORMED);
    }
  });

  test('an error of the source passes through, and stays', async () => {
    let isFirst = true;
    const failing: Pull = () => {
      if (isFirst) {
        isFirst = false;
        return Promise.resolve(Uint8Array.of(0x04, 100, 1, 2, 3));
      }
      return Promise.reject(new Error('the disk is gone'));
    };
    const stream = new StreamReader(failing);
    const octets = await stream.openString(isOctets).catch((error: unknown) => error);
    expect(octets).toMatchObject({ message: 'the disk is gone' });
    await expect(stream.finish()).rejects.toThrow('the disk is gone');
  });
});
