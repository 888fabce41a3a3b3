/** Sessions whose keys stay unlocked: `topaz session …` in this process, with real agents. */

import { readdirSync } from 'node:fs';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

// Loaded beforehand: jest loses its way when a command loads several for the first time at once.
import '../../../src/commands/seal/index.js';
import '../../../src/etee/seal.js';
import '../../../src/etee/verify-etk.js';
import '../../../src/etk/obtain.js';
import { isAlive, until } from '../../agent/world.js';
import { PASSWORD } from '../../lifecycle/world.js';
import { scriptedPrompter } from '../../support/context.js';
import type { ContextOverrides } from '../../support/context.js';
import { openBench } from '../cert/bench.js';
import type { Bench, Outcome } from '../cert/bench.js';

interface AgentDocument {
  readonly state: string;
  readonly pid: number;
  readonly locksAt: string;
  readonly keystores: readonly { readonly alias: string; readonly path: string }[];
}

let bench: Bench;
let password: readonly string[];
const OPEN = ['session', 'open', '--via', 'keystore', '--as', 'doctor'];

const run = (argv: readonly string[], { env, ...more }: ContextOverrides = {}): Promise<Outcome> =>
  bench.run(argv, { ...more, env: { TOPAZ_NO_AGENT: '', ...env } });

/** The document of a command that must succeed. */
async function json(
  argv: readonly string[],
  overrides?: ContextOverrides,
): Promise<Record<string, unknown>> {
  const outcome = await run([...argv, '--json'], overrides);
  if (outcome.status !== 0) throw new Error(`topaz ${argv.join(' ')}: ${outcome.stderr}`);
  return outcome.json;
}

async function failure(
  argv: readonly string[],
): Promise<{ status: number; code: string; stdout: string; hint: string }> {
  const { status, stdout, error } = await run([...argv, '--json']);
  return { status, stdout, code: error.code, hint: error.hint };
}

const agent = async (): Promise<AgentDocument> =>
  (await json(['session', 'agent', 'status']))['agent'] as AgentDocument;
const agentIn = (document: Record<string, unknown>): AgentDocument =>
  document['agent'] as AgentDocument;
const assertionId = (document: Record<string, unknown>): unknown =>
  (document['session'] as Record<string, unknown>)['assertionId'];
const stsCalls = (): number =>
  readdirSync(bench.world.path('record')).filter((name) => /-sts-.*request\.body$/.test(name))
    .length;

let letters = 0;
/** A command that needs a key. */
const seal = (): string[] => {
  letters += 1;
  return ['seal', 'letter.txt', '--to', 'SSIN=79021599732', '--out', `letter.${letters}`];
};

beforeAll(async () => {
  bench = await openBench();
  password = ['--password-file', bench.passwordFile];
  for (const [alias, holder] of [
    ['older', 'SSIN=79021599732'],
    ['jean', 'SSIN=79021599732'],
    ['group', 'NIHII-GROUP=94499180'],
  ] as const) {
    const file = `${alias}.p12`;
    await json([
      'sandbox',
      'keystore',
      'create',
      '--holder',
      holder,
      '--out',
      file,
      '--data',
      bench.world.data,
      ...password,
    ]);
    await json(['keystore', 'import', file, '--alias', alias, ...password]);
  }
  await json(['keystore', 'use', 'jean']);
  await writeFile(bench.world.path('letter.txt'), 'Dear colleague\n');
}, 60_000);
afterAll(async () => {
  await run(['session', 'close', '--all']);
  await bench.world.close();
});
beforeEach(async () => {
  await run(['session', 'close']);
});

