/**
 * Answers with parts: SOAP with attachments, or MTOM/XOP (ehealthbox §5).
 *
 * @module
 */

import type { Part } from './exchange.js';

const CRLF = '\r\n';

/** Puts the envelope and its parts into one body. */
export function writeMultipart(
  root: Buffer,
  parts: readonly Part[],
  xop: boolean,
  id: string,
): { readonly contentType: string; readonly body: Buffer } {
  const boundary = `uuid:${id}`;
  const rootId = 'root.message@ehealth.fgov.be';
  const rootType = xop
    ? 'application/xop+xml; charset=UTF-8; type="text/xml"'
    : 'text/xml; charset=utf-8';
  const head = (contentType: string, contentId: string): string =>
    [
      `--${boundary}`,
      `Content-Type: ${contentType}`,
      'Content-Transfer-Encoding: binary',
      `Content-ID: <${contentId}>`,
      '',
      '',
    ].join(CRLF);
  const pieces: Buffer[] = [Buffer.from(head(rootType, rootId)), root, Buffer.from(CRLF)];
  for (const part of parts) {
    pieces.push(Buffer.from(head(part.contentType, part.id)), Buffer.from(part.bytes));
    pieces.push(Buffer.from(CRLF));
  }
  pieces.push(Buffer.from(`--${boundary}--${CRLF}`));
  const type = xop
    ? `type="application/xop+xml"; start="<${rootId}>"; start-info="text/xml"`
    : 'type="text/xml"';
  return {
    contentType: `multipart/related; ${type}; boundary="${boundary}"`,
    body: Buffer.concat(pieces),
  };
}
