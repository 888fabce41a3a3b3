/**
 * A batch of checks over mutual TLS against a program that does only what cannot be left out, and against the
 * usual libraries; its memory; and a large answer of the mailbox against `xmllint`: `npm run bench -- mycarenet`.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { bundle } from '../support/bundle.mjs';
import { median, runProgram, takeTurns } from '../support/measure.mjs';
import { report } from '../support/report.mjs';
import { answerWith, flatFile } from './mailbox-answer.mjs';

const smoke = process.argv.includes('--smoke');
const here = fileURLToPath(new URL('.', import.meta.url));
const CONNECTIONS = 8;
const people = smoke ? 8 : 400;
const size = smoke
  ? { count: 60, classic: 20, warmUp: 20, rounds: 1, marks: [20, 200], intakes: 1, records: 300 }
  : {
      count: 5_000,
      classic: 500,
      warmUp: 1_000,
      rounds: 3,
      marks: [2_000, 20_000],
      intakes: 11,
      records: 10_700,
    };

const folder = mkdtempSync(join(tmpdir(), 'topaz-bench-mycarenet-'));
const file = (name) => join(folder, name);
const openssl = (...args) => execFileSync('openssl', args, { stdio: 'ignore' });
openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', file('ca.key'), '-out', file('ca.pem'), '-days', '2', '-subj', '/CN=Bench CA', '-addext', 'keyUsage=keyCertSign,cRLSign'); // prettier-ignore
writeFileSync(
  file('ext'),
  'subjectAltName=DNS:localhost\nkeyUsage=digitalSignature,nonRepudiation\n',
);
for (const name of ['server', 'client', 'signer']) {
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', file(`${name}.key`), '-out', file(`${name}.csr`), '-subj', `/CN=${name} of the bench`); // prettier-ignore
  openssl('x509', '-req', '-in', file(`${name}.csr`), '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2', '-extfile', file('ext'), '-out', file(`${name}.pem`)); // prettier-ignore
}
const files = {
  caPem: file('ca.pem'),
  serverKey: file('server.key'),
  serverPem: file('server.pem'),
  clientKey: file('client.key'),
  clientPem: file('client.pem'),
  signerKey: file('signer.key'),
  signerPem: file('signer.pem'),
};
const stub = spawn(process.execPath, [join(here, 'stub.mjs'), JSON.stringify({ ...files, people })], { stdio: ['pipe', 'pipe', 'inherit'] }); // prettier-ignore
const port = await new Promise((resolve) => {
  stub.stdout.once('data', (data) => resolve(Number(data)));
});
const batches = await bundle('bench/mycarenet/batch-subject.ts');
const intakes = await bundle('bench/mycarenet/intake-subject.ts');
const rows = [];

async function batch(kind, path, count, more = {}) {
  const options = {
    kind,
    bundle: batches.path,
    url: `https://localhost:${port}/${path}`,
    files,
    people,
    count,
    warmUp: kind === 'classic' ? Math.min(size.warmUp, 100) : size.warmUp,
    connections: CONNECTIONS,
    marks: [],
    ...more,
  };
  const { stdout } = await runProgram(process.execPath, ['--expose-gc', join(here, 'one-batch.mjs'), JSON.stringify(options)]); // prettier-ignore
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

/** Milliseconds for one question, in the middle of a batch. */
const each = (kind, path, count) => async () => (await batch(kind, path, count)).ms / count;

try {
  const times = await takeTurns(
    {
      product: each('product', 'plain', size.count),
      limit: each('limit', 'plain', size.count),
      classic: each('classic', 'plain', size.classic),
      productSigned: each('product', 'signed', size.count),
      classicSigned: each('classic', 'signed', size.classic),
    },
    size.rounds,
  );
  const name = `${size.count} checks, ${CONNECTIONS} at a time, mutual TLS, journaled`;
  rows.push(
    { case: name, measure: 'rate', peer: 'undici, one RSA signature, no XML', value: times.limit / times.product, atLeast: 0.45 },
    { case: name, measure: 'rate', peer: 'xml-crypto, axios, fast-xml-parser', value: times.classic / times.product, atLeast: 4 },
    { case: `${name}, three signed assertions each`, measure: 'rate', peer: 'undici, one RSA signature, no XML', value: times.limit / times.productSigned },
    { case: `${name}, three signed assertions each`, measure: 'rate', peer: 'xml-crypto, axios, fast-xml-parser', value: times.classicSigned / times.productSigned },
  ); // prettier-ignore
  console.error(`checks a second: product ${Math.round(1000 / times.product)}, signed ${Math.round(1000 / times.productSigned)}, limit ${Math.round(1000 / times.limit)}, classic ${Math.round(1000 / times.classic)}, signed ${Math.round(1000 / times.classicSigned)}`); // prettier-ignore

  const [early, late] = size.marks;
  const grown = [];
  for (let round = 0; round < size.rounds; round += 1) {
    const { resident } = await batch('product', 'plain', late, { warmUp: 0, marks: size.marks });
    const half = resident.length / 2;
    grown.push(median(resident.slice(half)) - median(resident.slice(0, half)));
  }
  rows.push({ case: `batch of ${late}, after ${late} instead of ${early}`, measure: 'MiB more resident', peer: 'itself', value: median(grown) / 1024 ** 2, atMost: 16 }); // prettier-ignore

  const answer = file('answer.xml');
  const documents = [1, 2, 3, 4].map((seed) => flatFile(size.records, seed));
  writeFileSync(answer, answerWith(documents));
  const records = documents.length * (size.records + 1);
  const intake = async (options) => {
    const { stdout } = await runProgram(process.execPath, [join(here, 'intake.mjs'), JSON.stringify(options)]); // prettier-ignore
    return JSON.parse(stdout.trim().split('\n').at(-1));
  };
  const seen = { xmllint: [], ours: [], peak: [], bare: [] };
  for (let round = 0; round < size.intakes; round += 1) {
    seen.xmllint.push((await runProgram('xmllint', ['--noout', answer])).wallMs);
    const { wallMs, peakKib } = await intake({
      bundle: intakes.path,
      file: answer,
      records,
      times: 3,
    });
    seen.ours.push(...wallMs);
    seen.peak.push(peakKib);
    seen.bare.push((await intake({})).peakKib);
  }
  const large = `answer of ${Math.round(writtenBytes(documents) / 1e6)} MB, taken in, hashed, stored, split into records`;
  rows.push(
    { case: large, measure: 'times the wall time', peer: 'xmllint --noout', value: median(seen.ours) / median(seen.xmllint), atMost: 4 },
    { case: large, measure: 'MiB more resident', peer: 'a bare node', value: (median(seen.peak) - median(seen.bare)) / 1024, atMost: 100 },
  ); // prettier-ignore
} finally {
  stub.stdin.end();
  await batches.dispose();
  await intakes.dispose();
  rmSync(folder, { recursive: true, force: true });
}
report('mycarenet', rows);

function writtenBytes(documents) {
  return documents.reduce((sum, { length }) => sum + (length * 4) / 3, 0);
}
