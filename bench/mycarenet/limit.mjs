/**
 * What a batch costs at least: undici over mutual TLS, one RSA signature a request over as many bytes as a
 * SignedInfo has, a request of the right size that is ready but for its numbers. No XML, no journal.
 */
import { createPrivateKey, sign } from 'node:crypto';
import { promisify } from 'node:util';

import { Pool } from 'undici';

const signAsync = promisify(sign);
const signedInfo = Buffer.alloc(900, 'x');

/** @returns a function that asks all of these, `connections` at a time. */
export function openLimit({ url, caPem, keyPem, certificatePem, connections, requestOf }) {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, {
    connections,
    pipelining: 1,
    connect: { ca: caPem, key: keyPem, cert: certificatePem },
  });
  const key = createPrivateKey(keyPem);
  const headers = { 'Content-Type': 'text/xml; charset=utf-8', SOAPAction: '""' };
  return {
    ask: async (questions) => {
      let next = 0;
      await Promise.all(
        Array.from({ length: connections }, async () => {
          while (next < questions.length) {
            const question = questions[next];
            next += 1;
            await signAsync('sha256', signedInfo, key);
            const reply = await pool.request({
              method: 'POST',
              path: pathname,
              headers,
              body: requestOf(question),
            });
            if ((await reply.body.arrayBuffer()).byteLength < 1000) {
              throw new Error('no answer');
            }
          }
        }),
      );
      return questions.length;
    },
    close: () => pool.close(),
  };
}
