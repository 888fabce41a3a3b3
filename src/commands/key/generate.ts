/**
 * `topaz key generate`: makes the user key of a healthcare party.
 *
 * @module
 */

import { join, resolve } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { describeKey, keysFolder, refuseStdout } from './key-place.js';

export interface GenerateOptions {
  id?: string;
  out?: string;
  publicOut?: string;
}

/** `topaz key generate`. */
export function generateCommand(ctx: Context, run = runGenerate): Command {
  const command = new Command('generate')
    .summary('make the user key of a person or a house')
    .option('--id <uuid>', 'id of the healthcare party, as the platform shows it')
    .option('-o, --out <file>', 'write it to <file> too, readable by you alone')
    .option('--public-out <file>', 'write the public key to <file>')
    .addHelpText(
      'after',
      `
Examples:
  # make it, keep it in the profile
  $ topaz key generate --id 3f2504e0-4f89-41d3-9a0c-0305e82c3301
  # and copies at once
  $ topaz key backup --out /media/stick --out ~/safe

An existing key is never overwritten. If every copy is lost, nobody can read the
records again: make copies before you use it.`,
    );
  return command.action((options: GenerateOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runGenerate(run: Run, options: GenerateOptions): Promise<void> {
  const [{ generateUserKey, parsePartyId, privateFileName }, { keepKey, keyFileText, listKeys }, { writeFileAtomic }] =
    await Promise.all([
      import('../../userkey/user-key.js'),
      import('../../userkey/key-store.js'),
      import('../../disk/atomic.js'),
    ]); // prettier-ignore
  const id = parsePartyId(
    await run.require('--id UUID', options.id, async () =>
      (await run.ctx.prompter()).input(run.t('key.ask.id')),
    ),
  );
  const folder = keysFolder(run);
  for (const out of [options.out, options.publicOut]) {
    refuseStdout(out ?? '');
  }
  if ((await listKeys(folder)).includes(id)) {
    throw new TopazError('E_FILE_EXISTS', `there is a key of ${id} already`, {
      hint: 'topaz key show; a second one could not open the records of the first',
    });
  }
  const key = await run.step(run.t('key.generate.step'), () => generateUserKey(id));
  await keepKey(folder, key, { replace: false, stamp: '' });
  const written: string[] = [];
  if (options.out !== undefined) {
    const path = resolve(run.ctx.cwd, options.out);
    await writeFileAtomic(path, keyFileText(key), { overwrite: false });
    written.push(path);
  }
  if (options.publicOut !== undefined) {
    const path = resolve(run.ctx.cwd, options.publicOut);
    await writeFileAtomic(path, `${Buffer.from(key.spki).toString('hex')}\n`, { overwrite: false });
    written.push(path);
  }
  const path = join(folder, privateFileName(id));
  run.result({ schema: 'topaz.key.generate/1', key: describeKey(key), path, written }, () => [path], () => [[id, path]]); // prettier-ignore
  run.done(run.t('key.generate.done', { id }));
  run.remark(run.t('key.next.backup'));
}
