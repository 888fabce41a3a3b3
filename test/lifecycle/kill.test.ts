/**
 * kill −9 at random moments of request, finalize and renew, with a fixed seed: after each, no key that eHealth
 * knows is missing from disk, no keystore is half written, nothing was asked twice; and the same command, run
 * again, reaches the end. TOPAZ_DEEP=1 kills a hundred times.
 */

import { spawn } from 'node:child_process';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { keystoreRequestId, openKeystore } from '../../src/keystore/keystore.js';
import type { Keystore } from '../../src/keystore/keystore.js';
import { askSandbox } from '../../src/sandbox/control-socket.js';
import { demoSeed } from '../../src/sandbox/demo-seed.js';
import { createHome, PASSWORD, type Home } from '../support/binary.js';

const DEEP = process.env['TOPAZ_DEEP'] === '1';
const KILLS = DEEP ? 100 : 4;
/** Of one command before it may run to its end. */
const ATTEMPTS = DEEP ? 8 : 2;
const SSIN = '79021599732';
const DAY_MS = 86_400_000;
const SEED = 20_260_301;
/** Each attempt may last longer than the one before, so that kills reach the end of a command too. */
const GROWTH = 1.4;

/** Numbers from 0 to 1, the same in each run (a linear congruence of 2^31). */
function random(seed: number): () => number {
  let state = BigInt(seed);
  return () => {
    state = (state * 1_103_515_245n + 12_345n) % 2_147_483_648n;
    return Number(state) / 2_147_483_648;
  };
}

let home: Home;
let password: readonly string[];
const next = random(SEED);
const kills = { request: 0, finalize: 0, renew: 0 };

const control = (operation: string, parameters = {}): Promise<Readonly<Record<string, unknown>>> =>
  askSandbox(home.path('sandbox-data'), operation, parameters);

const folders = () => ({
  keystores: home.path('home', 'data', 'sandbox', 'keystores'),
  state: home.path('home', 'state', 'sandbox'),
});

beforeAll(async () => {
  home = await createHome();
  password = ['--password-file', home.passwordFile];
  await home.json([
    'sandbox', 'card', 'create', '--out', home.path('card'), '--ssin', SSIN, '--name', 'Jean Exemple', '--key', 'rsa',
  ]); // prettier-ignore
  home.env['TOPAZ_PKCS11_MODULE'] = `sandbox:${home.path('card')}`;
  await home.startSandbox('--seed', 'demo', '--approve', 'auto');
}, 120_000);

afterAll(async () => {
  await home.close();
}, 60_000);

interface Run {
  readonly status: number | null;
  readonly stderr: string;
}

/** Runs topaz; killed after a while, its status is `null`. */
function runFor(args: readonly string[], ms: number | undefined): Promise<Run> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [resolve('bin/topaz.js'), ...args, '--json'], {
      cwd: home.dir,
      env: home.env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    const timer = ms === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), ms);
    child.on('close', (status) => {
      clearTimeout(timer);
      done({ status, stderr });
    });
  });
}

async function keystores(): Promise<readonly Keystore[]> {
  const { keystores: folder } = folders();
  const names = await readdir(folder).catch(() => []);
  return Promise.all(
    names
      .filter((name) => name.endsWith('.p12'))
      .map((name) => openKeystore(join(folder, name), new TextEncoder().encode(PASSWORD))),
  );
}

/** What must hold at every moment. */
async function expectNothingLost(atMost: number): Promise<void> {
  const { requests } = (await control('status')) as { requests: readonly { id: string }[] };
  expect(requests.length).toBeLessThanOrEqual(atMost);
  // Each opens: none is half written.
  const ids = (await keystores()).map(keystoreRequestId);
  expect(requests.map(({ id }) => id).filter((id) => !ids.includes(id))).toEqual([]);
}

/** Kills the command until it ends by itself, a few times at most; then lets it run. */
async function persist(
  phase: keyof typeof kills,
  args: readonly string[],
  requests: number,
  typicalMs: number,
): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const { status } = await runFor(args, Math.round(100 + next() * typicalMs * GROWTH ** attempt));
    await expectNothingLost(requests);
    if (status === 0) {
      return;
    }
    kills[phase] += status === null ? 1 : 0;
  }
  const { status, stderr } = await runFor(args, undefined);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  await expectNothingLost(requests);
}

