/**
 * The answers of a mirror, byte for byte: `raw/response.headers` and `raw/response.body`. The folder `raw/` is the
 * commit point of a message (sync design, “Run” 4).
 *
 * @module
 */

import { lstatSync, renameSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';

import { diskError, syncFolder } from '../disk/atomic.js';
import { systemCode } from '../errors.js';
import type { MirrorFiles } from './mirror-files.js';
import type { MessageKey } from './records.js';
import { isThere } from './staging.js';

/** An HTTP answer, byte for byte. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Whether the content of a message is stored for good. */
export function hasRaw(files: MirrorFiles, key: MessageKey): boolean {
  const there = (name: string): boolean => {
    try {
      return lstatSync(files.path(key, 'raw', name), { throwIfNoEntry: false })?.isFile() === true;
    } catch {
      return false;
    }
  };
  return there('response.body') && there('response.headers');
}

/** Commits the answer: when this returns, the message cannot be lost any more. */
export async function commitRaw(
  files: MirrorFiles,
  key: MessageKey,
  { status, headers, body }: RawAnswer,
): Promise<void> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const staged = await files.stage({
    'response.headers': `${[`HTTP ${status}`, ...lines].join('\n')}\n`,
    'response.body': body,
  });
  await files.reached('raw.staged');
  const raw = files.path(key, 'raw');
  try {
    renameSync(staged, raw);
  } catch (error) {
    if (!isThere(error)) {
      throw diskError(error, raw);
    }
    // What `hasRaw` does not accept is no answer.
    await rm(raw, { recursive: true, force: true });
    renameSync(staged, raw);
  }
  await Promise.all([syncFolder(raw), syncFolder(files.path(key))]);
  await files.reached('raw.renamed');
}

/** The stored answer; `undefined` when it was never fetched. */
export async function readRaw(files: MirrorFiles, key: MessageKey): Promise<RawAnswer | undefined> {
  try {
    const [head, body] = await Promise.all([
      readFile(files.path(key, 'raw', 'response.headers'), 'utf8'),
      readFile(files.path(key, 'raw', 'response.body')),
    ]);
    const [first = '', ...lines] = head.split('\n');
    const headers = lines.flatMap((line): [string, string][] => {
      const [, name, value] = /^([^:]+): (.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    });
    return {
      status: Number(/\d{3}/.exec(first)?.[0] ?? 200),
      headers: Object.fromEntries(headers),
      body: Uint8Array.from(body),
    };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}
