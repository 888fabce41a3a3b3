/**
 * Requests in parts (MTOM, as official clients always send to the mailboxes): the parts are put back into the
 * envelope as base64, which is what the schema and the service see (mycarenet §3.3). Parts that the envelope only
 * refers to (swaRef) go along with it.
 *
 * @module
 */

import type { HttpRequest } from './handle.js';

/** One without parts, or with something that is no multipart, is handed back as it is. */
export function unpackMultipart(request: HttpRequest): HttpRequest {
  const type = request.headers['content-type'] ?? '';
  const boundary = /;\s*boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (!/^multipart\/related/i.test(type) || boundary === undefined) {
    return request;
  }
  const [root, ...others] = split(Buffer.from(request.body), boundary);
  if (root === undefined) {
    return request;
  }
  const parts = new Map(others.map(({ id, bytes }) => [id, bytes]));
  const text = root.bytes
    .toString('utf8')
    .replace(/<([\w.-]+:)?Include\b[^>]*?href="cid:([^"]+)"[^>]*?(?:\/>|>\s*<\/[\w.:-]+>)/g, (whole, _prefix, id: string) => {
      const bytes = parts.get(decodeURIComponent(id));
      return bytes === undefined ? whole : bytes.toString('base64');
    }); // prettier-ignore
  return { ...request, body: Buffer.from(text, 'utf8'), parts };
}

interface RequestPart {
  readonly id: string;
  readonly bytes: Buffer;
}

function split(body: Buffer, boundary: string): readonly RequestPart[] {
  const parts: RequestPart[] = [];
  const mark = `--${boundary}`;
  for (let at = body.indexOf(mark); at >= 0;) {
    const start = at + mark.length;
    const next = body.indexOf(mark, start);
    const head = body.indexOf('\r\n\r\n', start);
    if (next < 0 || head < 0 || head > next) {
      break;
    }
    const id =
      /^Content-ID:\s*<?([^>\s]+)>?/im.exec(body.toString('latin1', start, head))?.[1] ?? '';
    parts.push({ id, bytes: body.subarray(head + 4, next - 2) });
    at = next;
  }
  return parts;
}
