/**
 * Signed request-answer loops over TLS against a limit program, and a large MTOM part to a file against a plain
 * download. Both sides of each talk to the same stub process.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { bundle } from '../support/bundle.mjs';
import { median, runProgram, takeTurns, wallMs } from '../support/measure.mjs';
import { report } from '../support/report.mjs';
import { openLimit } from './limit.mjs';

const smoke = process.argv.includes('--smoke');
const here = fileURLToPath(new URL('.', import.meta.url));
const PARALLEL = 8;
// A question of 2 KB and an answer of 5 KB, as those about insurability have.
const RECORDS = 33;
const REQUEST_BYTES = 6_500;
const calls = smoke ? 40 : 200;
const warmUp = smoke ? 40 : 2_000;
const rounds = smoke ? 1 : 31;
const partBytes = smoke ? 2 * 1024 * 1024 : 50_000_000;
const downloads = smoke ? 2 : 5;

const folder = mkdtempSync(join(tmpdir(), 'topaz-bench-soap-'));
const file = (name) => join(folder, name);
const openssl = (...args) => execFileSync('openssl', args, { stdio: 'ignore' });
openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', file('ca.key'), '-out', file('ca.pem'), '-days', '2', '-subj', '/CN=Bench CA'); // prettier-ignore
writeFileSync(file('ext'), 'subjectAltName=DNS:localhost\n');
openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', file('server.key'), '-out', file('server.csr'), '-subj', '/CN=localhost'); // prettier-ignore
openssl('x509', '-req', '-in', file('server.csr'), '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2', '-extfile', file('ext'), '-out', file('server.pem')); // prettier-ignore

const stub = spawn(
  process.execPath,
  [join(here, 'stub.mjs'), file('server.key'), file('server.pem'), String(partBytes)],
  { stdio: ['pipe', 'pipe', 'inherit'] },
);
const port = await new Promise((resolve) => {
  stub.stdout.once('data', (data) => resolve(Number(data)));
});
const { path, dispose } = await bundle('bench/soap/subject.ts');
const rows = [];
try {
  const { openSubject } = await import(path);
  const shared = {
    port,
    caPem: readFileSync(file('ca.pem'), 'utf8'),
    keyPem: readFileSync(file('server.key'), 'utf8'),
    certificatePem: readFileSync(file('server.pem'), 'utf8'),
    connections: PARALLEL,
  };
  const sides = {
    undici: openSubject({ ...shared, client: 'undici' }),
    axios: openSubject({ ...shared, client: 'axios' }),
    limit: openLimit({ ...shared, requestBytes: REQUEST_BYTES }),
  };
  // In steady state: the first thousand calls pay for the compiler.
  for (const side of Object.values(sides)) {
    await loop(() => side.ask(RECORDS), warmUp);
  }
  const times = await takeTurns(
    Object.fromEntries(
      Object.entries(sides).map(([name, side]) => [name, () => loop(() => side.ask(RECORDS))]),
    ),
    rounds,
  );
  for (const side of Object.values(sides)) {
    await side.close();
  }
  const loops = `${calls} signed calls, ${PARALLEL} at a time`;
  rows.push(
    { case: loops, measure: 'rate', peer: 'undici, one RSA signature, no XML', value: times.limit / times.undici, atLeast: 0.5 },
    { case: `${loops}, by axios`, measure: 'rate', peer: 'undici, one RSA signature, no XML', value: times.limit / times.axios },
  ); // prettier-ignore

  const results = { plain: [], file: [], part: [] };
  for (let turn = 0; turn < (smoke ? 1 : 5); turn += 1) {
    for (const kind of ['plain', 'file', 'part']) {
      results[kind].push(await download(kind));
    }
  }
  const speed = (kind) => median(results[kind].flatMap(({ times: each }) => each.slice(1)));
  const memory = (kind) => median(results[kind].map(({ peak }) => peak));
  const size = `part of ${Math.round(partBytes / 1e6)} MB to a file, with SHA-256`;
  rows.push(
    { case: size, measure: 'rate', peer: 'node:https, bytes thrown away', value: speed('plain') / speed('part'), atLeast: 0.5 },
    { case: size, measure: 'rate', peer: 'node:https to a file, no SHA-256', value: speed('file') / speed('part') },
    { case: size, measure: 'MiB more resident', peer: 'node:https, bytes thrown away', value: (memory('part') - memory('plain')) / 1024 ** 2, atMost: 32 },
  ); // prettier-ignore
  console.error(`limit ${Math.round((calls / times.limit) * 1000)} calls/s; plain ${Math.round(partBytes / speed('plain') / 1000)} MB/s`); // prettier-ignore
} finally {
  stub.stdin.end();
  await dispose();
  rmSync(folder, { recursive: true, force: true });
}
report('soap', rows);

/** Milliseconds for all calls of one round. */
function loop(ask, count = calls) {
  let left = count;
  return wallMs(() =>
    Promise.all(
      Array.from({ length: PARALLEL }, async () => {
        while (left > 0) {
          left -= 1;
          await ask();
        }
      }),
    ),
  );
}

async function download(kind) {
  const options = {
    kind,
    bundle: path,
    port,
    caFile: file('ca.pem'),
    keyFile: file('server.key'),
    certificateFile: file('server.pem'),
    rounds: downloads,
    bytes: partBytes,
  };
  const { stdout } = await runProgram(process.execPath, [join(here, 'download.mjs'), JSON.stringify(options)]); // prettier-ignore
  return JSON.parse(stdout.trim().split('\n').at(-1));
}
