/**
 * The built program in a home of its own: `dist` must be there (`npm test` builds it first).
 *
 * @module
 */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const PIN = '1234';
export const PASSWORD = 'journey only, 12 or more';

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A home for one test: a PIN file, a password file, and topaz run in it. */
export class Home {
  readonly dir: string;
  readonly env: Record<string, string>;

  constructor(dir: string) {
    this.dir = dir;
    const inherited = Object.entries(process.env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && !entry[0].startsWith('TOPAZ_'),
    );
    this.env = {
      ...Object.fromEntries(inherited),
      TOPAZ_HOME: join(dir, 'home'),
      TOPAZ_PROFILE: 'sandbox',
      TOPAZ_LANG: 'en',
      NO_COLOR: '1',
    };
  }

  path(...names: string[]): string {
    return join(this.dir, ...names);
  }

  get pinFile(): string {
    return this.path('pin');
  }

  get passwordFile(): string {
    return this.path('password');
  }

  /** Runs topaz; `input` goes to its standard input. */
  run(
    args: readonly string[],
    { env = {}, input = '' }: { env?: Record<string, string>; input?: string } = {},
  ): Promise<Outcome> {
    return new Promise((done, fail) => {
      const child = spawn(process.execPath, [resolve('bin/topaz.js'), ...args], {
        cwd: this.dir,
        env: { ...this.env, ...env },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
      child.on('error', fail);
      child.on('close', (status) => {
        done({ status, stdout, stderr });
      });
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
    });
  }

  /** Runs topaz with `--json`, expects `status`, and gives the document of stdout. */
  async json(
    args: readonly string[],
    { status = 0 }: { status?: number } = {},
  ): Promise<Record<string, unknown>> {
    const outcome = await this.run([...args, '--json']);
    if (outcome.status !== status) {
      throw new Error(
        `topaz ${args.join(' ')}: exit status ${outcome.status}, expected ${status}\n${outcome.stderr}`,
      );
    }
    return outcome.stdout.trim() === ''
      ? {}
      : (JSON.parse(outcome.stdout) as Record<string, unknown>);
  }

  /** The error document that a failing command leaves as the last line of stderr. */
  async failure(
    args: readonly string[],
  ): Promise<{ status: number | null; code: string; stdout: string; message: string }> {
    const { status, stdout, stderr } = await this.run([...args, '--json']);
    const last = stderr.trim().split('\n').at(-1) ?? '';
    const { error } = JSON.parse(last) as { error: { code: string; message: string } };
    return { status, code: error.code, stdout, message: error.message };
  }

  async startSandbox(...options: string[]): Promise<Record<string, unknown>> {
    return this.json([
      'sandbox',
      'start',
      '--detach',
      '--data',
      this.path('sandbox-data'),
      ...options,
    ]);
  }

  async close(): Promise<void> {
    // Agents end by themselves when their home is gone; here nothing is left to that.
    await this.run(['session', 'close', '--all']);
    await this.run(['sandbox', 'stop', '--data', this.path('sandbox-data')]);
    await rm(this.dir, { recursive: true, force: true });
  }
}

export async function createHome(): Promise<Home> {
  if (!existsSync(resolve('dist/main.js'))) {
    throw new Error('dist is missing: run `npm run build` first');
  }
  const home = new Home(await mkdtemp(join(tmpdir(), 'topaz-home-')));
  await writeFile(home.pinFile, `${PIN}\n`, { mode: 0o600 });
  await writeFile(home.passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
  return home;
}
