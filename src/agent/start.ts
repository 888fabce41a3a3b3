/**
 * Starts the agent: a process of its own session and without a terminal, in `/`, with an empty environment,
 * without core dumps, with nothing open but a pipe. The keys go through that pipe.
 *
 * @module
 */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { isErrorCode, TopazError } from '../errors.js';
import { encodeHandover } from './handover.js';
import type { Handover } from './handover.js';
import { readFrame } from './protocol.js';
import type { Frame } from './protocol.js';

const READY_MS = 15_000;
const SHELL = '/bin/sh';
const PRLIMIT = '/usr/bin/prlimit';

/** The built agent: beside the bundle, or in `dist` when this file runs from its source. */
export function defaultAgentFile(from: string = import.meta.url): string {
  return fileURLToPath(new URL(from.endsWith('.ts') ? '../../dist/agent.js' : './agent.js', from));
}

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * The command line that starts `node file` without core dumps: by the shell's `ulimit`, else by `prlimit`.
 * Windows has no core files.
 *
 * @throws TopazError `E_AGENT_UNSAFE` where neither program is there.
 */
export function launchOf(
  node: string,
  file: string,
  platform: NodeJS.Platform = process.platform,
  exists: (path: string) => boolean = existsSync,
): Launch {
  if (platform === 'win32') {
    return { command: node, args: [file] };
  }
  if (exists(SHELL)) {
    return { command: SHELL, args: ['-c', 'ulimit -c 0 && exec "$0" "$@"', node, file] };
  }
  if (exists(PRLIMIT)) {
    return { command: PRLIMIT, args: ['--core=0:0', '--', node, file] };
  }
  throw new TopazError('E_AGENT_UNSAFE', 'core dumps cannot be switched off on this system', {
    facts: [`neither ${SHELL} nor ${PRLIMIT} is there`],
    hint: 'add --no-agent; the password is asked by each command then',
  });
}

export interface StartOptions {
  /** @default the built one */
  readonly agentFile?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Environment of the command; Windows needs a little of it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform;
}

/**
 * Starts an agent and waits until it serves. The caller made sure that the folder of the socket is safe.
 *
 * @returns Its process id.
 * @throws TopazError what kept the agent from serving, `E_AGENT_UNSAFE`, `E_INTERRUPTED`.
 */
export async function startAgent(
  handover: Handover,
  {
    agentFile = defaultAgentFile(),
    signal,
    env = {},
    platform = process.platform,
  }: StartOptions = {},
): Promise<number> {
  const { command, args } = launchOf(process.execPath, agentFile, platform);
  const child = spawn(command, args, {
    cwd: platform === 'win32' ? undefined : '/',
    env: platform === 'win32' ? { SystemRoot: env['SystemRoot'] } : {},
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const gone = new Promise<never>((_, fail) => {
    child.once('error', (cause) => {
      fail(notStarted('it could not be started', cause));
    });
    child.once('exit', (status) => {
      fail(notStarted(`it ended with status ${String(status)}`));
    });
  });
  const aborted = new Promise<never>((_, fail) => {
    signal?.addEventListener(
      'abort',
      () => {
        fail(new TopazError('E_INTERRUPTED', 'interrupted', { cause: signal.reason }));
      },
      { once: true },
    );
  });
  try {
    const ready = await Promise.race([hand(child.stdio[3], handover), gone, aborted]);
    return pidOf(ready);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    child.removeAllListeners();
    child.stdio[3]?.destroy();
    child.unref();
    gone.catch(() => undefined);
    aborted.catch(() => undefined);
  }
}

async function hand(pipe: unknown, handover: Handover): Promise<Frame> {
  if (!(pipe instanceof Duplex)) {
    throw notStarted('it has no pipe');
  }
  pipe.on('error', () => undefined);
  const answer = readFrame(pipe, { timeoutMs: READY_MS });
  const frame = encodeHandover(handover);
  pipe.write(frame, () => {
    frame.fill(0);
  });
  try {
    return await answer;
  } catch (error) {
    throw notStarted('it did not answer', error);
  }
}

function pidOf({ header }: Frame): number {
  const { ok, pid, code, message, hint, facts } = header;
  if (ok === true && typeof pid === 'number') {
    return pid;
  }
  if (typeof code === 'string' && isErrorCode(code) && typeof message === 'string') {
    throw new TopazError(code, message, {
      hint: typeof hint === 'string' ? hint : undefined,
      facts: Array.isArray(facts) ? facts.map(String) : [],
    });
  }
  throw notStarted('it answered something else');
}

const notStarted = (why: string, cause?: unknown): TopazError =>
  new TopazError('E_INTERNAL', 'the session agent does not run', {
    facts: [why],
    hint: 'run the command again with --no-agent',
    cause,
  });
