/**
 * What a request costs at least: undici, bytes that are ready, one RSA signature over as many bytes as a
 * SignedInfo has. No XML.
 */
import { createPrivateKey, sign } from 'node:crypto';
import { promisify } from 'node:util';

import { Pool } from 'undici';

const signAsync = promisify(sign);
const signedInfo = Buffer.alloc(900, 'x');

/** @returns one function that makes one request. */
export function openLimit({ port, caPem, keyPem, connections, requestBytes }) {
  const pool = new Pool(`https://localhost:${port}`, {
    connections,
    pipelining: 1,
    connect: { ca: caPem },
  });
  // Read once: reading a PEM costs more than the signature.
  const key = createPrivateKey(keyPem);
  const body = Buffer.alloc(requestBytes, 'x');
  const headers = {
    'Content-Type': 'text/xml; charset=utf-8',
    SOAPAction: '""',
    Accept: 'text/xml, multipart/related',
    'Accept-Encoding': 'gzip',
    'User-Agent': 'topaz-bench',
  };
  return {
    ask: async () => {
      await signAsync('sha256', signedInfo, key);
      const reply = await pool.request({ method: 'POST', path: '/small', headers, body });
      return (await reply.body.arrayBuffer()).byteLength;
    },
    close: () => pool.close(),
  };
}