/** One certificate from the request to the finalized renewal. */
async function round(typicalMs: number): Promise<void> {
  const { keystores: folder, state } = folders();
  await rm(folder, { recursive: true, force: true });
  await rm(state, { recursive: true, force: true });
  await control('reset');
  const { persons, organisations } = demoSeed();
  await control('seed', {
    document: { schema: 'topaz.sandbox.seed/1', persons, organisations },
  });
  await control('time', { date: new Date().toISOString() });
  await persist('request', [
    'cert', 'request', '--as', 'person', '--email', 'jean@exemple.test', '--phone', '+3221234567', '--accept-terms',
    '--pin-file', home.pinFile, ...password,
  ], 1, typicalMs); // prettier-ignore
  await persist('finalize', ['cert', 'finalize', '--use', ...password], 1, typicalMs);
  await control('time', { date: new Date(Date.now() + 1020 * DAY_MS).toISOString() });
  await persist(
    'renew',
    ['cert', 'renew', '--if-due', '--accept-terms', ...password],
    2,
    typicalMs,
  );
  await persist('finalize', ['cert', 'finalize', ...password], 2, typicalMs);
  const { requests } = (await control('status')) as {
    requests: readonly { status: string; etk: string }[];
  };
  expect(requests.map(({ status, etk }) => `${status} ${etk}`)).toEqual([
    'VALID_ACTIVE VALID_ACTIVE',
    'VALID_ACTIVE WAIT_FOR_ACTIVATION',
  ]);
  const finished = (await keystores()).filter(({ state: ready }) => ready === 'ready');
  expect(finished.map(({ encryption }) => encryption.length).sort()).toEqual([1, 2]);
}

/** Kills fall where this machine has got to: the figures differ a little from run to run, the outcome does not. */
const crashPage = (summary: string): string => `# Killed and run again

\`kill -9\` at random moments of \`cert request\`, \`cert finalize\` and \`cert renew --if-due\`, on the sandbox, with a
fixed seed. After each kill: every request that eHealth knows has its private key on disk, no keystore is half
written, nothing was asked twice; the same command, run again, reached the end. Written by
\`test/lifecycle/kill.test.ts\` with \`TOPAZ_DEEP=1 TOPAZ_WRITE_TABLES=1\`.

    ${summary}`;

test(
  'request, finalize and renew survive kill −9 at any moment',
  async () => {
    // How long a command takes on this machine now.
    const start = performance.now();
    await runFor(['cert', 'list'], undefined);
    const typicalMs = Math.max(600, 2.5 * (performance.now() - start));
    for (let total = 0; total < KILLS; total = kills.request + kills.finalize + kills.renew) {
      await round(typicalMs);
    }
    const { request, finalize, renew } = kills;
    const summary = `killed ${String(request + finalize + renew)} times (seed ${String(SEED)}): request ${String(request)}, finalize ${String(finalize)}, renew ${String(renew)}; nothing lost\n`;
    process.stdout.write(summary);
    if (process.env['TOPAZ_WRITE_TABLES'] === '1') {
      await writeFile(resolve('docs/tables/crash.md'), crashPage(summary));
    }
    expect(Math.min(kills.request, kills.finalize, kills.renew)).toBeGreaterThan(0);
  },
  20 * 60_000,
);

test('two processes on one profile: the second waits, then says who holds the requests', async () => {
  const { state } = folders();
  const { acquireLock } = await import('../../src/disk/lock.js');
  const lock = await acquireLock(join(state, 'requests', 'lock'), {});
  try {
    for (const args of [
      ['cert', 'finalize', ...password],
      ['cert', 'renew', '--if-due', '--accept-terms', ...password],
    ]) {
      const { status, stderr } = await runFor([...args, '--lock-timeout', '300ms'], undefined);
      expect(status).toBe(3);
      expect(stderr).toContain('E_LOCKED');
      expect(stderr).toContain(String(process.pid));
    }
    const waiting = runFor(['cert', 'finalize', ...password, '--lock-timeout', '30s'], undefined);
    setTimeout(() => void lock.release(), 500);
    expect((await waiting).status).toBe(0);
  } finally {
    await lock.release();
  }
}, 120_000);
