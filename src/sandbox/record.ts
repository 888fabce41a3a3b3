/**
 * Evidence of each exchange (sandbox sheet §5): with `--record` the bytes of both sides and the verdicts,
 * written before the answer leaves; always one line in `log.ndjson` of the data folder, without contents.
 *
 * @module
 */

import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { makePrivateFolder } from '../disk/atomic.js';
import type { Check } from './checks.js';

/** `NNNN-<service>-<operation>.json`. */
export interface ExchangeRecord {
  readonly schema: 'topaz.sandbox.exchange/1';
  readonly n: number;
  readonly at: string;
  readonly service: string;
  readonly operation: string;
  readonly url: string;
  readonly status: number;
  readonly checks: readonly Check[];
  /** The fault that was injected, as it was asked for. */
  readonly fault: string | null;
}

export interface Message {
  /** Request or status line and headers, as received or sent. */
  readonly head: string;
  readonly body: Uint8Array;
}

export interface Recorder {
  write(record: ExchangeRecord, request: Message, response: Message): Promise<void>;
}

const NAME_DIGITS = 4;

/** @param folder Of `--record`; `undefined` = the log alone. */
export async function openRecorder(
  dataFolder: string,
  folder: string | undefined,
): Promise<Recorder> {
  if (folder !== undefined) {
    await makePrivateFolder(folder);
  }
  const log = join(dataFolder, 'log.ndjson');
  return {
    write: async (record, request, response) => {
      const line = `${JSON.stringify(record)}\n`;
      await appendFile(log, line, { mode: 0o600 });
      if (folder === undefined) {
        return;
      }
      const number = String(record.n).padStart(NAME_DIGITS, '0');
      const base = join(folder, `${number}-${record.service}-${record.operation}`);
      const files: readonly (readonly [string, Uint8Array | string])[] = [
        ['.request.headers', request.head],
        ['.request.body', request.body],
        ['.response.headers', response.head],
        ['.response.body', response.body],
        ['.json', line],
      ];
      await Promise.all(
        files.map(([ending, content]) => writeFile(`${base}${ending}`, content, { mode: 0o600 })),
      );
    },
  };
}
