/**
 * `topaz sandbox start`: the services on this machine, in the foreground until it is stopped, or detached.
 *
 * @module
 */

import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import type { SandboxFacts } from '../../sandbox/run-sandbox.js';
import { dataFolder, withData } from './data-folder.js';
import type { DataFlags } from './data-folder.js';

export interface StartOptions extends DataFlags {
  port: string;
  detach?: boolean;
  seed?: string;
  time?: string;
  approve?: string;
  trustEid?: string;
  record?: string;
  schemas?: string;
  strict?: boolean;
}

const READY_MS = 20_000;
const DEFAULT_PROFILE = 'sandbox';

/** `topaz sandbox start`. */
export function startCommand(ctx: Context, run = runStart): Command {
  const command = withData(
    new Command('start')
      .summary('play the eHealth services on this machine')
      .option('--port <n>', 'port on 127.0.0.1; 0 = any free one', '0')
      .option('--detach', 'return as soon as it answers; it goes on in the background')
      .option('--seed <name>', 'people and messages: demo, or a file')
      .option('--time <date>', 'where its clock stands, for example 2026-03-01T09:00:00Z')
      .option('--approve <how>', 'certificate requests: auto, manual, or after so many seconds')
      .option('--trust-eid <file>', 'more roots of identity cards (PEM)')
      .option('--record <dir>', 'keep every exchange, with the verdict of each check')
      .option('--schemas <dir>', 'folder of the official schemas')
      .option('--strict', 'refuse also what is only tolerated from official clients'),
  ).addHelpText(
    'after',
    `
Examples:
  # until Ctrl-C, with invented people
  $ topaz sandbox start --seed demo
  # in the background, for a script; requests wait for "topaz sandbox approve"
  $ topaz sandbox start --detach --seed demo --approve manual --json

It writes the profile "sandbox" (or --profile NAME): use it with TOPAZ_PROFILE=sandbox.`,
  );
  return command.action((options: StartOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runStart(run: Run, options: StartOptions): Promise<void> {
  if (options.detach === true) {
    print(run, await detach(run, options));
  } else {
    await stay(run, options);
  }
}

const print = (run: Run, facts: SandboxFacts): void => {
  run.result({ schema: 'topaz.sandbox.start/1', ...facts }, () => [facts.url]);
  run.remark(run.t('sandbox.start.ready', { profile: facts.profile, folder: facts.dataDir }));
};

/** In the foreground; comes back when the sandbox is stopped. */
async function stay(run: Run, options: StartOptions): Promise<void> {
  const { runSandbox } = await import('../../sandbox/run-sandbox.js');
  const { readSeed } = await import('../../sandbox/apply-seed.js');
  const { ctx } = run;
  const at = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : resolve(ctx.cwd, path);
  const sandbox = await runSandbox({
    paths: run.paths,
    dataFolder: dataFolder(run, options),
    port: portOf(options.port),
    profile: run.settings.profileFlag ?? DEFAULT_PROFILE,
    recordFolder: at(options.record),
    schemaFolders: [at(options.schemas), ...schemaFolders(ctx)],
    strict: options.strict,
    trustEid: at(options.trustEid),
    seed: options.seed === undefined ? undefined : await readSeed(options.seed === 'demo' ? 'demo' : resolve(ctx.cwd, options.seed)), // prettier-ignore
    approve: approvalOf(options.approve),
    time: timeOf(options.time),
    realNow: () => ctx.now().getTime(),
    newId: ctx.newId,
  });
  print(run, sandbox.facts);
  try {
    await Promise.race([sandbox.stopped, aborted(ctx.signal)]);
  } finally {
    await sandbox.close();
  }
}

/** Where the official schemas usually are: `TOPAZ_SHARED`, or beside the checkout. */
const schemaFolders = ({ env }: Context): readonly string[] => [
  ...(env['TOPAZ_SHARED'] === undefined ? [] : [join(env['TOPAZ_SHARED'], 'schemas')]),
  fileURLToPath(new URL('../../shared/schemas', import.meta.url)),
];

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (signal.aborted) {
      done();
    } else {
      signal.addEventListener('abort', () => {
        done();
      });
    }
  });

/** Starts the same command line as a process of its own and waits until it answers. */
async function detach(run: Run, options: StartOptions): Promise<SandboxFacts> {
  const { makePrivateFolder } = await import('../../disk/atomic.js');
  const folder = dataFolder(run, options);
  await makePrivateFolder(folder);
  const log = openSync(join(folder, 'sandbox.log'), 'a', 0o600);
  const child = spawn(process.execPath, [ENTRY, ...argumentsOf(run, options, folder)], {
    cwd: run.ctx.cwd,
    env: { ...run.ctx.env, TOPAZ_NO_INPUT: '1' },
    detached: true,
    stdio: ['ignore', 'pipe', log],
  });
  closeSync(log);
  try {
    return await firstDocument(child, join(folder, 'sandbox.log'));
  } finally {
    child.stdout?.destroy();
    child.unref();
  }
}

/** `bin/topaz.js` beside the folder of the built program. */
const ENTRY = fileURLToPath(new URL('../bin/topaz.js', import.meta.url));

function argumentsOf(run: Run, options: StartOptions, folder: string): readonly string[] {
  const flag = (name: string, value: string | undefined): readonly string[] =>
    value === undefined ? [] : [name, value];
  return [
    'sandbox',
    'start',
    '--json',
    '--data',
    folder,
    ...flag('--port', options.port),
    ...flag('--profile', run.settings.profileFlag),
    ...flag('--seed', options.seed),
    ...flag('--time', options.time),
    ...flag('--approve', options.approve),
    ...flag('--trust-eid', options.trustEid),
    ...flag('--record', options.record),
    ...flag('--schemas', options.schemas),
    ...(options.strict === true ? ['--strict'] : []),
  ];
}

type Child = ReturnType<typeof spawn>;

function firstDocument(child: Child, logFile: string): Promise<SandboxFacts> {
  return new Promise((done, fail) => {
    let text = '';
    const timer = setTimeout(() => {
      child.kill('SIGTERM');
      fail(failedStart(logFile));
    }, READY_MS);
    child.stdout?.setEncoding('utf8');
    child.stdout?.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end >= 0) {
        clearTimeout(timer);
        const { url, caFile, profile, pid, dataDir, recordDir } = JSON.parse(text.slice(0, end)) as SandboxFacts; // prettier-ignore
        done({ url, caFile, profile, pid, dataDir, recordDir });
      }
    });
    child.once('error', fail);
    child.once('exit', () => {
      clearTimeout(timer);
      errorOfLog(logFile).then(fail, fail);
    });
  });
}

