/**
 * Power cuts: topaz is killed at chosen and at random moments of request, finalize and sync, answers get
 * lost, and the same command is run again. In the end there is one certificate, every key fits, and every
 * message is there. TOPAZ_DEEP=1 kills many more times.
 */

import { execFile, spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { createHome, type Home } from '../support/binary.js';

const run = promisify(execFile);
const KILLS = process.env['TOPAZ_DEEP'] === '1' ? 40 : 4;
const SSIN = '79021599732';

let home: Home;
let password: string[];
let pin: string[];
const data = (): string[] => ['--data', home.path('sandbox-data')];

beforeAll(async () => {
  home = await createHome();
  password = ['--password-file', home.passwordFile];
  pin = ['--pin-file', home.pinFile];
  await home.json([
    'sandbox', 'card', 'create', '--out', home.path('card'), '--ssin', SSIN, '--name', 'Jean Exemple', '--key', 'rsa',
  ]); // prettier-ignore
  home.env['TOPAZ_PKCS11_MODULE'] = `sandbox:${home.path('card')}`;
  await home.startSandbox('--seed', 'demo', '--approve', 'auto');
  await home.json(['profile', 'set', 'ehbox.quality', 'DOCTOR']);
}, 60_000);

afterAll(async () => {
  await home.close();
}, 30_000);

/** Runs topaz and kills it after a while; `undefined` when it was killed. */
function runAndKill(args: readonly string[], afterMs: number): Promise<number | undefined> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [resolve('bin/topaz.js'), ...args, '--json'], {
      cwd: home.dir,
      env: home.env,
      stdio: 'ignore',
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
    child.on('close', (status) => {
      clearTimeout(timer);
      done(status ?? undefined);
    });
  });
}

/** Moments spread over the time that the command takes; fixed, so that a failure can be played again. */
const moments = (longestMs: number): readonly number[] =>
  Array.from({ length: KILLS }, (_, n) => Math.round(((n + 0.5) * longestMs) / KILLS));

const REQUEST = () => [
  'cert', 'request', '--as', 'person', '--email', 'jean@exemple.test', '--phone', '+3221234567', '--accept-terms',
  ...pin, ...password,
]; // prettier-ignore

interface Status {
  requests: { id: string; status: string; holder: { id: string } }[];
}

const requestsAtServer = async (): Promise<Status['requests']> =>
  ((await home.json(['sandbox', 'status', ...data()])) as unknown as Status).requests;

describe('killed and run again', () => {
  test('a request reaches eHealth once, whatever happened before', async () => {
    for (const ms of moments(1500)) {
      await runAndKill(REQUEST(), ms);
    }
    await home.json(['sandbox', 'fail', 'certra.GenerateCertificate', '--with', 'lost', '--times', '1', ...data()]); // prettier-ignore
    await home.run([...REQUEST(), '--json']);
    await home.run([...REQUEST(), '--json']);
    expect(await requestsAtServer()).toHaveLength(1);
  }, 300_000);

  test('finalize ends with one certificate, its key and a published ETK', async () => {
    for (const ms of moments(1500)) {
      await runAndKill(['cert', 'finalize', '--use', ...password], ms);
    }
    for (const operation of ['StartETKRegistration', 'CompleteETKRegistration']) {
      await home.json(['sandbox', 'fail', `etkra.${operation}`, '--with', 'lost', '--times', '1', ...data()]); // prettier-ignore
    }
    await home.run(['cert', 'finalize', '--use', ...password]);
    await home.run(['cert', 'finalize', '--use', ...password]);
    const finalized = await home.json(['cert', 'finalize', '--use', ...password]);
    await home.json(['sandbox', 'fail', '--clear', ...data()]);
    expect(finalized).toMatchObject({ request: { state: 'issued' }, etk: { registered: true } });
    const { path } = finalized['keystore'] as { path: string };
    const { stdout } = await run('openssl', [
      'pkcs12', '-in', path, '-passin', `file:${home.passwordFile}`, '-nodes', '-info',
    ]); // prettier-ignore
    expect(stdout.match(/BEGIN PRIVATE KEY/g)).toHaveLength(2);
    const { serial } = finalized['etk'] as { serial: string };
    const fetched = JSON.stringify(await home.json(['etk', 'fetch', `SSIN=${SSIN}`, '--refresh']));
    expect(fetched).toContain(serial);
  }, 300_000);

  test('sync loses no message and fetches none twice', async () => {
    await home.json(['session', 'open', '--via', 'keystore', '--as', 'doctor', ...password]);
    for (const ms of moments(1200)) {
      await runAndKill(['ehbox', 'sync', ...password], ms);
    }
    await home.json(['sandbox', 'fail', 'ehboxConsultation.GetFullMessage', '--with', 'lost', '--times', '1', ...data()]); // prettier-ignore
    await home.run(['ehbox', 'sync', ...password]);
    const last = await home.json(['ehbox', 'sync', ...password]);
    expect(last).toMatchObject({ failed: [], pending: 0 });
    const { messages } = (await home.json(['ehbox', 'list'])) as { messages: { id: string }[] };
    expect(messages).toHaveLength(7);
    expect(new Set(messages.map(({ id }) => id)).size).toBe(7);
    const temporary = (await readdir(home.dir, { recursive: true })).filter((path) =>
      /\/ehbox\/.*\/tmp\/./.test(path),
    );
    expect(temporary).toEqual([]);
  }, 300_000);
});
