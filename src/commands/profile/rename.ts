/**
 * `topaz profile rename`: another name for a profile, its keystores, messages and requests with it.
 *
 * @module
 */

import { stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { movePath } from '../../profile/move-paths.js';
import { lockOptions } from '../access/place.js';
import { rootsOf } from '../backup/place.js';

/** `topaz profile rename OLD NEW`. */
export function renameCommand(ctx: Context, run = runRename): Command {
  const command = new Command('rename')
    .summary('give a profile another name')
    .argument('<old>', 'a profile of "topaz profile list"')
    .argument('<new>', 'letters, digits, dots, dashes and underscores')
    .addHelpText(
      'after',
      `
Examples:
  # keystores, messages, requests and sessions go with it
  $ topaz profile rename tests cabinet

Refused while another command works, and when something has the new name already.
Cut off in the middle, the same command finishes it. Scripts that name the old profile
must be told.`,
    );
  return command.action((from: string, to: string) =>
    action(ctx, command, (session) => run(session, from, to)),
  );
}

export async function runRename(run: Run, from: string, to: string): Promise<void> {
  const [{ profileFile, readProfileValues }, { profileMoves, renameProfile }, { findFiles }, { lockHome }] =
    await Promise.all([
      import('../../profile/files.js'),
      import('../../profile/rename.js'),
      import('../../backup/collect.js'),
      import('../../profile/home-locks.js'),
    ]); // prettier-ignore
  const { paths } = run;
  profileFile(paths, to);
  if (from === to) {
    throw new TopazError('E_USAGE', 'the new name is the old one', { hint: 'choose another name' });
  }
  const values = await readProfileValues(paths, from);
  await refuseSandbox(run, from);
  const roots = rootsOf(run);
  const locks = await lockHome(roots, (await findFiles(roots)).mirrors, lockOptions(run));
  const moves = profileMoves(paths, from, to);
  try {
    const { stopAgent } = await import('../../agent/stop.js');
    await stopAgent(join(paths.state, from));
    await renameProfile(paths, from, to);
  } finally {
    // Locks that moved with their folder.
    for (const path of locks.paths) {
      const moved = movePath(path, moves);
      if (moved !== path) {
        await unlink(moved).catch(() => undefined);
      }
    }
    await locks.release();
  }
  const names = values.get('remember');
  if (typeof names === 'object' && names.length > 0) {
    const { moveRemembered } = await import('../keystore/remember.js');
    await moveRemembered(run, { from, to, names });
  }
  const file = profileFile(paths, to);
  run.result({ schema: 'topaz.profile.rename/1', profile: to, former: from, file }, () => []);
  run.done(run.t('profile.renamed', { name: to, former: from }));
  if (run.ctx.env['TOPAZ_PROFILE'] === from) {
    run.warn(run.t('profile.rename.variable', { variable: 'TOPAZ_PROFILE', former: from }));
  }
}

/** The sandbox keeps its own data under the name that it was started with. */
async function refuseSandbox(run: Run, name: string): Promise<void> {
  const data = join(run.paths.data, name, 'data');
  if (await stat(data).then((found) => found.isDirectory()).catch(() => false)) {
    throw new TopazError('E_USAGE', `the data of a sandbox lie under the name "${name}"`, {
      facts: [data],
      hint: 'topaz sandbox start --profile NAME makes another profile for it',
    });
  } // prettier-ignore
}
