/**
 * One file sealed or unsealed in a process of its own, as the commands do it: from the file to a temporary
 * file beside the target, and its name only when all is right. Says its peak memory in kB.
 *
 * `node file-subject.mjs seal|unseal KEYS IN OUT REGISTRY`
 */

import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';

import { pullFile } from '../../src/etee/file-stream.js';
import { PendingFile } from '../../src/etee/pending-file.js';
import { sealStream } from '../../src/etee/seal.js';
import { unsealStream } from '../../src/etee/unseal.js';
import { openWorld } from './subject.js';

const [, , work, keys = '', from = '', to = '', registry = ''] = process.argv;

const world = openWorld(keys);
const now = new Date();
const input = await open(from, 'r');
const output = await PendingFile.create(to, registry);
if (work === 'seal') {
  const { size: length } = await input.stat();
  const write = async (parts: readonly Uint8Array[]): Promise<void> => {
    for (const part of parts) {
      await output.write(part);
    }
  };
  await sealStream(pullFile(input), write, { ...world, now, length });
} else {
  const { verdict } = await unsealStream(pullFile(input), (chunk) => output.write(chunk), {
    ...world,
    now,
  });
  if (verdict !== 'clean') {
    throw new Error(`the message opened with the verdict ${verdict}`);
  }
}
await output.commit({ overwrite: true });
await input.close();
// Not maxRSS: a process takes that over from whoever started it, here a large one.
const peak = /^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
process.stdout.write(`${peak ?? 'unknown'}\n`);
