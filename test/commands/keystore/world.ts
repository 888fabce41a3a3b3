/** A home with a profile and a password file, and command lines run in it. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { main } from '../../../src/main.js';
import { resolvePaths } from '../../../src/profile/paths.js';
import { writeProfileFile } from '../../../src/profile/profile.js';
import { PASSWORD } from '../../keystore/fixtures.js';
import { temporaryHome, testContext } from '../../support/context.js';
import type { ContextOverrides, TestContext } from '../../support/context.js';

export interface World {
  readonly dir: string;
  readonly keystores: string;
  /** `--password-file FILE`. */
  readonly password: readonly string[];
  /** Runs one command line. */
  run(
    argv: readonly string[],
    overrides?: ContextOverrides,
  ): Promise<TestContext & { readonly status: number }>;
  /** Runs with `--json`, expects success, gives the document. */
  json(argv: readonly string[], overrides?: ContextOverrides): Promise<Record<string, unknown>>;
  /** Runs with `--json`, gives status and error. */
  failure(
    argv: readonly string[],
    overrides?: ContextOverrides,
  ): Promise<{ status: number; code: string; message: string; hint?: string }>;
  remove(): Promise<void>;
}

/** A profile `cabinet` of the environment acc. */
export async function createWorld(profile: Readonly<Record<string, unknown>> = {}): Promise<World> {
  const { dir, env, remove } = await temporaryHome();
  const paths = resolvePaths({ env, platform: 'linux', home: dir });
  await writeProfileFile(paths, 'cabinet', { environment: 'acc', ...profile });
  const passwordFile = join(dir, 'pw');
  await writeFile(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
  await mkdir(join(dir, 'home'));
  const run: World['run'] = async (argv, overrides = {}) => {
    const ctx = testContext({
      cwd: dir,
      home: join(dir, 'home'),
      ...overrides,
      env: { ...env, TOPAZ_PROFILE: 'cabinet', ...overrides.env },
    });
    return { ...ctx, status: await main(['keystore', ...argv], ctx) };
  };
  return {
    dir,
    keystores: join(paths.data, 'cabinet', 'keystores'),
    password: ['--password-file', passwordFile],
    run,
    json: async (argv, overrides) => {
      const { status, stdout, stderr } = await run([...argv, '--json'], overrides);
      if (status !== 0) {
        throw new Error(`exit status ${status}: ${stderr.join('\n')}`);
      }
      return JSON.parse(stdout.join('\n')) as Record<string, unknown>;
    },
    failure: async (argv, overrides) => {
      const { status, stderr } = await run([...argv, '--json'], overrides);
      const { error } = JSON.parse(stderr.at(-1) ?? '{}') as {
        error: { code: string; message: string; hint?: string };
      };
      return { status, ...error };
    },
    remove,
  };
}
