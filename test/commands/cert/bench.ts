/**
 * `topaz cert …` through the whole program, in this process, on a sandbox with a simulated card.
 *
 * @module
 */

import { randomUUID } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { main } from '../../../src/main.js';
import { setCard } from '../../../src/pkcs11/simulated/card-folder.js';
import { demoSeed } from '../../../src/sandbox/demo-seed.js';
import { CARD_PIN, openWorld, PASSWORD } from '../../lifecycle/world.js';
import type { World } from '../../lifecycle/world.js';
import { testContext } from '../../support/context.js';
import { checkDocument } from '../../support/json-schema.js';
import type { ContextOverrides, TestContext } from '../../support/context.js';

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly ctx: TestContext;
  /** The JSON document on stdout. */
  readonly json: Record<string, unknown>;
  /** The error document, the last line of stderr. */
  readonly error: {
    code: string;
    message: string;
    hint: string;
    details?: Record<string, unknown>;
  };
}

export class Bench {
  readonly world: World;
  readonly card: string;
  #module: string;

  constructor(world: World, card: string, module: string) {
    this.world = world;
    this.card = card;
    this.#module = module;
  }

  get pinFile(): string {
    return this.world.path('pin');
  }

  get passwordFile(): string {
    return this.world.path('password');
  }

  get secrets(): readonly string[] {
    return ['--pin-file', this.pinFile, '--password-file', this.passwordFile];
  }

  /** Flags of a request that needs nobody. */
  get request(): readonly string[] {
    return [
      'cert', 'request', '--as', 'person', '--email', 'jean@exemple.test', '--phone', '+3221234567', '--accept-terms',
      ...this.secrets,
    ]; // prettier-ignore
  }

  get keystores(): string {
    return join(this.world.paths.data, 'sandbox', 'keystores');
  }

  async run(
    argv: readonly string[],
    { env = {}, ...overrides }: ContextOverrides = {},
  ): Promise<Outcome> {
    const ctx = testContext({
      cwd: this.world.dir,
      now: () => new Date(),
      newId: () => randomUUID(),
      ...overrides,
      env: {
        TOPAZ_HOME: join(this.world.dir, 'home'),
        TOPAZ_PROFILE: 'sandbox',
        TOPAZ_LANG: 'en',
        LANG: 'C.UTF-8',
        NO_COLOR: '1',
        TOPAZ_PKCS11_MODULE: this.#module,
        ...env,
      },
    });
    const status = await main(argv, ctx);
    const stdout = ctx.stdout.join('\n');
    const stderr = ctx.stderr.join('\n');
    return {
      status,
      stdout,
      stderr,
      ctx,
      get json() {
        const document = JSON.parse(stdout) as Record<string, unknown>;
        const problems = checkDocument(document);
        if (problems.length > 0) {
          throw new Error(`the document does not fit its schema: ${problems.join('; ')}`);
        }
        return document;
      },
      get error() {
        const last = JSON.parse(ctx.stderr.at(-1) ?? '') as { error: Outcome['error'] };
        return last.error;
      },
    };
  }

  /** Runs with `--json`. */
  json(argv: readonly string[], overrides?: ContextOverrides): Promise<Outcome> {
    return this.run([...argv, '--json'], overrides);
  }

  /** No request, no keystore, a card with all its tries, and a sandbox that knows its people. */
  async startAfresh(): Promise<void> {
    const { world } = this;
    await world.control('reset');
    await world.control('fail', { clear: true });
    const { persons, organisations } = demoSeed();
    await world.control('seed', {
      document: { schema: 'topaz.sandbox.seed/1', persons, organisations },
    });
    await rm(join(world.paths.state, 'sandbox'), { recursive: true, force: true });
    await rm(this.keystores, { recursive: true, force: true });
    for (const name of await readdir(world.dir)) {
      if (/^doctor/.test(name)) {
        await rm(world.path(name));
      }
    }
    await setCard(this.card, 'triesLeft', '3');
    await this.dialog('right');
  }

  /** What the PIN window of the card answers. */
  dialog(outcome: 'right' | 'wrong' | 'cancel' | 'none'): Promise<void> {
    return this.dialogOf(this.card, outcome);
  }

  /** The same of another card. */
  dialogOf(card: string, outcome: 'right' | 'wrong' | 'cancel' | 'none'): Promise<void> {
    return writeFile(join(card, 'dialog'), `${outcome}\n`);
  }
}

export async function openBench(options?: Parameters<typeof openWorld>[0]): Promise<Bench> {
  const world = await openWorld(options);
  const card = world.path('card');
  const bench = new Bench(world, card, await world.makeCard('card'));
  await writeFile(bench.pinFile, `${CARD_PIN}\n`, { mode: 0o600 });
  await writeFile(bench.passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
  return bench;
}
