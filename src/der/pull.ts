/**
 * Bytes that come in chunks, asked for one after the other: files, pipes, the content of a layer inside a
 * message. A chunk is valid until the next one is asked for, so that a source may use one buffer again.
 *
 * @module
 */

/** Gives the next chunk, or `undefined` at the end; never two calls at a time. */
export type Pull = () => Promise<Uint8Array | undefined>;

/** Small enough for the cache of a processor, large enough for few calls. */
export const CHUNK_BYTES = 128 * 1024;

/** Views on bytes in memory. */
export function pullBytes(bytes: Uint8Array, chunkBytes = CHUNK_BYTES): Pull {
  let at = 0;
  return () => {
    if (at >= bytes.length) {
      return Promise.resolve(undefined);
    }
    const chunk = bytes.subarray(at, at + chunkBytes);
    at += chunk.length;
    return Promise.resolve(chunk);
  };
}

/** The chunks of a Node stream or an async generator. */
export function pullFrom(chunks: AsyncIterable<Uint8Array>): Pull {
  const iterator = chunks[Symbol.asyncIterator]();
  return async () => {
    const next: IteratorResult<Uint8Array, unknown> = await iterator.next();
    return next.done === true ? undefined : next.value;
  };
}

/** Takes everything that is left. */
export async function drain(pull: Pull): Promise<void> {
  while ((await pull()) !== undefined) {
    // Only the effects of reading are wanted: a digest, a check.
  }
}

/** Gives each chunk to `look` on its way. */
export const tap =
  (pull: Pull, look: (chunk: Uint8Array) => void): Pull =>
  async () => {
    const chunk = await pull();
    if (chunk !== undefined) {
      look(chunk);
    }
    return chunk;
  };
