/**
 * Puts an envelope and its attachments into one `multipart/related` body: SOAP with Attachments, or MTOM/XOP
 * (ehealthbox §5, mycarenet §3.3). Parts may be streams of a known length, so that a file is never in memory.
 *
 * @module
 */

import { namespace } from '../xml/build.js';
import { NS_XOP } from '../xml/namespaces.js';
import type { XmlElement } from '../xml/tree.js';
import { referenceTo } from './content-id.js';
import { isStreamed } from './http-client.js';
import type { OutgoingBody, StreamedContent } from './http-client.js';

export interface OutgoingPart {
  /** Content id, without brackets. */
  readonly id: string;
  readonly contentType: string;
  readonly bytes: Uint8Array | StreamedContent;
}

/**
 * `swa`: parts beside the envelope, which refers to them by `cid:` text or not at all. `xop`: parts that stand
 * for base64 in the envelope, where an {@link xopInclude} points to them.
 */
export type Packaging = 'swa' | 'xop';

const xop = namespace('xop', NS_XOP);

/** What stands in an element of base64 whose bytes travel as a part. */
export const xopInclude = (id: string): XmlElement => xop('Include', { href: referenceTo(id) });

const ROOT = 'root.message@topaz';

const TYPES: Readonly<Record<Packaging, { root: string; whole: string }>> = {
  swa: { root: 'text/xml; charset=utf-8', whole: 'type="text/xml"' },
  xop: {
    root: 'application/xop+xml; charset=UTF-8; type="text/xml"',
    whole: 'type="application/xop+xml"; start-info="text/xml"',
  },
};

/**
 * @param boundary Must not occur in any part: give it a fresh random id.
 * @returns The body: bytes where all parts are, else a stream of known length.
 * @throws TypeError for an id or a content type that is not fit for a header.
 */
export function writeMultipart(
  envelope: Uint8Array,
  parts: readonly OutgoingPart[],
  boundary: string,
  packaging: Packaging = 'swa',
): { readonly contentType: string; readonly body: OutgoingBody } {
  const { root, whole } = TYPES[packaging];
  const pieces: (Uint8Array | StreamedContent)[] = [];
  for (const part of [{ id: ROOT, contentType: root, bytes: envelope }, ...parts]) {
    // A content type may come from a file's name or a user: it must not add a header.
    if (!/^[\x20-\x7e]+$/.test(part.contentType) || !/^[!-;=?-~]+$/.test(part.id)) {
      throw new TypeError('the id or the content type of a part is not fit for a header');
    }
    pieces.push(
      Buffer.from(
        `--${boundary}\r\nContent-Type: ${part.contentType}\r\nContent-Transfer-Encoding: binary\r\n` +
          `Content-ID: <${part.id}>\r\n\r\n`,
      ),
      part.bytes,
      Buffer.from('\r\n'),
    );
  }
  pieces.push(Buffer.from(`--${boundary}--\r\n`));
  return {
    contentType: `multipart/related; ${whole}; start="<${ROOT}>"; boundary="${boundary}"`,
    body: bodyOf(pieces),
  };
}

function bodyOf(pieces: readonly (Uint8Array | StreamedContent)[]): OutgoingBody {
  const buffers = pieces.filter((piece): piece is Uint8Array => !isStreamed(piece));
  if (buffers.length === pieces.length) {
    const { buffer, byteOffset, length } = Buffer.concat(buffers);
    return new Uint8Array(buffer, byteOffset, length);
  }
  return {
    sizeBytes: pieces.reduce((sum, piece) => sum + sizeOf(piece), 0),
    open: async function* () {
      for (const piece of pieces) {
        if (isStreamed(piece)) {
          yield* checked(piece);
        } else {
          yield piece;
        }
      }
    },
  };
}

const sizeOf = (piece: Uint8Array | StreamedContent): number =>
  isStreamed(piece) ? piece.sizeBytes : piece.length;

/** The length of the whole was announced: a part that changed meanwhile would shift all that follows. */
async function* checked({ sizeBytes, open }: StreamedContent): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const chunk of open()) {
    sent += chunk.length;
    if (sent > sizeBytes) {
      break;
    }
    yield chunk;
  }
  if (sent !== sizeBytes) {
    throw new TypeError('a part of the message has another length than announced');
  }
}
