/**
 * Takes the compression off an answer, within a limit: a few kilobytes may hold gigabytes.
 *
 * @module
 */

import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const gunzipAsync = promisify(gunzip);

/**
 * @param encoding `Content-Encoding` of the answer.
 * @returns The bytes; the same ones when they are not compressed.
 * @throws Error with a `code` of zlib, or `ERR_BUFFER_TOO_LARGE` above `maxBytes`.
 */
export async function inflate(
  data: Uint8Array,
  encoding: string | undefined,
  maxBytes: number,
): Promise<Uint8Array> {
  const compressed = /^\s*(?:x-)?gzip\s*$/i.test(encoding ?? '');
  const { buffer, byteOffset, length } = compressed
    ? await gunzipAsync(data, { maxOutputLength: maxBytes })
    : data;
  return new Uint8Array(buffer, byteOffset, length);
}
