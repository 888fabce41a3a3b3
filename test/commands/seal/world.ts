/**
 * A home with a profile whose keystores and trust are those of `fixtures/cms`. Nothing answers on the
 * network: ETKs come from files or from copies.
 *
 * @module
 */

import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { writeCachedEtk } from '../../../src/etk/cache.js';
import type { Identifier } from '../../../src/ids/identifier.js';
import { main } from '../../../src/main.js';
import { temporaryHome, testContext } from '../../support/context.js';
import type { ContextOverrides, TestContext } from '../../support/context.js';
import { etkOf, MADE_AT, pkiPath, type HolderName } from '../../etee/pki.js';

const DEPOT = 'https://services-acpt.ehealth.fgov.be/EtkDepot/v1';

export interface Outcome {
  readonly status: number;
  readonly ctx: TestContext;
  /** What was written to stdout as bytes. */
  readonly bytes: Buffer;
}

export interface World {
  /** The folder that commands run in. */
  readonly dir: string;
  readonly path: (name: string) => string;
  run(argv: readonly string[], overrides?: ContextOverrides): Promise<Outcome>;
  /** Runs with `--json`; the document of stdout. */
  json(argv: readonly string[], overrides?: ContextOverrides): Promise<Record<string, unknown>>;
  /** Runs with `--json`, expects a failure; the error of stderr. */
  failure(
    argv: readonly string[],
    overrides?: ContextOverrides,
  ): Promise<{ code: string; message: string; hint?: string; facts?: string[]; details?: unknown }>;
  /** Puts a copy of an ETK where the depot's answers are kept. */
  copyEtk(identifier: Identifier, name: HolderName): Promise<void>;
  /** What is registered as not finished. */
  pending(): Promise<readonly string[]>;
  /** The folder of the register. */
  readonly registry: string;
  remove(): Promise<void>;
}

export async function createWorld(): Promise<World> {
  const home = await temporaryHome();
  const dir = join(home.dir, 'work');
  const registry = join(home.dir, 'state', 'pending');
  const keystores = join(home.dir, 'data', 'default', 'keystores');
  await mkdir(dir);
  await mkdir(keystores, { recursive: true, mode: 0o700 });
  await mkdir(join(home.dir, 'config', 'profiles'), { recursive: true, mode: 0o700 });
  for (const name of ['sender', 'recipient', 'other', 'expired']) {
    await copyFile(pkiPath(`${name}.p12`), join(keystores, `${name}.p12`));
  }
  await writeFile(join(dir, 'password'), 'test\n', { mode: 0o600 });
  const profile = {
    schema: 'topaz.profile/1',
    environment: 'acc',
    keystore: 'sender',
    trust: { ehealthRoots: pkiPath('root.pem') },
  };
  await writeFile(join(home.dir, 'config', 'profiles', 'default.json'), JSON.stringify(profile), {
    mode: 0o600,
  });
  const run: World['run'] = async (argv, { env = {}, ...overrides } = {}) => {
    const ctx = testContext({
      cwd: dir,
      now: () => MADE_AT,
      ...overrides,
      env: {
        ...home.env,
        TOPAZ_PROFILE: 'default',
        NO_COLOR: '1',
        TOPAZ_KEYSTORE_PASSWORD_FILE: join(dir, 'password'),
        ...env,
      },
    });
    const status = await main(argv, ctx);
    return { status, ctx, bytes: Buffer.concat(ctx.bytes) };
  };
  return {
    dir,
    path: (name) => join(dir, name),
    run,
    json: async (argv, overrides) => {
      const { status, ctx } = await run([...argv, '--json'], overrides);
      if (status !== 0) {
        throw new Error(ctx.stderr.join('\n'));
      }
      return JSON.parse(ctx.stdout.join('\n')) as Record<string, unknown>;
    },
    failure: async (argv, overrides) => {
      const { ctx } = await run([...argv, '--json'], overrides);
      const { error } = JSON.parse(ctx.stderr.at(-1) ?? '{}') as {
        error: { code: string; message: string };
      };
      return error;
    },
    copyEtk: async (identifier, name) => {
      const folder = join(home.dir, 'cache', 'etk', 'acc');
      await writeCachedEtk(folder, { identifier, url: DEPOT }, etkOf(name), MADE_AT);
    },
    registry,
    pending: () => readdir(registry).catch(() => []),
    remove: home.remove,
  };
}
