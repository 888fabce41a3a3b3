/**
 * What client and agent say to each other: one request and one reply per connection, each one frame of
 * bounded size. A frame is its length (4 bytes, big endian), the length of its header (2 bytes), the header
 * (JSON, never a secret) and the body (bytes: what is to be signed, a key that was unwrapped).
 *
 * @module
 */

import type { Duplex } from 'node:stream';

import { TopazError } from '../errors.js';

/** Both sides must speak the same one. */
export const PROTOCOL = 1;

/** What is signed is a digest list or a request, unwrapped keys are short: far below this. */
export const MAX_FRAME_BYTES = 1024 * 1024;
/** A keystore may hold many old keys. */
export const MAX_HANDOVER_BYTES = 8 * 1024 * 1024;

const LENGTH_BYTES = 4;
const HEADER_LENGTH_BYTES = 2;
const MAX_HEADER_BYTES = 0xffff;

export interface Frame {
  readonly header: Readonly<Record<string, unknown>>;
  readonly body: Uint8Array;
}

/** @throws TopazError `E_USAGE` when it would be longer than `maxBytes`. */
export function encodeFrame(
  header: Readonly<Record<string, unknown>>,
  body: Uint8Array = new Uint8Array(),
  maxBytes: number = MAX_FRAME_BYTES,
): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = HEADER_LENGTH_BYTES + json.length + body.length;
  if (length > maxBytes || json.length > MAX_HEADER_BYTES) {
    throw new TopazError('E_USAGE', 'this is too long for the session agent', {
      hint: 'run the command again with --no-agent',
    });
  }
  const frame = new Uint8Array(LENGTH_BYTES + length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, length);
  view.setUint16(LENGTH_BYTES, json.length);
  frame.set(json, LENGTH_BYTES + HEADER_LENGTH_BYTES);
  frame.set(body, LENGTH_BYTES + HEADER_LENGTH_BYTES + json.length);
  return frame;
}

/** What the other side sent is no frame, or too long, or did not come in time. */
export class FrameError extends Error {
  /** It did not come in time: asking again would take as long. */
  readonly isLate: boolean;

  constructor(message: string, { isLate = false }: { readonly isLate?: boolean } = {}) {
    super(message);
    this.isLate = isLate;
  }
}

export interface ReadFrameOptions {
  readonly maxBytes?: number;
  /** For the whole frame, however slowly it comes. */
  readonly timeoutMs: number;
}

/**
 * Reads one frame. Nothing is set aside for a length that is only announced.
 *
 * @throws FrameError for whatever is no frame; the caller closes the stream.
 */
export function readFrame(
  stream: Duplex,
  { maxBytes = MAX_FRAME_BYTES, timeoutMs }: ReadFrameOptions,
): Promise<Frame> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    const end = (): void => {
      clearTimeout(timer);
      stream.off('data', take).off('end', cut).off('close', cut).off('error', broken);
      stream.pause();
    };
    const fail = (message: string, isLate = false): void => {
      end();
      wipe(chunks);
      reject(new FrameError(message, { isLate }));
    };
    const cut = (): void => {
      fail('the connection ended before the frame did');
    };
    const broken = (error: Error): void => {
      fail(error.message);
    };
    const take = (chunk: Uint8Array): void => {
      chunks.push(chunk);
      size += chunk.length;
      const length = announced(chunks, size);
      if (length !== undefined && length > maxBytes) {
        fail('the frame is too long');
      } else if (length !== undefined && size >= LENGTH_BYTES + length) {
        end();
        const whole = Uint8Array.from(Buffer.concat(chunks, size));
        wipe(chunks);
        try {
          resolve(decode(whole, LENGTH_BYTES + length));
        } catch (error) {
          reject(error instanceof FrameError ? error : new FrameError('no frame'));
        }
      }
    };
    const timer = setTimeout(() => {
      fail('the frame took too long', true);
    }, timeoutMs);
    stream.on('data', take).on('end', cut).on('close', cut).on('error', broken);
  });
}

function announced(chunks: readonly Uint8Array[], size: number): number | undefined {
  if (size < LENGTH_BYTES) {
    return undefined;
  }
  const [first] = chunks;
  const start =
    first !== undefined && first.length >= LENGTH_BYTES ? first : Buffer.concat(chunks, size);
  return new DataView(start.buffer, start.byteOffset, start.length).getUint32(0);
}

function decode(whole: Uint8Array, end: number): Frame {
  if (whole.length !== end || end < LENGTH_BYTES + HEADER_LENGTH_BYTES) {
    throw new FrameError('no frame');
  }
  const start = LENGTH_BYTES + HEADER_LENGTH_BYTES;
  const headerLength = new DataView(whole.buffer, whole.byteOffset).getUint16(LENGTH_BYTES);
  if (start + headerLength > end) {
    throw new FrameError('the header is longer than its frame');
  }
  const text = new TextDecoder('utf-8', { fatal: true });
  const header: unknown = JSON.parse(text.decode(whole.subarray(start, start + headerLength)));
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new FrameError('the header is no object');
  }
  return {
    header: Object.fromEntries(Object.entries(header)),
    body: whole.subarray(start + headerLength),
  };
}

/** Chunks may hold keys. */
const wipe = (chunks: readonly Uint8Array[]): void => {
  for (const chunk of chunks) {
    chunk.fill(0);
  }
};
