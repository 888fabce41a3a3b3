/**
 * Signing and verifying SOAP messages against xmlsec1 and xml-crypto; how the time grows with what a
 * document holds; how fast a hostile one is refused.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { bundle } from '../support/bundle.mjs';
import { median, takeTurns } from '../support/measure.mjs';
import { report } from '../support/report.mjs';
import { GROWING, hostile, payload, SIZES } from './documents.mjs';
import { xmlCrypto, xmlsec1 } from './peers.mjs';

const smoke = process.argv.includes('--smoke');
const WARM = smoke ? 0 : 6;
const MEGABYTE = 1024 * 1024;
const CASES = [
  {
    name: '5 KB',
    bytes: 5 * 1024,
    ours: smoke ? 20 : 100,
    theirs: smoke ? 20 : 100,
    crypto: smoke ? 1 : 5,
  },
  {
    name: '1 MB',
    bytes: smoke ? 64 * 1024 : MEGABYTE,
    ours: smoke ? 1 : 3,
    theirs: smoke ? 1 : 3,
    crypto: 1,
  },
];
const TARGETS = {
  '5 KB': { sign: { xmlsec1: 1, 'xml-crypto': 8 }, verify: { xmlsec1: 1, 'xml-crypto': 20 } },
  '1 MB': { sign: { xmlsec1: 0.9, 'xml-crypto': 20 }, verify: { xmlsec1: 0.8, 'xml-crypto': 20 } },
};

const folder = await mkdtemp(join(tmpdir(), 'topaz-bench-xml-'));
const { path, dispose } = await bundle('bench/xml/subject.ts');
const rows = [];
try {
  const subject = await import(path);
  const keys = await makeKeys();
  for (const each of CASES) {
    rows.push(...(await againstPeers(each, subject, keys)));
  }
  rows.push(...(await growth(subject)), ...(await refusals(subject)));
} finally {
  await dispose();
  await rm(folder, { recursive: true, force: true });
}
report('xml', rows);

async function makeKeys() {
  const [keyFile, certificateFile] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      keyFile,
      '-out',
      certificateFile,
      '-subj',
      '/CN=bench',
      '-days',
      '2',
    ],
    { stdio: 'ignore' },
  );
  const [keyPem, certificatePem] = await Promise.all(
    [keyFile, certificateFile].map((file) => readFile(file, 'utf8')),
  );
  return { keyFile, certificateFile, keyPem, certificatePem };
}

async function againstPeers({ name, bytes, ours, theirs, crypto }, subject, keys) {
  const tree = subject.readXml(payload(bytes));
  const sign = subject.createBenchSigner(keys.keyPem, keys.certificatePem);
  const verify = subject.createVerifier(keys.certificatePem);
  const strict = subject.createStrictVerifier(keys.certificatePem);
  const message = Buffer.from(await sign(tree));
  const xml = message.toString();
  const peer = await xmlsec1(folder, bytes, xml, keys, theirs);
  const other = xmlCrypto(xml, keys);
  const own = { sign: [], verify: [] };
  // As a long-running program is: its code is compiled by then.
  await each(5 * ours, () => sign(tree));
  await each(5 * ours, () => verify(message));
  await each(5 * ours, () => strict(message));
  const times = await takeTurns(
    {
      sign: () => each(ours, () => sign(tree), WARM),
      verify: () => each(ours, () => verify(message), WARM),
      strict: () => each(ours, () => strict(message), WARM),
      'sign xmlsec1': () => noted(peer.sign, own.sign),
      'verify xmlsec1': () => noted(peer.verify, own.verify),
      'sign xml-crypto': () => each(crypto, other.sign),
      'verify xml-crypto': () => each(crypto, other.verify),
    },
    smoke ? 1 : 5,
  );
  const processor = {
    sign: await processorMs(ours, () => sign(tree)),
    verify: await processorMs(ours, () => verify(message)),
  };
  return ['sign', 'verify'].flatMap((what) => [
    ...['xmlsec1', 'xml-crypto'].map((who) => ({
      case: `${what} ${name}`,
      measure: 'speed',
      peer: who,
      value: times[`${what} ${who}`] / times[what],
      atLeast: TARGETS[name][what][who],
    })),
    {
      case: `${what} ${name}`,
      measure: 'speed, processor',
      peer: 'xmlsec1 without its reading',
      value: median(own[what]) / processor[what],
    },
    ...(what === 'verify'
      ? [
          {
            case: `verify ${name}, whole policy`,
            measure: 'speed',
            peer: 'xmlsec1',
            value: times['verify xmlsec1'] / times.strict,
          },
        ]
      : []),
  ]);
}

async function noted(run, own) {
  const { wallMs, ownMs } = await run();
  own.push(ownMs);
  return wallMs;
}

/**
 * Milliseconds of one, from many. What the others allocate makes the engine forget compiled code that rests
 * meanwhile: a few runs before bring it back.
 */
async function each(count, work, warm = 0) {
  for (let done = 0; done < warm; done += 1) {
    await work();
  }
  const start = performance.now();
  for (let done = 0; done < count; done += 1) {
    await work();
  }
  return (performance.now() - start) / count;
}

async function processorMs(count, work) {
  const rounds = [];
  for (let round = 0; round < (smoke ? 1 : 3); round += 1) {
    const before = process.cpuUsage();
    await each(count, work);
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / 1000 / count);
  }
  return median(rounds);
}

/** Processor time, so that other work on the machine does not count; garbage is collected in between. */
function processor(work) {
  globalThis.gc?.();
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function growth({ readAndCanonicalize }) {
  const found = [];
  for (const [name, make] of Object.entries(GROWING)) {
    const size = smoke ? Math.ceil(SIZES[name] / 10) : SIZES[name];
    const [small, large] = [size, 2 * size].map((n) => Buffer.from(make(n)));
    const times = await takeTurns(
      {
        warm: () => processor(() => readAndCanonicalize(small)),
        small: () => processor(() => readAndCanonicalize(small)),
        large: () => processor(() => readAndCanonicalize(large)),
      },
      // Each takes some milliseconds: the compiler and the collector fall on single rounds.
      smoke ? 1 : 41,
    );
    found.push({
      case: `twice as much: ${name}`,
      measure: 'time',
      peer: 'half of it',
      value: times.large / times.small,
      atMost: 2.5,
    });
  }
  return found;
}

/** Against reading a good message of the same size. */
async function refusals({ isRefused }) {
  const bytes = smoke ? 64 * 1024 : MEGABYTE;
  const good = Buffer.from(payload(bytes));
  const documents = Object.entries(hostile(bytes)).map(([name, text]) => [name, Buffer.from(text)]);
  const accepted = documents.filter(([, document]) => !isRefused(document));
  if (accepted.length > 0) {
    throw new Error(`not refused: ${accepted.map(([name]) => name).join(', ')}`);
  }
  const times = await takeTurns(
    {
      good: () => processor(() => isRefused(good)),
      ...Object.fromEntries(
        documents.map(([name, document]) => [name, () => processor(() => isRefused(document))]),
      ),
    },
    smoke ? 1 : 5,
  );
  return documents.map(([name]) => ({
    case: `hostile 1 MB: ${name}`,
    measure: 'time',
    peer: 'reading a good one',
    value: times[name] / times.good,
    atMost: 2,
  }));
}
