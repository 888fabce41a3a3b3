/**
 * One password a day: after `session open` the built program asks for nothing until the agent locks, and then
 * refuses until the session is unlocked again, by the password alone.
 */

import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { agentAddress } from '../../src/agent/address.js';
import { fileDigest } from '../../src/agent/client.js';
import { startAgent } from '../../src/agent/start.js';
import { stopAgent } from '../../src/agent/stop.js';
import { openKeystore } from '../../src/keystore/keystore.js';
import { isAlive, openSockets, until } from '../agent/world.js';
import { createHome, PASSWORD, type Home } from '../support/binary.js';

interface AgentDocument {
  readonly state: string;
  readonly pid: number;
  readonly locksAt: string;
  readonly keystores: readonly { readonly alias: string; readonly path: string }[];
}

let home: Home;
let password: readonly string[];
const OPEN = ['session', 'open', '--via', 'keystore', '--as', 'doctor'];

beforeAll(async () => {
  home = await createHome();
  delete home.env['XDG_RUNTIME_DIR'];
  password = ['--password-file', home.passwordFile];
  await home.startSandbox('--seed', 'demo', '--record', home.path('record'));
  const file = home.path('jean.p12');
  const holder = [
    '--holder',
    'SSIN=79021599732',
    '--out',
    file,
    '--data',
    home.path('sandbox-data'),
  ];
  await home.json(['sandbox', 'keystore', 'create', ...holder, ...password]);
  await home.json(['keystore', 'import', file, '--alias', 'jean', '--use', ...password]);
  for (const [key, value] of [
    ['ehbox.quality', 'DOCTOR'],
    ['mycarenet.quality', 'doctor'],
    ['mycarenet.nihii', '19547181004'],
    ['mycarenet.name', 'Jean Exemple'],
  ] as const) {
    await home.json(['profile', 'set', key, value]);
  }
  await writeFile(home.path('letter.txt'), 'Dear colleague\n');
}, 60_000);
afterAll(() => home.close());
beforeEach(async () => {
  await home.run(['session', 'close']);
});

const agent = async (): Promise<AgentDocument> =>
  (await home.json(['session', 'agent', 'status']))['agent'] as AgentDocument;
const assertionId = (document: Record<string, unknown>): unknown =>
  (document['session'] as Record<string, unknown>)['assertionId'];
const stsCalls = async (): Promise<number> =>
  (await readdir(home.path('record'))).filter((name) => /-sts-.*request\.body$/.test(name)).length;

let letters = 0;
const seal = (): string[] => {
  letters += 1;
  return [
    'seal',
    'letter.txt',
    '--to',
    'SSIN=79021599732',
    '--out',
    home.path(`letter.${letters}`),
  ];
};

