/**
 * `topaz ehbox unseal`: sealed messages that could not be opened, tried again with every keystore of the
 * profile, also with those that were imported since.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { withPasswordFile } from '../../cli/flags.js';
import type { SecretFlags } from '../../cli/run.js';
import { action } from '../../cli/run.js';
import { withBox } from './open-mirror.js';
import type { BoxFlags } from './open-mirror.js';

export interface UnsealFlags extends BoxFlags, SecretFlags {
  retry?: boolean;
  /** Only these, in this order. */
  keystore?: readonly string[];
}

/** `topaz ehbox unseal`. */
export function unsealCommand(ctx: Context): Command {
  const command = withPasswordFile(
    withBox(
      new Command('unseal')
        .summary('open sealed messages again, with every keystore')
        .argument('[id...]', 'ids of the messages')
        .option('--retry', 'every message that could not be opened')
        .option(
          '--keystore <alias>',
          'only this keystore: alias or file; repeat it for several',
          (value: string, before?: readonly string[]) => [...(before ?? []), value],
        ),
    ),
  ).addHelpText(
    'after',
    `
The active keystore is tried first, then the older ones (alternates), then the others of the profile. What
opened before stays open. Nothing is fetched.

Examples:
  # an old keystore was found
  $ topaz keystore import OLD.p12 && topaz ehbox unseal --retry
  # unattended, with the passwords of two keystores
  $ topaz ehbox unseal --retry --password-file doctor=a.pass --password-file old=b.pass`,
  );
  return command.action((ids: string[], options: UnsealFlags) =>
    action(ctx, command, async (run) => {
      const { runUnseal } = await import('./run-unseal.js');
      await runUnseal(run, ids, options);
    }),
  );
}
