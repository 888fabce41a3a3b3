/**
 * Opening a keystore whose key derivations have 600 000 rounds: the processor time of a whole run against a bare
 * Node and twice `openssl pkcs12` on the same file, and how late a timer is meanwhile.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { bundle } from '../support/bundle.mjs';
import { processorMs, runProgram, takeTurns } from '../support/measure.mjs';
import { report } from '../support/report.mjs';

const smoke = process.argv.includes('--smoke');
const ROUNDS = smoke ? 20_000 : 600_000;
const PASSWORD = 'bench only, no secret';
const PROGRAM = fileURLToPath(new URL('open.mjs', import.meta.url));
/** How the file is written; openssl uses the same rounds for the keys and for the MAC. */
const FORMATS = {
  'PBES2, AES-256, MAC SHA-256': { flags: [], atMost: 1 },
  // For information: Node has no native derivation of this kind, and such files have 100 000 rounds at most.
  '3DES, MAC SHA-1': {
    flags: ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1'],
  },
};
const MAX_LAG_MS = 50;

const folder = await mkdtemp(join(tmpdir(), 'topaz-bench-p12-'));
const { path, dispose } = await bundle('bench/p12/subject.ts');
const rows = [];
try {
  const files = makeFiles();
  await writeFile(join(folder, 'password'), PASSWORD, { mode: 0o600 });
  for (const [format, file] of Object.entries(files)) {
    rows.push(...(await measure(format, file)));
  }
} finally {
  await dispose();
  await rm(folder, { recursive: true, force: true });
}
report('p12', rows);

function makeFiles() {
  const [key, certificate] = ['key.pem', 'certificate.pem'].map((name) => join(folder, name));
  const openssl = (args) => execFileSync('openssl', args, { stdio: 'ignore' });
  openssl(['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-subj', '/CN=bench', '-days', '2']); // prettier-ignore
  return Object.fromEntries(
    Object.entries(FORMATS).map(([format, { flags }], index) => {
      const file = join(folder, `${index}.p12`);
      openssl(['pkcs12', '-export', '-inkey', key, '-in', certificate, '-passout', `pass:${PASSWORD}`, '-iter', String(ROUNDS), ...flags, '-out', file]); // prettier-ignore
      return [format, file];
    }),
  );
}

async function measure(format, file) {
  const name = `open, ${ROUNDS} rounds, ${format}`;
  const open = [PROGRAM, path, file, PASSWORD];
  const read = ['pkcs12', '-in', file, '-passin', `file:${join(folder, 'password')}`, '-nodes', '-out', '/dev/null']; // prettier-ignore
  const rounds = smoke ? 1 : 7;
  const times = await takeTurns(
    {
      ours: () => processorMs(process.execPath, open),
      bare: () => processorMs(process.execPath, ['-e', '0']),
      openssl: () => processorMs('openssl', read),
    },
    rounds,
  );
  const lag = await takeTurns({ worst: () => worstLagMs(open) }, rounds);
  return [
    {
      case: name,
      measure: 'processor time, whole run',
      peer: 'bare Node + 2 x openssl pkcs12',
      value: times.ours / (times.bare + 2 * times.openssl),
      ...(FORMATS[format].atMost === undefined ? {} : { atMost: FORMATS[format].atMost }),
    },
    {
      case: name,
      measure: 'ms that a timer is late at worst',
      peer: '',
      value: lag.worst,
      atMost: MAX_LAG_MS,
    },
  ];
}

async function worstLagMs(open) {
  const { stdout } = await runProgram(process.execPath, [...open, '--lag']);
  return Number(stdout);
}
