/**
 * `topaz key show`: what a user key is and where its copies are; never the key.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { withPassphraseFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { facts, formatDay } from '../../cli/text.js';
import { chosenId, describeKey, keysFolder, readKeyFrom } from './key-place.js';
import type { ReadOptions } from './key-place.js';

/** `topaz key show`. */
export function showCommand(ctx: Context, run = runShow): Command {
  const command = withPassphraseFile(
    new Command('show')
      .summary('id, fingerprint and where the copies are')
      .argument('[file]', 'a file; without it, the key of the profile')
      .option('--id <uuid>', 'which one, where there are several'),
  ).addHelpText(
    'after',
    `
Examples:
  # the key of the profile
  $ topaz key show
  # is this file the same key? compare the fingerprints
  $ topaz key show /media/stick/3f2504e0-4f89-41d3-9a0c-0305e82c3301-icc-priv.2048.key`,
  );
  return command.action((file: string | undefined, options: ReadOptions) =>
    action(ctx, command, (session) => run(session, file, options)),
  );
}

export async function runShow(
  run: Run,
  file: string | undefined,
  options: ReadOptions,
): Promise<void> {
  const { listCopies, loadKey } = await import('../../userkey/key-store.js');
  const folder = keysFolder(run);
  const key =
    file === undefined
      ? await loadKey(folder, await chosenId(run, options.id))
      : (await readKeyFrom(run, file, options)).key;
  const copies = await listCopies(folder, key.id);
  const described = describeKey(key);
  run.result(
    { schema: 'topaz.key.show/1', key: described, copies },
    () => [
      ...facts([
        [run.t('key.row.id'), described.id],
        [run.t('key.row.size'), `RSA ${described.bits}`],
        [run.t('key.row.fingerprint'), described.fingerprint],
      ]),
      '',
      ...(copies.length === 0
        ? [run.t('key.copies.none')]
        : copies.map(({ place, at, kind, passphrase }) =>
            [
              formatDay(run, at.slice(0, 10)),
              run.t(`key.kind.${kind}`),
              ...(passphrase ? [run.t('key.kind.passphrase')] : []),
              place,
            ].join('  '),
          )),
    ],
    () => [[described.id, described.fingerprint, String(copies.length)]],
  );
  if (copies.length < 2) {
    run.warn(run.t('key.copies.few', { id: key.id, count: copies.length }));
  }
}