const failedStart = (logFile: string): TopazError =>
  new TopazError('E_SANDBOX_NOT_RUNNING', 'the sandbox did not start', {
    facts: [`log: ${logFile}`],
    hint: 'run the same command without --detach to see why',
  });

/** The error document that the child left as its last line. */
async function errorOfLog(logFile: string): Promise<TopazError> {
  const { readFile } = await import('node:fs/promises');
  const { isErrorCode } = await import('../../errors.js');
  const last = (await readFile(logFile, 'utf8')).trim().split('\n').at(-1) ?? '';
  try {
    const { error } = JSON.parse(last) as {
      error: { code: string; message: string; hint?: string };
    };
    return isErrorCode(error.code)
      ? new TopazError(error.code, error.message, { hint: error.hint })
      : failedStart(logFile);
  } catch {
    return failedStart(logFile);
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new TopazError('E_USAGE', '--port takes a number up to 65535', { hint: '--port 0' });
  }
  return port;
}

function approvalOf(text: string | undefined): 'auto' | 'manual' | number | undefined {
  if (text === undefined || text === 'auto' || text === 'manual') {
    return text;
  }
  if (!/^\d{1,6}$/.test(text)) {
    throw new TopazError('E_USAGE', '--approve takes auto, manual or a number of seconds', {
      hint: '--approve manual',
    });
  }
  return Number(text);
}

/** A date of `--time`, or of `topaz sandbox time`. */
export function timeOf(text: string | undefined): Date | undefined {
  if (text === undefined) {
    return undefined;
  }
  const date = /^\d{4}-\d{2}-\d{2}/.test(text) ? new Date(text) : undefined;
  if (date === undefined || Number.isNaN(date.getTime())) {
    throw new TopazError('E_USAGE', 'this is not a date', {
      hint: 'write 2026-03-01 or 2026-03-01T09:00:00Z',
    });
  }
  return date;
}
