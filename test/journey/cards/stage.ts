/**
 * Where a cell of the matrix is played: the whole program in this process, on a sandbox, with a keystore that is
 * due for renewal and another one to be revoked.
 *
 * @module
 */

import { openBench } from '../../commands/cert/bench.js';
import type { Bench } from '../../commands/cert/bench.js';
import type { Cell, CommandName } from './model.js';

export const SSIN = '79021599732';
const DAY_MS = 86_400_000;
/** In the replacement period, and later than the warning of 60 days. */
const DUE_DAYS = 80;

export class Stage {
  readonly bench: Bench;
  #files = 0;
  #victim: string | undefined;

  constructor(bench: Bench) {
    this.bench = bench;
  }

  /** Plays one command; `env` names the module. */
  async play(
    { command }: Pick<Cell, 'command'>,
    env: Readonly<Record<string, string>>,
  ): Promise<string> {
    const argv = await this.#argv(command);
    const { status, ctx } = await this.bench.json(argv, { env });
    if (status !== 0) {
      const last = ctx.stderr.at(-1) ?? '';
      return (JSON.parse(last) as { error: { code: string } }).error.code;
    }
    await this.#clear(command);
    return 'ok';
  }

  async #argv(command: CommandName): Promise<readonly string[]> {
    const { bench } = this;
    this.#files += 1;
    const out = ['--out', `made-${String(this.#files)}.p12`, '--new', '--accept-terms'];
    const contact = ['--email', 'jean@exemple.test', '--phone', '+3221234567'];
    const pin = ['--pin-file', bench.pinFile];
    const password = ['--password-file', bench.passwordFile];
    switch (command) {
      case 'eid read':
      case 'eid verify':
      case 'eid pin':
        return command.split(' ');
      case 'cert request':
        return ['cert', 'request', '--as', 'person', ...contact, ...out, ...pin, ...password];
      case 'cert renew':
        return ['cert', 'renew', 'due.p12', ...out, ...pin, ...password];
      case 'cert revoke': {
        this.#victim ??= await this.#issue('victim.p12', ['--force']);
        const id = this.#victim;
        return [
          'cert', 'revoke', '--request', id, '--reason', 'superseded', '--confirm', id, '--accept-terms', ...pin,
        ]; // prettier-ignore
      }
      case 'session open':
        return [
          'session', 'open', '--via', 'eid', '--as', 'doctor', '--keystore', 'due.p12', '--force', ...pin, ...password,
        ]; // prettier-ignore
    }
  }

  /** What a success leaves behind would stand in the way of the next cell. */
  async #clear(command: CommandName): Promise<void> {
    const { world } = this.bench;
    if (command === 'cert revoke') {
      this.#victim = undefined;
    }
    for (const { id, status } of await world.books()) {
      if (status === 'IN_PROGRESS') {
        await world.control('refuse', { id });
      }
    }
  }

  async #issue(file: string, flags: readonly string[] = []): Promise<string> {
    const { bench } = this;
    const notAfter = new Date(Date.now() + DUE_DAYS * DAY_MS).toISOString();
    const before = new Set((await bench.world.books()).map(({ id }) => id));
    await bench.json([
      'sandbox', 'keystore', 'create', '--data', bench.world.data, '--holder', `SSIN=${SSIN}`, '--out', file,
      '--not-before', '2025-01-01', '--not-after', notAfter.slice(0, 10), '--password-file', bench.passwordFile,
      ...flags,
    ]); // prettier-ignore
    const made = (await bench.world.books()).find(({ id }) => !before.has(id));
    if (made === undefined) {
      throw new Error('the sandbox made no certificate');
    }
    return made.id;
  }

  async prepare(): Promise<void> {
    await this.#issue('due.p12');
  }

  close(): Promise<void> {
    return this.bench.world.close();
  }
}

export async function openStage(trustEid?: string): Promise<Stage> {
  const bench = await openBench({
    approve: 'manual',
    ...(trustEid === undefined ? {} : { trustEid }),
  });
  const stage = new Stage(bench);
  await stage.prepare();
  return stage;
}
