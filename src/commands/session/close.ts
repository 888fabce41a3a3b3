/**
 * `topaz session close`: forgets the session. The STS knows no log-out: what is dropped here is gone.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
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
  const { removeSession } = await import('../../sts/session-store.js');
  const { environment } = await run.profile();
  return inTurn(run, () => removeSession(sessionFolder(run), environment));
}

async function closeAll(run: Run): Promise<boolean> {
  const [{ removeSession }, { ENVIRONMENTS }, { listProfiles }, { profileFolders }] =
    await Promise.all([
      import('../../sts/session-store.js'),
      import('../../profile/environment.js'),
      import('../../profile/profile.js'),
      import('../../profile/paths.js'),
    ]);
  let closed = false;
  for (const name of await listProfiles(run.paths)) {
    for (const environment of ENVIRONMENTS) {
      const folder = profileFolders(run.paths, name).state;
      closed = (await removeSession(folder, environment)) || closed;
    }
  }
  return closed;
}
