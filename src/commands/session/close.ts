/**
 * `topaz session close`: forgets the session and locks its keys. The STS knows no log-out: what is dropped here
 * is gone.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import type { Environment } from '../../profile/environment.js';
import { inTurn, sessionFolder } from './stored-session.js';

export interface CloseOptions {
  all?: boolean;
}

/** `topaz session close`. */
export function closeCommand(ctx: Context, run = runClose): Command {
  const command = new Command('close')
    .summary('close the session')
    .option('--all', 'those of every profile and environment')
    .addHelpText(
      'after',
      `
Examples:
  # at the end of the day
  $ topaz session close
  # on a machine that others use too
  $ topaz session close --all`,
    );
  return command.action((options: CloseOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runClose(run: Run, { all = false }: CloseOptions): Promise<void> {
  const closed = all ? await closeAll(run) : await closeOne(run);
  run.result({ schema: 'topaz.session.close/1', closed }, () => []);
  run.done(run.t(closed ? 'session.close.done' : 'session.close.none'));
}

async function closeOne(run: Run): Promise<boolean> {
  const { environment } = await run.profile();
  return close(run, sessionFolder(run), [environment]);
}

/** Also those of profiles that were removed meanwhile: their folders are still there. */
async function closeAll(run: Run): Promise<boolean> {
  const [{ ENVIRONMENTS }, { listProfiles }, { profileFolders }, { readdir }] = await Promise.all([
    import('../../profile/environment.js'),
    import('../../profile/profile.js'),
    import('../../profile/paths.js'),
    import('node:fs/promises'),
  ]);
  const entries = await readdir(run.paths.state, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const closed: boolean[] = [];
  for (const name of new Set([...(await listProfiles(run.paths)), ...folders])) {
    const folder = profileFolders(run.paths, name).state;
    closed.push(folders.includes(name) && (await close(run, folder, ENVIRONMENTS)));
  }
  return closed.includes(true);
}

/** Drops the keys first: whatever becomes of the file, nobody signs with it any more. */
function close(run: Run, folder: string, environments: readonly Environment[]): Promise<boolean> {
  return inTurn(
    run,
    async () => {
      const [{ removeSession }, { stopAgent }] = await Promise.all([
        import('../../sts/session-store.js'),
        import('../../agent/stop.js'),
      ]);
      let closed = false;
      try {
        closed = await stopAgent(folder);
      } finally {
        for (const environment of environments) {
          closed = (await removeSession(folder, environment)) || closed;
        }
      }
      return closed;
    },
    folder,
  );
}
