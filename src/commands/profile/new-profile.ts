/**
 * What every way to make a profile asks and refuses.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { ENVIRONMENTS, parseEnvironment } from '../../profile/environment.js';
import type { Environment } from '../../profile/environment.js';

/** @throws TopazError `E_FILE_EXISTS`, `E_USAGE` for a name that cannot be one. */
export async function refuseTaken(run: Run, name: string): Promise<void> {
  const { listProfiles, profileFile } = await import('../../profile/files.js');
  profileFile(run.paths, name);
  if ((await listProfiles(run.paths)).includes(name)) {
    throw new TopazError('E_FILE_EXISTS', `there is a profile "${name}" already`, {
      hint: `topaz profile show ${name}, or choose another name`,
    });
  }
}

/** The one of `--env`; a person is asked for it. */
export async function askEnvironment(run: Run): Promise<Environment> {
  const environment = await run.require('--env', run.settings.env, async () =>
    (await run.ctx.prompter()).choose(
      run.t('profile.create.environment'),
      ENVIRONMENTS.map((value) => ({ value, label: value })),
    ),
  );
  return parseEnvironment(environment);
}
