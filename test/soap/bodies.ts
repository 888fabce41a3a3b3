/** Bodies of requests and answers for transports that tests make themselves. */

import { isStreamed } from '../../src/soap/http-client.js';
import type { OutgoingBody } from '../../src/soap/http-client.js';
import type { HttpReply } from '../../src/soap/transport.js';

/** A body that is bytes already. */
export function bytesOf(body: OutgoingBody): Uint8Array {
  if (isStreamed(body)) {
    throw new Error('this body is a stream');
  }
  return body;
}

/** An answer whose body comes in one piece. */
export const replyOf = (
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): HttpReply => ({ status, headers, stream: piecesOf(body) });

/** Pieces of `size` bytes. */
export async function* piecesOf(
  body: Uint8Array,
  size = Math.max(1, body.length),
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += size) {
    yield await Promise.resolve(body.subarray(at, at + size));
  }
}

/** All of a stream. */
export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of stream) {
    all.push(piece);
  }
  return Uint8Array.from(Buffer.concat(all));
}
