/**
 * What it costs to start: the processor time of short commands of the built program against a bare Node, in random
 * order. The home is one of the sandbox, with a finished keystore and a mirrored mailbox.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { processorMs, runProgram, takeTurns } from '../support/measure.mjs';
import { report } from '../support/report.mjs';

const smoke = process.argv.includes('--smoke');
const ROUNDS = smoke ? 1 : 25;
const TOPAZ = fileURLToPath(new URL('../../bin/topaz.js', import.meta.url));
/** Command lines, and how many times a bare Node they may cost. */
const COMMANDS = [
  ['--version', 1.15],
  ['--help', 1.25],
  ['mycarenet insurability --help', 1.3],
  ['help glossary --lang fr', 1.3],
  ['today', 1.6],
  ['today --all-profiles --json', 1.6],
  ['cert status', 1.6],
  ['keystore list', 1.6],
  ['profile list', 1.6],
];

if (!existsSync(fileURLToPath(new URL('../../dist/main.js', import.meta.url)))) {
  throw new Error('dist is missing: npm run build');
}
const folder = await mkdtemp(join(tmpdir(), 'topaz-bench-startup-'));
/** The environment of whoever runs this, for the peer too: `NODE_EXTRA_CA_CERTS` alone can double a bare Node. */
const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('TOPAZ_'));
const env = {
  ...Object.fromEntries(inherited),
  LANG: 'C.UTF-8',
  TOPAZ_HOME: join(folder, 'home'),
  TOPAZ_PROFILE: 'sandbox',
  TOPAZ_PKCS11_MODULE: `sandbox:${join(folder, 'card')}`,
};
const topaz = (line) =>
  runProgram(process.execPath, [TOPAZ, ...line.split(' ')], { cwd: folder, env });
try {
  await makeHome();
  report('startup', await measure());
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function makeHome() {
  await writeFile(join(folder, 'pin'), '1234\n', { mode: 0o600 });
  await writeFile(join(folder, 'password'), 'bench only, no secret\n', { mode: 0o600 });
  const secrets = '--pin-file pin --password-file password';
  await topaz('sandbox start --detach --seed demo --approve auto --data data');
  try {
    await topaz('sandbox card create --out card');
    await topaz(
      `cert request --as person --email jean@exemple.test --phone +3221234567 --accept-terms ${secrets}`,
    );
    await topaz('cert finalize --use --password-file password');
    await topaz(`session open --via eid --as doctor ${secrets}`);
    await topaz('profile set ehbox.quality DOCTOR');
    await topaz('ehbox sync');
    await topaz('session close');
  } finally {
    await topaz('sandbox stop');
  }
}

async function measure() {
  const candidates = Object.fromEntries(
    COMMANDS.map(([line]) => [
      line,
      () => processorMs(process.execPath, [TOPAZ, ...line.split(' ')], { cwd: folder, env }),
    ]),
  );
  const times = await takeTurns(
    { ...candidates, bare: () => processorMs(process.execPath, ['-e', '0'], { cwd: folder, env }) },
    ROUNDS,
    { random: true },
  );
  return COMMANDS.map(([line, atMost]) => ({
    case: `topaz ${line}`,
    measure: 'processor time, whole run',
    peer: 'node -e 0',
    value: times[line] / times.bare,
    atMost,
  }));
}
