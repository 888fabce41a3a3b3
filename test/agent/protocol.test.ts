/** Frames: what is one, in whatever pieces it comes, and what is none. */

import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';

import { describe, expect, test } from '@jest/globals';

import { encodeFrame, FrameError, MAX_FRAME_BYTES, readFrame } from '../../src/agent/protocol.js';

const read = (
  pieces: readonly Uint8Array[],
  { maxBytes, end = true }: { maxBytes?: number; end?: boolean } = {},
): ReturnType<typeof readFrame> => {
  const stream = new PassThrough();
  const reading = readFrame(stream, { timeoutMs: 100, ...(maxBytes === undefined ? {} : { maxBytes }) });
  for (const piece of pieces) stream.write(Uint8Array.from(piece));
  if (end) stream.end();
  return reading;
}; // prettier-ignore

const frame = encodeFrame({ v: 1, op: 'sign' }, new TextEncoder().encode('data'));
const prefix = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
};

describe('a frame', () => {
  test.each([
    ['whole', [frame]],
    ['byte by byte', [...frame].map((byte) => Uint8Array.of(byte))],
    ['cut within its length', [frame.subarray(0, 3), frame.subarray(3)]],
    ['cut within its header', [frame.subarray(0, 9), frame.subarray(9)]],
  ])('is read %s', async (_, pieces) => {
    const { header, body } = await read(pieces);
    expect(header).toEqual({ v: 1, op: 'sign' });
    expect(new TextDecoder().decode(body)).toBe('data');
  });

  test('holds any bytes, and none', async () => {
    for (const body of [new Uint8Array(), randomBytes(100_000)]) {
      expect((await read([encodeFrame({}, body)])).body).toEqual(Uint8Array.from(body));
    }
  });

  test('has a limit, on both sides', async () => {
    const limit = { code: 'E_USAGE', hint: expect.stringContaining('--no-agent') };
    expect(() => encodeFrame({}, new Uint8Array(MAX_FRAME_BYTES))).toThrow(expect.objectContaining(limit)); // prettier-ignore
    expect(() => encodeFrame({ long: 'x'.repeat(70_000) })).toThrow(expect.objectContaining(limit));
    await expect(read([frame], { maxBytes: 10 })).rejects.toThrow(FrameError);
  });
});

describe('no frame', () => {
  test.each([
    ['nothing', []],
    ['half a length', [Uint8Array.of(0, 0)]],
    ['a length and nothing else', [prefix(10)]],
    ['a length beyond the limit', [prefix(MAX_FRAME_BYTES + 1)]],
    ['the largest length', [prefix(0xffffffff)]],
    ['no room for a header', [prefix(1), Uint8Array.of(0)]],
    ['a header longer than the frame', [prefix(4), Uint8Array.of(0xff, 0xff, 0x7b, 0x7d)]],
    ['a header that is no JSON', [prefix(4), Uint8Array.of(0, 2, 0x7b, 0x7b)]],
    ['a header that is not UTF-8', [prefix(4), Uint8Array.of(0, 2, 0xff, 0xfe)]],
    ['a header that is a list', [prefix(4), Uint8Array.of(0, 2, 0x5b, 0x5d)]],
    ['something behind it', [frame, Uint8Array.of(0)]],
  ] as readonly [string, readonly Uint8Array[]][])('%s', async (_, pieces) => {
    // Glued, as one write of the other side.
    await expect(read([Buffer.concat(pieces)])).rejects.toThrow(FrameError);
  });

  test('what is late says so', async () => {
    await expect(read([frame.subarray(0, 8)], { end: false })).rejects.toMatchObject({ isLate: true });
    await expect(read([frame.subarray(0, 8)])).rejects.toMatchObject({ isLate: false });
  }); // prettier-ignore

  test('a broken stream', async () => {
    const stream = new PassThrough();
    const reading = readFrame(stream, { timeoutMs: 100 });
    stream.destroy(new Error('broken'));
    await expect(reading).rejects.toThrow(FrameError);
  });
});
