/** The unavoidable parts of a synchronisation, each alone: all the requests, and all the files. */
import { mkdirSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';

import { Pool } from 'undici';

import { wallMs } from '../support/measure.mjs';
import { answerTo, idOf } from './messages.mjs';

/** Of a signed request. */
const FILLING = ' '.repeat(6_000);
const HEADERS = {
  'Content-Type': 'text/xml; charset=utf-8',
  SOAPAction: '""',
  'Accept-Encoding': 'gzip',
};

/** Milliseconds to ask for every page and every message, one after the other. */
export async function httpLoop(port, caPem, total) {
  const pool = new Pool(`https://localhost:${port}`, { connections: 1, pipelining: 1, connect: { ca: caPem } }); // prettier-ignore
  const ask = async (body) => {
    const reply = await pool.request({ method: 'POST', path: `/${total}`, headers: HEADERS, body });
    return (await reply.body.arrayBuffer()).byteLength;
  };
  const ms = await wallMs(async () => {
    for (let start = 1; start <= total; start += 99) {
      await ask(`<Source>INBOX</Source><StartIndex>${start}</StartIndex><EndIndex>${start + 99}</EndIndex>${FILLING}`); // prettier-ignore
    }
    for (let number = total; number > 0; number -= 1) {
      await ask(`<GetFullMessageRequest><MessageId>${idOf(number)}</MessageId>${FILLING}`);
    }
  });
  await pool.close();
  return ms;
}

/** Milliseconds to write, force to the disk and rename the same answers, one after the other. */
export function diskLoop(folder, total) {
  mkdirSync(folder, { recursive: true });
  return wallMs(async () => {
    for (let number = total; number > 0; number -= 1) {
      const answer = answerTo(
        `<GetFullMessageRequest><MessageId>${idOf(number)}</MessageId>`,
        total,
      );
      const file = await open(join(folder, 'staged'), 'w');
      await file.writeFile(answer);
      await file.sync();
      await file.close();
      await rename(join(folder, 'staged'), join(folder, String(number)));
    }
  });
}
