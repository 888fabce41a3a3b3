/**
 * `topaz key export`: writes a user key for the platform or for a program.
 *
 * @module
 */

import { resolve } from 'node:path';

import { Command, Option } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import type { UserKey } from '../../userkey/user-key.js';
import { chosenId, confirmId, describeKey, keysFolder, refuseStdout } from './key-place.js';

export interface ExportOptions {
  id?: string;
  format: 'key' | 'jwk' | 'public';
  out?: string;
  confirm?: string;
  force?: boolean;
}

/** `topaz key export`. */
export function exportCommand(ctx: Context, run = runExport): Command {
  const command = new Command('export')
    .summary('write a user key for the platform or a program')
    .option('--id <uuid>', 'which one, where there are several')
    .addOption(
      new Option('--format <format>', 'file of the platform, JWK, or the public key alone')
        .choices(['key', 'jwk', 'public'])
        .default('key'),
    )
    .option('-o, --out <file>', 'write to <file>, readable by you alone')
    .option('--confirm <id>', 'first eight digits of the id: yes, write the private key')
    .option('-f, --force', 'replace the file')
    .addHelpText(
      'after',
      `
Examples:
  # the file that the platform asks for
  $ topaz key export --out 3f2504e0-4f89-41d3-9a0c-0305e82c3301-icc-priv.2048.key
  # the public key, without a question
  $ topaz key export --format public --out pub.key
  # in a script
  $ topaz key export --format jwk --out key.jwk --confirm 3f2504e0

A copy that is to be kept is better made by topaz key backup: it is read back.`,
    );
  return command.action((options: ExportOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runExport(run: Run, options: ExportOptions): Promise<void> {
  const [{ loadKey }, { writeFileAtomic }] = await Promise.all([
    import('../../userkey/key-store.js'),
    import('../../disk/atomic.js'),
  ]);
  const key = await loadKey(keysFolder(run), await chosenId(run, options.id));
  const out = await run.require('--out FILE', options.out, async () =>
    (await run.ctx.prompter()).input(run.t('key.ask.out')),
  );
  refuseStdout(out);
  if (options.format !== 'public') {
    await confirmId(run, key.id, options.confirm, run.t('key.export.question', { start: key.id.slice(0, 8) })); // prettier-ignore
  }
  const path = resolve(run.ctx.cwd, out);
  await writeFileAtomic(path, await textOf(key, options.format), {
    overwrite: options.force === true,
  });
  run.result(
    { schema: 'topaz.key.export/1', key: describeKey(key), format: options.format, path },
    () => [path],
    () => [[key.id, path]],
  );
  run.done(run.t('key.export.done', { path }));
}

async function textOf(key: UserKey, format: ExportOptions['format']): Promise<string> {
  switch (format) {
    case 'public':
      return `${Buffer.from(key.spki).toString('hex')}\n`;
    case 'jwk':
      return (await import('../../userkey/jwk.js')).writeJwk(key.privateKey);
    case 'key':
      return (await import('../../userkey/key-store.js')).keyFileText(key);
  }
}
