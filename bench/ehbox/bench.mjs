/**
 * The mirror of an eHealthBox: a synchronisation against loops that only ask or only write, its memory, and
 * lists and searches against a bare Node: `npm run bench -- ehbox`.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { bundle } from '../support/bundle.mjs';
import { median, runProgram } from '../support/measure.mjs';
import { report } from '../support/report.mjs';
import { diskLoop, httpLoop } from './limit.mjs';
import { listRows } from './lists.mjs';

const smoke = process.argv.includes('--smoke');
const here = fileURLToPath(new URL('.', import.meta.url));
const small = smoke ? 60 : 2_000;
const large = smoke ? 120 : 20_000;
const rounds = smoke ? 1 : 3;

const folder = mkdtempSync(join(tmpdir(), 'topaz-bench-ehbox-'));
const file = (name) => join(folder, name);
execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', file('server.key'), '-out', file('server.pem'), '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'], { stdio: 'ignore' }); // prettier-ignore
const stub = spawn(process.execPath, [join(here, 'stub.mjs'), file('server.key'), file('server.pem')], { stdio: ['pipe', 'pipe', 'inherit'] }); // prettier-ignore
const port = await new Promise((resolve) => {
  stub.stdout.once('data', (data) => resolve(Number(data)));
});
const { path, dispose } = await bundle('bench/ehbox/subject.ts');
// Where the bundle finds better-sqlite3: the index is part of the work.
symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(dirname(path), 'node_modules')); // prettier-ignore

async function sync(name, messages) {
  const mirror = file(name);
  const options = {
    bundle: path,
    url: `https://localhost:${port}/${messages}`,
    caFile: file('server.pem'),
    keyFile: file('server.key'),
    certificateFile: file('server.pem'),
    folder: mirror,
    messages,
  };
  const { stdout } = await runProgram(process.execPath, [join(here, 'one-sync.mjs'), JSON.stringify(options)]); // prettier-ignore
  rmSync(mirror, { recursive: true });
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

const rows = [];
try {
  const seen = { http: [], disk: [], sync: [], peak: [] };
  for (let round = 0; round < rounds; round += 1) {
    seen.http.push(await httpLoop(port, readFileSync(file('server.pem'), 'utf8'), small));
    seen.disk.push(await diskLoop(file(`disk-${round}`), small));
    const { ms, peak } = await sync(`mirror-${round}`, small);
    seen.sync.push(ms);
    seen.peak.push(peak);
  }
  const times = { http: median(seen.http), disk: median(seen.disk), sync: median(seen.sync) };
  console.error(`${small} messages: HTTP alone ${Math.round(times.http)} ms, disk alone ${Math.round(times.disk)} ms, sync ${Math.round(times.sync)} ms`); // prettier-ignore
  const grown = (await sync('mirror-large', large)).peak - median(seen.peak);
  rows.push(
    { case: `sync of ${small} small messages`, measure: 'rate', peer: 'slower of HTTP loop and write-fsync-rename loop', value: Math.max(times.http, times.disk) / times.sync, atLeast: 0.5 },
    { case: `sync of ${large} instead of ${small}`, measure: 'MiB more resident', peer: 'itself', value: grown / 1024 ** 2, atMost: 32 },
    ...(await listRows(folder, smoke)),
  ); // prettier-ignore
} finally {
  stub.stdin.end();
  await dispose();
  rmSync(folder, { recursive: true, force: true });
}
report('ehbox', rows);
