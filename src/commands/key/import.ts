/**
 * `topaz key import`: takes a user key into the profile, from any form in which it may come.
 *
 * @module
 */

import { join } from 'node:path';

import { Command, Option } from 'commander';

import type { Context } from '../../cli/context.js';
import { withPassphraseFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import { seconds } from '../../cli/text.js';
import { describeKey, keysFolder, readKeyFrom } from './key-place.js';

export interface ImportOptions extends SecretFlags {
  id?: string;
  format: 'auto' | 'key' | 'jwk';
  force?: boolean;
}

/** `topaz key import`. */
export function importCommand(ctx: Context, run = runImport): Command {
  const command = withPassphraseFile(
    new Command('import')
      .summary('take a user key into the profile')
      .argument('<file>', 'file of the platform, JWK, PEM, typed or scanned sheet; - for stdin')
      .option('--id <uuid>', 'id of the healthcare party, where the name of the file has none')
      .addOption(
        new Option('--format <format>', 'only this form')
          .choices(['auto', 'key', 'jwk'])
          .default('auto'),
      )
      .option('-f, --force', 'replace another key of the same id; a dated copy is kept'),
  ).addHelpText(
    'after',
    `
Examples:
  # the file that the platform gave
  $ topaz key import 3f2504e0-4f89-41d3-9a0c-0305e82c3301-icc-priv.2048.key
  # the codes or lines of a printed sheet, in a text file
  $ topaz key import sheet.txt --id 3f2504e0-4f89-41d3-9a0c-0305e82c3301
  # a copy under a passphrase, in a script
  $ topaz key import copy.pem --id 3f2504e0-4f89-41d3-9a0c-0305e82c3301 --passphrase-file phrase`,
  );
  return command.action((file: string, options: ImportOptions) =>
    action(ctx, command, (session) => run(session, file, options)),
  );
}

export async function runImport(run: Run, file: string, options: ImportOptions): Promise<void> {
  const [{ keepKey }, { privateFileName }] = await Promise.all([
    import('../../userkey/key-store.js'),
    import('../../userkey/user-key.js'),
  ]);
  const { key, format, encrypted } = await readKeyFrom(run, file, options);
  const folder = keysFolder(run);
  const stamp = seconds(run.now()).replace(/[-:]/g, '');
  const added = await keepKey(folder, key, { replace: options.force === true, stamp });
  const path = join(folder, privateFileName(key.id));
  run.result(
    { schema: 'topaz.key.import/1', key: describeKey(key), path, format, encrypted, added },
    () => [path],
    () => [[key.id, path]],
  );
  run.done(run.t(added ? 'key.import.done' : 'key.import.known', { id: key.id }));
  if (added) {
    run.remark(run.t('key.next.backup'));
  }
}
