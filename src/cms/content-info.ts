/**
 * ContentInfo (RFC 5652 §3), the frame of every CMS message: a type and one content.
 *
 * Read as BER: indefinite lengths, strings in pieces, and zero bytes after the end, which some writers
 * leave behind (etee §3.5). Any other byte after the end is refused.
 *
 * @module
 */

import { malformed, readBer, type DerNode } from '../der/reader.js';
import { isContext, readOid, readSequence } from '../der/values.js';
import { context, oid, sequence } from '../der/writer.js';

/** @throws TopazError `E_ASN1_MALFORMED` for anything but a ContentInfo of the type asked for. */
export function readContentInfo(bytes: Uint8Array, type: string): DerNode {
  const node = readBer(bytes, { trailing: true });
  if (bytes.subarray(node.bytes.length).some((byte) => byte !== 0)) {
    throw malformed('bytes after the message');
  }
  const [contentType, wrapper, ...rest] = readSequence(node);
  if (readOid(contentType) !== type || rest.length > 0) {
    throw malformed('message of another type');
  }
  return unwrapExplicit(wrapper, 0);
}

/** The one element inside `[n] EXPLICIT`. */
export function unwrapExplicit(node: DerNode | undefined, n: number): DerNode {
  const [inside, ...rest] = isContext(node, n) ? node.children : [];
  if (inside === undefined || rest.length > 0) {
    throw malformed(`[${n}] does not hold one element`);
  }
  return inside;
}

/** DER of a ContentInfo. */
export const encodeContentInfo = (type: string, content: Uint8Array): Uint8Array =>
  sequence(oid(type), context(0, content));
