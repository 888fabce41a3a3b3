/**
 * A program that synchronises a mirror with the box of a test, over HTTP on this machine, and tells on stdout how
 * far it is. It is there to be killed.
 *
 * @module
 */

import { randomUUID } from 'node:crypto';
import { request } from 'node:http';

import { clearOpener } from '../../src/ehbox/clear-opener.js';
import { fetchFullMessage, fetchMessagesList } from '../../src/ehbox/client.js';
import { settleIndex } from '../../src/ehbox/mirror-index.js';
import { MailboxMirror } from '../../src/ehbox/mirror.js';
import { runSync } from '../../src/ehbox/sync.js';
import type { Call } from '../../src/soap/call.js';
import { parseReply } from '../../src/soap/reply.js';
import { elements } from '../../src/xml/query.js';

const [port = '', folder = ''] = process.argv.slice(2);
const now = (): Date => new Date();

const ask = (path: string): Promise<Buffer> =>
  new Promise((done, fail) => {
    request({ host: '127.0.0.1', port, path }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        done(Buffer.concat(chunks));
      });
    })
      .on('error', fail)
      .end();
  });

const call: Call = async ({ body, operation }) => {
  const fields = elements(body).map(({ name, children }): [string, string] => [
    name,
    children.map((node) => (node.kind === 'text' ? node.text : '')).join(''),
  ]);
  const query = new URLSearchParams([['operation', operation], ...fields]);
  const raw = await ask(`/?${query.toString()}`);
  return parseReply('ehboxConsultation', 200, { 'content-type': 'text/xml; charset=utf-8' }, raw);
};

const common = { security: { kind: 'none' } as const };
const mirror = new MailboxMirror(folder, { now, newId: randomUUID });
await mirror.create();
const lock = await mirror.lock({ timeoutMs: 5_000 });
const { stopped, failed } = await runSync(mirror, {
  listPage: (source, start, end) =>
    fetchMessagesList(call, 'http://box.test', { ...common, folder: source, start, end }),
  fetch: ({ id }) => fetchFullMessage(call, 'http://box.test', { ...common, source: 'INBOX', id }),
  environment: 'sandbox',
  info: {
    box: { type: 'NIHII', id: '19547181', quality: 'DOCTOR' },
    standBy: 0,
    usedBytes: 1000,
    maxBytes: 10_485_760,
  },
  opener: clearOpener,
  annexes: true,
  now,
  pause: () => Promise.resolve(),
});
process.stdout.write('synced\n');
await settleIndex(mirror);
await lock.release();
const lost = failed.map(({ error }) => error.code);
process.stdout.write(`${JSON.stringify({ stopped: stopped?.code ?? null, lost })}\n`);
