/**
 * The one server of this bench, a process of its own: canned answers over TLS, whatever is asked.
 *
 * `/small` answers every POST with one envelope; `/large` with an MTOM message whose part has so many bytes.
 * Prints its port once it listens; ends with its stdin.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import process from 'node:process';

import { envelope } from './messages.mjs';

const [keyFile, certificateFile, partBytes] = process.argv.slice(2);
const small = Buffer.from(envelope(5_000));
const smallHeaders = { 'Content-Type': 'text/xml; charset=utf-8', 'Content-Length': small.length };

const BOUNDARY = 'uuid:0f0e0d0c-1a2b-4c3d-8e9f-000000000001';
const head = Buffer.from(
  `--${BOUNDARY}\r\nContent-Type: application/xop+xml; charset=UTF-8; type="text/xml"\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <root@stub.test>\r\n\r\n` +
    `${envelope(500)}\r\n--${BOUNDARY}\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <part@stub.test>\r\n\r\n`,
);
const tail = Buffer.from(`\r\n--${BOUNDARY}--\r\n`);
// Bytes without order, a megabyte of them over and over.
const block = Buffer.alloc(1024 * 1024);
for (let at = 0, state = 1; at < block.length; at += 1) {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  block[at] = state >>> 16;
}
const largeHeaders = {
  'Content-Type': `multipart/related; type="application/xop+xml"; start="<root@stub.test>"; start-info="text/xml"; boundary="${BOUNDARY}"`,
  'Content-Length': head.length + Number(partBytes) + tail.length,
};

async function sendLarge(response) {
  response.writeHead(200, largeHeaders);
  response.write(head);
  for (let left = Number(partBytes); left > 0; left -= block.length) {
    const piece = left < block.length ? block.subarray(0, left) : block;
    if (!response.write(piece)) {
      await new Promise((resolve) => response.once('drain', resolve));
    }
  }
  response.end(tail);
}

const server = createServer(
  { key: readFileSync(keyFile), cert: readFileSync(certificateFile), keepAliveTimeout: 60_000 },
  (request, response) => {
    request.resume().on('end', () => {
      if (request.url === '/large') {
        void sendLarge(response);
      } else {
        response.writeHead(200, smallHeaders).end(small);
      }
    });
  },
);
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume().on('end', () => process.exit(0));