describe('a session that stays usable', () => {
  test('after one password: sync, insurability, seal and unseal ask for nothing', async () => {
    const opened = await home.json([...OPEN, ...password]);
    expect(opened['agent']).toMatchObject({ state: 'unlocked', keystores: [{ alias: 'jean' }] });
    expect(opened['session']).toMatchObject({ protocol: 'wstrust' });
    const asked = { input: '' };
    for (const argv of [
      ['ehbox', 'sync'],
      ['mycarenet', 'insurability', '85.06.11-998.14'],
      seal(),
      ['unseal', home.path(`letter.${letters}`), '--out', home.path('copy.txt')],
    ]) {
      const { status, stderr } = await home.run(argv, asked);
      expect({ argv, status, stderr: status === 0 ? '' : stderr }).toEqual({ argv, status: 0, stderr: '' });
    }
    expect(readFileSync(home.path('copy.txt'), 'utf8')).toBe('Dear colleague\n');
    const { messages } = (await home.json(['ehbox', 'list'])) as { messages: { sealStatus?: string }[] };
    expect(messages.some(({ sealStatus }) => sealStatus === 'ok')).toBe(true);
    // The same session again: nothing is asked, nothing is sent.
    const calls = await stsCalls();
    expect(assertionId(await home.json(['session', 'open']))).toBe(assertionId(opened));
    expect(await stsCalls()).toBe(calls);
    // A password on the command goes before the agent.
    const wrong = home.path('wrong');
    await writeFile(wrong, 'not this one, surely\n', { mode: 0o600 });
    expect(await home.failure([...seal(), '--password-file', wrong])).toMatchObject({ code: 'E_KEYSTORE_PASSWORD' });
    expect(await home.failure([...seal(), '--no-agent'])).toMatchObject({ status: 2, code: 'E_INPUT_REQUIRED' });
  }, 60_000); // prettier-ignore

  test('locked when idle: refused with status 4, then unlocked by the password alone', async () => {
    const opened = await home.json([...OPEN, ...password]);
    const { keystores } = await agent();
    // The rules of a day in short: an agent as `session open` starts it, idle for a moment.
    const state = home.path('home', 'state', 'sandbox');
    await stopAgent(state);
    const { path, alias } = keystores[0]!;
    const keystore = await openKeystore(path, new TextEncoder().encode(PASSWORD));
    const socket = await agentAddress(state, { env: {} });
    const endsAt = Date.now() + 3_600_000;
    const rules = { state, socket, profile: 'sandbox', environment: 'sandbox', assertionId: String(assertionId(opened)), notOnOrAfter: new Date(endsAt).toISOString(), endsAt, idleMs: 300 }; // prettier-ignore
    const pid = await startAgent({ rules, keystores: [{ alias, path, keystore, digest: await fileDigest(path) }] }); // prettier-ignore
    expect(await until(() => !isAlive(pid), 10_000)).toBe(true);

    expect(await agent()).toEqual({ state: 'locked' });
    for (const argv of [seal(), ['ehbox', 'sync'], ['mycarenet', 'insurability', '85.06.11-998.14']]) {
      const failure = await home.failure(argv);
      expect(failure).toMatchObject({ status: 4, code: 'E_SESSION_LOCKED', stdout: '' });
    }
    const refused = await home.run(seal());
    expect(refused.stderr).toContain('next: topaz session open');
    expect(await home.failure(['session', 'open'])).toMatchObject({ status: 2, code: 'E_INPUT_REQUIRED' });
    const calls = await stsCalls();
    const again = await home.json(['session', 'open', ...password]);
    expect(assertionId(again)).toBe(assertionId(opened));
    expect(await stsCalls()).toBe(calls);
    expect((await home.run(seal())).status).toBe(0);
  }, 60_000); // prettier-ignore

  test('two at once: one session, one agent', async () => {
    const both = await Promise.all([home.json([...OPEN, ...password]), home.json([...OPEN, ...password])]);
    expect(new Set(both.map(assertionId)).size).toBe(1);
    const pids = new Set(both.map((document) => (document['agent'] as AgentDocument).pid));
    expect([...pids].filter(isAlive)).toHaveLength(1);
    expect(pids.size).toBe(1);
  }, 60_000); // prettier-ignore
});

describe('what others see of it', () => {
  test('nothing secret on the command line or in the environment, no inherited descriptor', async () => {
    await writeFile(home.path('inherited'), 'open');
    const secret = { TOPAZ_KEYSTORE_PASSWORD: PASSWORD };
    const status = await new Promise((done) => {
      const script = `exec 5<inherited 20<inherited 33<inherited; exec "$0" "$@"`;
      const child = spawn('bash', ['-c', script, process.execPath, resolve('bin/topaz.js'), ...OPEN], {
        cwd: home.dir,
        env: { ...home.env, ...secret },
        stdio: 'ignore',
      });
      child.on('close', done);
    });
    expect(status).toBe(0);
    const { pid } = await agent();
    const proc = (name: string): string => readFileSync(`/proc/${pid}/${name}`, 'latin1');
    expect(proc('cmdline') + proc('environ')).not.toContain(PASSWORD);
    expect(proc('environ')).not.toContain('TOPAZ');
    expect(proc('limits')).toMatch(/^Max core file size\s+0\s+0\s/m);
    const fds = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    expect(fds.filter((target) => target.startsWith('/') && target !== '/dev/null')).toEqual([]);
    // The socket it listens on, and none besides once the pipe is closed.
    expect(await until(() => openSockets(pid).length === 1)).toBe(true);
  }, 60_000); // prettier-ignore
});

const deep = process.env['TOPAZ_DEEP'] === '1' ? test : test.skip;
deep(
  'locks after session.idleMinutes of the profile',
  async () => {
    await home.json(['profile', 'set', 'session.idleMinutes', '1']);
    try {
      await home.json([...OPEN, ...password]);
      const { pid } = await agent();
      await sleep(50_000);
      expect((await home.run(seal())).status).toBe(0);
      await sleep(25_000);
      expect((await agent()).state).toBe('unlocked');
      expect(await until(() => !isAlive(pid), 45_000)).toBe(true);
      expect(await home.failure(seal())).toMatchObject({ status: 4, code: 'E_SESSION_LOCKED' });
    } finally {
      await home.json(['profile', 'unset', 'session.idleMinutes']);
    }
  },
  150_000,
);