describe('session open', () => {
  test('asks for the password once; the same again asks and sends nothing', async () => {
    const { prompter, asked } = scriptedPrompter(PASSWORD);
    const opened = await run(OPEN, { terminal: true, prompter });
    expect(asked).toEqual([expect.stringContaining('jean')]);
    expect(opened.stdout).toMatch(/^Session open as doctor .*\nUnlocked until .*: jean$/);
    const calls = stsCalls();
    const silent = scriptedPrompter();
    expect((await run(OPEN, { terminal: true, prompter: silent.prompter })).status).toBe(0);
    expect((await run(seal(), { terminal: true, prompter: silent.prompter })).status).toBe(0);
    expect(silent.asked).toEqual([]);
    expect(stsCalls()).toBe(calls);
  });

  test('what needs the certificates alone asks for nothing either', async () => {
    await json([...OPEN, ...password]);
    const status = await json(['cert', 'status']);
    expect(status['certificates']).toMatchObject([
      { usage: 'authentication', holder: { id: '79021599732' } },
      { usage: 'encryption' },
    ]);
    expect(status).toEqual(await json(['cert', 'status', ...password]));
    expect(await failure(['cert', 'status', '--no-agent'])).toMatchObject({ status: 2 });
  });

  test('without --via goes on with the session that is open', async () => {
    const opened = await json([...OPEN, ...password]);
    expect(assertionId(await json(['session', 'open']))).toBe(assertionId(opened));
  });

  test('a new one needs no password either: the agent signs, and stays until its own end', async () => {
    const opened = await json([...OPEN, ...password]);
    const fresh = await json([...OPEN, '--force']);
    expect(assertionId(fresh)).not.toBe(assertionId(opened));
    expect(agentIn(fresh).pid).toBe(agentIn(opened).pid);
    process.kill(agentIn(fresh).pid, 'SIGTERM');
    expect(await until(() => !isAlive(agentIn(fresh).pid))).toBe(true);
    expect(await failure(seal())).toMatchObject({ status: 4, code: 'E_SESSION_LOCKED' });
  });

  test('remembers the protocol: the other one is a new session', async () => {
    const opened = await json([...OPEN, ...password]);
    expect(opened['session']).toMatchObject({ protocol: 'wstrust' });
    expect(assertionId(await json([...OPEN, '--sts', 'wstrust']))).toBe(assertionId(opened));
    const other = await json([...OPEN, '--sts', 'saml']);
    expect(other['session']).toMatchObject({ protocol: 'saml' });
    expect((await json(['session', 'status']))['session']).toMatchObject({ protocol: 'saml' });
  });

  test('a keystore of --unlock that does not open stops it before the STS is asked', async () => {
    const calls = stsCalls();
    const missing = await failure([...OPEN, '--unlock', 'nobody', ...password]);
    expect(missing).toMatchObject({ status: 3, code: 'E_KEYSTORE_UNKNOWN' });
    const file = ['--password-file', `jean=${bench.passwordFile}`];
    expect(await failure([...OPEN, '--unlock', 'older', ...file])).toMatchObject({
      code: 'E_INPUT_REQUIRED',
    });
    expect(stsCalls()).toBe(calls);
    expect(await agent()).toEqual({ state: 'none' });
  });

  test('a changed keystore file is not the one that was unlocked', async () => {
    await json([...OPEN, ...password]);
    const path = (await agent()).keystores[0]?.path ?? '';
    const { readFile, writeFile: write } = await import('node:fs/promises');
    const before = await readFile(path);
    try {
      await write(path, await readFile(bench.world.path('older.p12')));
      expect(await failure(seal())).toMatchObject({ status: 4, code: 'E_SESSION_LOCKED' });
    } finally {
      await write(path, before);
    }
    expect((await run(seal())).status).toBe(0);
  });
});

describe('unseal', () => {
  test('an older keystore opens when it is unlocked, and is named when it is not', async () => {
    const letter = ['seal', 'letter.txt', '--to', 'SSIN=79021599732', '--out', 'for-jean'];
    await json([...letter, '--force', ...password]);
    await json(['keystore', 'use', 'older']);
    await json(['profile', 'set', 'alternates', 'jean']);
    try {
      await json([...OPEN, ...password]);
      const closed = await run(['unseal', 'for-jean', '--out', 'opened']);
      expect(closed).toMatchObject({ status: 9 });
      expect(closed.stderr).toContain('jean');
      await json([...OPEN, '--unlock', 'jean', ...password]);
      expect((await run(['unseal', 'for-jean', '--out', 'opened', '--force'])).status).toBe(0);
    } finally {
      await run(['profile', 'unset', 'alternates']);
      await run(['keystore', 'use', 'jean']);
    }
  });
});

