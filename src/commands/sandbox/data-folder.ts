/**
 * Which sandbox is meant: `--data DIR`, else the one that the profile points to, else the one in the home's own
 * data.
 *
 * @module
 */

import { dirname, join, resolve } from 'node:path';

import type { Command } from 'commander';

import type { Run } from '../../cli/run.js';
import { profileOrNone } from '../eid/open-card.js';

export interface DataFlags {
  data?: string;
}

/** Adds `--data`. */
export const withData = (command: Command): Command =>
  command.option('--data <dir>', 'data folder of the sandbox (default: in the data of topaz)');

/** The data folder of a sandbox that is started, absolute. */
export const dataFolder = (run: Run, { data }: DataFlags): string =>
  data === undefined ? join(run.paths.data, 'sandbox', 'data') : resolve(run.ctx.cwd, data);

/** The data folder of the sandbox that runs: its root of TLS, which the profile names, lies in it. */
export async function runningFolder(run: Run, flags: DataFlags): Promise<string> {
  const profile = flags.data === undefined ? await profileOrNone(run) : undefined;
  const root = profile?.environment === 'sandbox' ? profile.trust.tls : undefined;
  return root === undefined ? dataFolder(run, flags) : dirname(dirname(root));
}

/** Asks the running sandbox. */
export async function ask(
  run: Run,
  flags: DataFlags,
  operation: string,
  parameters: Readonly<Record<string, unknown>> = {},
): Promise<Readonly<Record<string, unknown>>> {
  const { askSandbox } = await import('../../sandbox/control-socket.js');
  return askSandbox(await runningFolder(run, flags), operation, parameters, run.ctx.platform);
}
