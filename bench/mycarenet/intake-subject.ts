/**
 * The product in the bench of a large answer: from the bytes on the wire to messages on the disk and their records.
 *
 * @module
 */

import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';

import { storePage } from '../../src/mycarenet/genasync/arrive.js';
import { readFlat } from '../../src/mycarenet/genasync/flat-file.js';
import { readGetReply } from '../../src/mycarenet/genasync/reply.js';
import { MailboxStore } from '../../src/mycarenet/genasync/store.js';
import { receiveReply } from '../../src/soap/receive.js';

const MAX_BYTES = 128 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

/**
 * Takes an answer in, as a synchronisation does.
 *
 * @param file The body of the answer: SOAP with a document inline.
 * @returns How many records its messages have.
 */
export async function takeIn(file: string, folder: string): Promise<number> {
  const store = new MailboxStore(folder, { newId: randomUUID });
  await store.create();
  await store.begin();
  try {
    const reply = await receiveReply(
      'genasync',
      {
        status: 200,
        headers: { 'content-type': 'text/xml; charset=utf-8' },
        stream: chunksOf(file),
      },
      { maxBytes: MAX_BYTES, store: { folder: store.tmp, inline: true }, newId: randomUUID },
    );
    const { fresh } = await storePage(store, readGetReply(reply), {
      keys: undefined,
      now: () => new Date(),
    });
    let records = 0;
    for (const id of fresh) {
      records += readFlat(await store.readContent(id))?.records.length ?? 0;
    }
    return records;
  } finally {
    await store.end();
  }
}

/** As fast as a socket that always has something. */
async function* chunksOf(file: string): AsyncGenerator<Uint8Array> {
  const handle = openSync(file, 'r');
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const count = readSync(handle, chunk);
      if (count === 0) {
        return;
      }
      yield chunk.subarray(0, count);
      await Promise.resolve();
    }
  } finally {
    closeSync(handle);
  }
}