describe('the keys stay and go', () => {
  test('a killed agent hinders nobody; SIGTERM locks', async () => {
    const opened = await json([...OPEN, ...password]);
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const { pid } = await agent();
      process.kill(pid, signal);
      expect(await until(() => !isAlive(pid))).toBe(true);
      expect(await failure(seal())).toMatchObject({ status: 4, code: 'E_SESSION_LOCKED' });
      expect(assertionId(await json(['session', 'open', ...password]))).toBe(assertionId(opened));
      expect(await agent()).toMatchObject({ state: 'unlocked' });
    }
  });

  test('close ends it at once, and so do a new password and the removal of the keystore', async () => {
    await json([...OPEN, '--unlock', 'older', ...password]);
    const first = await agent();
    expect(first.keystores.map(({ alias }) => alias)).toEqual(['jean', 'older']);
    const changed = bench.world.path('changed');
    await writeFile(changed, `${PASSWORD}, and more\n`, { mode: 0o600 });
    await json(['keystore', 'passwd', 'older', ...password, '--new-password-file', changed]);
    expect((await agent()).keystores.map(({ alias }) => alias)).toEqual(['jean']);
    const locked = await failure([...seal(), '--keystore', 'older']);
    expect(locked).toMatchObject({ code: 'E_SESSION_LOCKED' });
    await json(['keystore', 'remove', 'jean', '--force', '--yes']);
    expect(await until(() => !isAlive(first.pid))).toBe(true);
    await json([
      'keystore',
      'import',
      bench.world.path('jean.p12'),
      '--alias',
      'jean',
      '--use',
      ...password,
    ]);
    expect(await json(['session', 'close'])).toMatchObject({ closed: true });
    expect(await agent()).toEqual({ state: 'none' });
    await json([...OPEN, ...password]);
    const { pid } = await agent();
    expect(await json(['session', 'close', '--all'])).toMatchObject({ closed: true });
    expect(isAlive(pid)).toBe(false);
    expect(await failure(seal())).toMatchObject({ status: 2, code: 'E_INPUT_REQUIRED' });
  });

  test('the keystore of the organisation is unlocked too; one that stays closed is named', async () => {
    const changed = bench.world.path('group-password');
    await writeFile(changed, 'only for the group, this\n', { mode: 0o600 });
    await json(['keystore', 'passwd', 'group', ...password, '--new-password-file', changed]);
    await json(['keystore', 'use', 'group', '--organisation']);
    try {
      const closed = await run([...OPEN, ...password]);
      expect(closed).toMatchObject({ status: 0 });
      expect(closed.stderr).toContain('group stays closed');
      const both = await json([...OPEN, '--force', '--password-file', `jean=${bench.passwordFile}`, '--password-file', `group=${changed}`]);
      expect((both['agent'] as AgentDocument).keystores.map(({ alias }) => alias)).toEqual(['jean', 'group']);
      await run(['session', 'close']);
      const env = { TOPAZ_KEYSTORE_PASSWORD_FILE__JEAN: bench.passwordFile, TOPAZ_KEYSTORE_PASSWORD_FILE__GROUP: changed };
      expect((await run(OPEN, { env })).status).toBe(0);
      expect((await agent()).keystores.map(({ alias }) => alias)).toEqual(['jean', 'group']);
      expect((await run([...seal(), '--keystore', 'group'])).status).toBe(0);
    } finally {
      await run(['profile', 'unset', 'organisationKeystore']);
    }
  }); // prettier-ignore

  test('--no-agent starts none, ends one, and works from password sources', async () => {
    const opened = await json([...OPEN, ...password]);
    const { pid } = await agent();
    const kept = await json([...OPEN, '--no-agent']);
    expect(kept).toMatchObject({ agent: { state: 'none' } });
    expect(assertionId(kept)).toBe(assertionId(opened));
    expect(isAlive(pid)).toBe(false);
    expect((await run([...seal(), ...password])).status).toBe(0);
    expect(await failure(seal())).toMatchObject({ status: 2, code: 'E_INPUT_REQUIRED' });
    const env = { TOPAZ_NO_AGENT: '1', TOPAZ_KEYSTORE_PASSWORD_FILE: bench.passwordFile };
    expect((await run([...OPEN, '--force'], { env })).status).toBe(0);
    expect(await agent()).toEqual({ state: 'none' });
    expect((await run(['ehbox', 'sync'], { env })).status).toBe(0);
  });

  test('when the clock of the sandbox passes the end, the keys go', async () => {
    await json([...OPEN, ...password]);
    const { pid } = await agent();
    const data = ['--data', bench.world.data];
    const later = new Date(Date.now() + 25 * 3_600_000).toISOString();
    try {
      await json(['sandbox', 'time', later, ...data]);
      expect(await failure(['ehbox', 'sync'])).toMatchObject({ status: 4, code: 'E_SESSION_EXPIRED' });
      expect(await agent()).toEqual({ state: 'none' });
      expect(await until(() => !isAlive(pid))).toBe(true);
      // A session of that later time: its end is that much further away, and the agent knows.
      const opened = await json([...OPEN, '--minutes', '30', ...password]);
      const { locksAt } = opened['agent'] as AgentDocument;
      const left = new Date(locksAt).getTime() - Date.now();
      expect(left).toBeGreaterThan(28 * 60_000);
      expect(left).toBeLessThanOrEqual(30 * 60_000 + 2000);
    } finally {
      await json(['sandbox', 'time', new Date().toISOString(), ...data]);
    }
  }); // prettier-ignore

  test('a runtime folder that others may enter is not used; one of one’s own is', async () => {
    const runtime = bench.world.path('runtime');
    await mkdir(runtime, { mode: 0o700 });
    const env = { XDG_RUNTIME_DIR: runtime };
    await run([...OPEN, ...password], { env });
    expect(await readdir(join(runtime, 'topaz'))).toHaveLength(1);
    // Commands find the agent also without that variable.
    expect(await agent()).toMatchObject({ state: 'unlocked' });
    await chmod(join(runtime, 'topaz'), 0o750);
    const refused = await failure(seal());
    expect(refused).toMatchObject({ status: 3, code: 'E_AGENT_UNSAFE' });
    expect((await run([...seal(), '--no-agent', ...password])).status).toBe(0);
    await chmod(join(runtime, 'topaz'), 0o700);
    await chmod(runtime, 0o755);
    await run(['session', 'close']);
    await run([...OPEN, ...password], { env });
    expect(await readdir(join(runtime, 'topaz'))).toHaveLength(0);
  });
});
