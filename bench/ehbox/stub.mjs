/**
 * An eHealthBox of this bench, a process of its own: so many small messages over TLS, made from their number.
 *
 * The path tells how many: `/2000`. Prints its port once it listens; ends with its stdin.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import process from 'node:process';

import { answerTo } from './messages.mjs';

const [keyFile, certificateFile] = process.argv.slice(2);
const server = createServer(
  { key: readFileSync(keyFile), cert: readFileSync(certificateFile), keepAliveTimeout: 60_000 },
  (request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const answer = answerTo(Buffer.concat(chunks).toString(), Number(request.url.slice(1)));
      response
        .writeHead(200, {
          'Content-Type': 'text/xml; charset=utf-8',
          'Content-Length': answer.length,
        })
        .end(answer);
    });
  },
);
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume().on('end', () => process.exit(0));
