/**
 * A home with a doctor's keystore and an open session at a sandbox in this process; commands run as typed.
 *
 * @module
 */

import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { main } from '../../../src/main.js';
import { resolvePaths } from '../../../src/profile/paths.js';
import { demoSeed } from '../../../src/sandbox/demo-seed.js';
import { runSandbox } from '../../../src/sandbox/run-sandbox.js';
import { temporaryHome, testContext } from '../../support/context.js';
import type { ContextOverrides } from '../../support/context.js';
import { SHARED } from '../../support/tools.js';

export interface Outcome {
  readonly status: number;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

export interface SandboxWorld {
  readonly dir: string;
  run(argv: readonly string[], overrides?: ContextOverrides): Promise<Outcome>;
  json(argv: readonly string[]): Promise<Record<string, unknown>>;
  failure(
    argv: readonly string[],
  ): Promise<{ status: number; code: string; document: Record<string, unknown> | undefined }>;
  /** Lets an operation of the eHealthBox fail. */
  play(operation: string, kind: string, ...more: readonly string[]): Promise<unknown>;
  /** The flags that name the sandbox. */
  readonly data: readonly string[];
  close(): Promise<void>;
}

export async function openSandboxWorld(): Promise<SandboxWorld> {
  const home = await temporaryHome();
  const password = join(home.dir, 'password');
  await writeFile(password, 'twelve or more\n', { mode: 0o600 });
  const dataFolder = join(home.dir, 'data-of-sandbox');
  const data = ['--data', dataFolder];
  const sandbox = await runSandbox({
    paths: resolvePaths({ env: home.env, platform: 'linux', home: home.dir }),
    dataFolder,
    port: 0,
    profile: 'sandbox',
    schemaFolders: [join(SHARED, 'schemas')],
    strict: true,
    seed: demoSeed(),
    realNow: () => Date.now(),
    newId: randomUUID,
  });
  const run: SandboxWorld['run'] = async (argv, overrides = {}) => {
    const ctx = testContext({
      cwd: home.dir,
      now: () => new Date(),
      newId: randomUUID,
      ...overrides,
      env: {
        ...home.env,
        TOPAZ_PROFILE: 'sandbox',
        NO_COLOR: '1',
        TOPAZ_KEYSTORE_PASSWORD_FILE: password,
        ...overrides.env,
      },
    });
    return { status: await main(argv, ctx), stdout: ctx.stdout, stderr: ctx.stderr };
  };
  const json: SandboxWorld['json'] = async (argv) => {
    const { status, stdout, stderr } = await run([...argv, '--json']);
    if (status !== 0) {
      throw new Error(stderr.join('\n'));
    }
    return JSON.parse(stdout.join('\n')) as Record<string, unknown>;
  };
  const path = join(home.dir, 'doctor.p12');
  await json(['sandbox', 'keystore', 'create', '--holder', 'SSIN=79021599732', '--out', path, '--password-file', password, ...data]); // prettier-ignore
  await json(['keystore', 'import', path, '--alias', 'doctor', '--use']);
  await json(['profile', 'set', 'ehbox.quality', 'DOCTOR']);
  await json(['session', 'open', '--via', 'keystore', '--as', 'doctor', '--force']);
  return {
    dir: home.dir,
    run,
    json,
    failure: async (argv) => {
      const { status, stdout, stderr } = await run([...argv, '--json']);
      const { error } = JSON.parse(stderr.at(-1) ?? '{}') as { error: { code: string } };
      const text = stdout.join('\n');
      const document = text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>);
      return { status, code: error.code, document };
    },
    play: (operation, kind, ...more) =>
      json(['sandbox', 'fail', `ehboxConsultation.${operation}`, '--with', kind, ...more, ...data]),
    data,
    close: async () => {
      await sandbox.close();
      await home.remove();
    },
  };
}
