/**
 * The one server of this bench, a process of its own: ready assertions over mutual TLS, whoever asks. `/signed`
 * answers with signed ones, any other path without. Prints its port once it listens; ends with its stdin.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import process from 'node:process';

import { answerTo, cannedAssertions } from './answers.mjs';
import { patients } from './people.mjs';

const { serverKey, serverPem, caPem, signerKey, signerPem, people } = JSON.parse(process.argv[2]);
const read = (file) => readFileSync(file, 'utf8');
const ready = patients(people);
const plain = cannedAssertions(ready);
const signed = cannedAssertions(ready, { key: read(signerKey), certificate: read(signerPem) });

/** What stands between two marks. */
function between(text, before, after) {
  const at = text.indexOf(before);
  const start = at + before.length;
  return at < 0 ? '' : text.slice(start, text.indexOf(after, start));
}

function answer(url, asked) {
  const query = Buffer.from(
    between(asked, 'Detail', '<').replace(/^[^>]*>/, ''),
    'base64',
  ).toString();
  const ssin = /NameID[^>]*>([0-9]{11})/.exec(query)?.[1];
  return answerTo({
    requestId: between(asked, ' Id="ID_', '"').replace(/^/, 'ID_'),
    reference: between(asked, 'InputReference>', '<'),
    assertions: (url === '/signed' ? signed : plain).get(ssin),
  });
}

const server = createServer(
  {
    key: read(serverKey),
    cert: read(serverPem),
    ca: read(caPem),
    requestCert: true,
    rejectUnauthorized: true,
    keepAliveTimeout: 60_000,
  },
  (request, response) => {
    const pieces = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => {
      const body = Buffer.from(answer(request.url, Buffer.concat(pieces).toString('latin1')));
      response
        .writeHead(200, {
          'Content-Type': 'text/xml; charset=utf-8',
          'Content-Length': body.length,
        })
        .end(body);
    });
  },
);
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume().on('end', () => process.exit(0));
