/**
 * One download in a process of its own, so that its memory is its own: `plain` with bare node:https, bytes thrown
 * away; `file` the same to a file; `part` with the product. Prints the time of each round and the highest resident set of the second half.
 */
import { randomUUID } from 'node:crypto';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { pipeline } from 'node:stream/promises';
import { clearInterval, setInterval } from 'node:timers';

const { kind, bundle, port, caFile, keyFile, certificateFile, rounds, bytes } = JSON.parse(
  process.argv[2],
);
const caPem = readFileSync(caFile, 'utf8');
const folder = mkdtempSync(join(tmpdir(), `topaz-bench-${randomUUID().slice(0, 8)}-`));

async function openPlain(toFile) {
  const agent = new Agent({ keepAlive: true, ca: caPem });
  return {
    get: () =>
      new Promise((resolve, reject) => {
        const options = { agent, method: 'POST', port, host: 'localhost', path: '/large' };
        const asking = request(options, (response) => {
          if (toFile) {
            const path = join(folder, 'plain');
            pipeline(response, createWriteStream(path))
              .then(() => {
                const { size } = statSync(path);
                rmSync(path);
                resolve(size);
              })
              .catch(reject);
            return;
          }
          let size = 0;
          response.on('data', (chunk) => {
            size += chunk.length;
          });
          response.on('error', reject);
          response.on('end', () => resolve(size));
        });
        asking.on('error', reject);
        asking.end('x'.repeat(5000));
      }),
    close: () => agent.destroy(),
  };
}

async function openPart() {
  const { openSubject } = await import(bundle);
  const subject = openSubject({
    port,
    caPem,
    keyPem: readFileSync(keyFile, 'utf8'),
    certificatePem: readFileSync(certificateFile, 'utf8'),
    connections: 1,
    client: 'axios',
  });
  return {
    get: async () => {
      const { path, sizeBytes, sha256 } = await subject.receive(folder);
      rmSync(path);
      if (!/^[0-9a-f]{64}$/.test(sha256)) {
        throw new Error('no digest');
      }
      return sizeBytes;
    },
    close: () => subject.close(),
  };
}

const { get, close } = await (kind === 'part' ? openPart() : openPlain(kind === 'file'));
let peak = 0;
let isSecondHalf = false;
const sampling = setInterval(() => {
  if (isSecondHalf) {
    peak = Math.max(peak, process.memoryUsage.rss());
  }
}, 5);
const times = [];
for (let round = 0; round < rounds; round += 1) {
  isSecondHalf = round >= rounds / 2;
  const start = performance.now();
  const size = await get();
  times.push(performance.now() - start);
  if (size < bytes) {
    throw new Error(`only ${size} bytes came`);
  }
}
clearInterval(sampling);
await close();
rmSync(folder, { recursive: true });
console.log(JSON.stringify({ times, peak: Math.max(peak, process.memoryUsage.rss()) }));
process.exit(0);
