/**
 * `topaz keystore show`: whose keystore it is, until when, and which keys it holds.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { withPasswordFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import { profileOrNone } from '../eid/open-card.js';
import { activeKeystore, loadKeystore } from './open-keystore.js';

/** `topaz keystore show`. */
export function showCommand(ctx: Context, run = runShow): Command {
  const command = withPasswordFile(
    new Command('show')
      .summary('show holder, certificates and dates of a keystore')
      .argument('[alias]', 'alias or file; without it the active keystore'),
  ).addHelpText(
    'after',
    `
Examples:
  # the active keystore
  $ topaz keystore show
  # a file that somebody sent
  $ topaz keystore show doctor.p12 --password-file pw --json`,
  );
  return command.action((alias: string | undefined, options: SecretFlags) =>
    action(ctx, command, (session) => run(session, alias, options)),
  );
}

export async function runShow(
  run: Run,
  named: string | undefined,
  flags: SecretFlags,
): Promise<void> {
  const { describeKeystore, keystoreLines, keystoreRecords } = await import('./describe.js');
  const wanted = await activeKeystore(run, named);
  const { path, alias, keystore } = await loadKeystore(run, wanted, flags);
  const profile = await profileOrNone(run);
  const isActive = profile?.keystore === alias || profile?.keystore === path;
  const document = describeKeystore(keystore, {
    alias,
    path,
    now: run.now(),
    quality: isActive ? profile.holder.quality : undefined,
  });
  run.result(
    { schema: 'topaz.keystore.show/1', keystore: { ...document, active: isActive } },
    () => keystoreLines(run, document),
    () => keystoreRecords(document),
  );
}
