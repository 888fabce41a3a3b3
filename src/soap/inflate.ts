/**
 * Takes the compression off an answer while it passes. How much comes out is limited by whoever reads: a few
 * kilobytes may hold gigabytes.
 *
 * @module
 */

import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** Code of the error for a compression that was not asked for. */
export const UNKNOWN_ENCODING = 'ERR_UNKNOWN_ENCODING';

/**
 * @param encoding `Content-Encoding` of the answer.
 * @returns The plain bytes. Reading them throws an Error with a `code` of zlib for what is damaged or cut.
 * @throws Error with the code {@link UNKNOWN_ENCODING}.
 */
export function inflate(
  chunks: AsyncIterable<Uint8Array>,
  encoding: string | undefined,
): AsyncIterable<Uint8Array> {
  const name = (encoding ?? '').trim().toLowerCase();
  if (name === '' || name === 'identity') {
    return chunks;
  }
  if (name !== 'gzip' && name !== 'x-gzip') {
    throw Object.assign(new Error('an unknown compression'), { code: UNKNOWN_ENCODING });
  }
  return gunzipped(chunks);
}

async function* gunzipped(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  // An answer without a body may keep the header of one.
  if (first.done === true) {
    return;
  }
  const source = async function* (): AsyncGenerator<Uint8Array> {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => iterator };
  };
  const gunzip = createGunzip();
  // Errors reach the reader through the stream that is read.
  pipeline(Readable.from(source(), { objectMode: false }), gunzip, () => undefined);
  for await (const chunk of gunzip) {
    yield chunk as Uint8Array;
  }
}
