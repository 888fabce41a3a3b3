/**
 * Takes the compression off an answer, within a limit: a few kilobytes may hold gigabytes.
 *
 * @module
 */

import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const gunzipAsync = promisify(gunzip);

/** Code of the error for a compression that was not asked for. */
export const UNKNOWN_ENCODING = 'ERR_UNKNOWN_ENCODING';

/**
 * @param encoding `Content-Encoding` of the answer.
 * @returns The bytes; the same ones when they are not compressed.
 * @throws Error with a `code`: of zlib, `ERR_BUFFER_TOO_LARGE` above `maxBytes`, or
 *   {@link UNKNOWN_ENCODING}.
 */
export async function inflate(
  data: Uint8Array,
  encoding: string | undefined,
  maxBytes: number,
): Promise<Uint8Array> {
  const name = (encoding ?? '').trim().toLowerCase();
  // An answer without a body may keep the header of one.
  if (data.length === 0 || name === '' || name === 'identity') {
    return plain(data);
  }
  if (name !== 'gzip' && name !== 'x-gzip') {
    throw Object.assign(new Error('an unknown compression'), { code: UNKNOWN_ENCODING });
  }
  return plain(await gunzipAsync(data, { maxOutputLength: maxBytes }));
}

/** The same bytes, not a copy. */
const plain = ({ buffer, byteOffset, length }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, length);
