/**
 * The whole examination, and what may be shown of it. Loaded when the command runs, never for its help.
 *
 * @module
 */

import type { Context } from '../../cli/context.js';
import type { Run } from '../../cli/run.js';
import { examineCard } from './card.js';
import type { Check, DoctorOptions } from './check.js';
import { examineFiles } from './files.js';
import { examineMachine } from './machine.js';
import { examineNetwork } from './network.js';
import { examineProfile } from './profile.js';

export { cleanCheck, writeReport } from './report-file.js';

/** Every check, in the order in which things depend on each other. */
export async function examineAll(
  run: Run,
  options: DoctorOptions,
  env: Context['env'],
): Promise<readonly Check[]> {
  // Files first: what was mended is judged as it is now.
  const files = await examineFiles(run, options);
  const machine = await examineMachine(run, env);
  const card = await examineCard(run, options);
  const { checks, profile } = await examineProfile(run);
  const network = await examineNetwork(run, profile, options.network === true);
  return [...machine, ...files, ...card, ...checks, ...network];
}
