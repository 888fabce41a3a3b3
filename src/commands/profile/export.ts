/**
 * `topaz profile export`: a profile for another machine, without secrets.
 *
 * @module
 */

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { systemCode, TopazError } from '../../errors.js';

export interface ExportOptions {
  out?: string;
  force?: boolean;
}

/** `topaz profile export [NAME]`. */
export function exportCommand(ctx: Context, run = runExport): Command {
  const command = new Command('export')
    .summary('a profile for another machine, without secrets')
    .argument('[name]', 'a profile of "topaz profile list"; else the one in use')
    .option('-o, --out <file>', 'to a file instead of stdout')
    .option('-f, --force', 'replace the file')
    .addHelpText(
      'after',
      `
Examples:
  # for the colleague at the other desk
  $ topaz profile export cabinet --out cabinet.json
  # what would be in it?
  $ topaz profile export cabinet

In it: environment, addresses, qualities, numbers, trusted certificates. Not in it:
keystores, keys, messages, passwords and where they are, modules of this machine.
For everything, encrypted: topaz backup create.`,
    );
  return command.action((name: string | undefined, options: ExportOptions) =>
    action(ctx, command, (session) => run(session, name, options)),
  );
}

export async function runExport(
  run: Run,
  given: string | undefined,
  { out, force = false }: ExportOptions,
): Promise<void> {
  const name = given ?? run.settings.profileName;
  const [{ readProfileValues }, { exportProfile }] = await Promise.all([
    import('../../profile/files.js'),
    import('../../profile/portable.js'),
  ]);
  const values = await readProfileValues(run.paths, name);
  const document = await exportProfile(name, values, readCertificates);
  const { schema, ...rest } = document;
  const file = out === undefined || out === '-' ? undefined : resolve(run.ctx.cwd, out);
  const text = JSON.stringify(document, undefined, 2);
  if (file !== undefined) {
    const { writeFileAtomic } = await import('../../disk/atomic.js');
    await writeFileAtomic(file, `${text}\n`, { overwrite: force });
  }
  run.result({ schema, ...rest, ...(file === undefined ? {} : { file }) }, () =>
    file === undefined ? text.split('\n') : [],
  );
  if (file !== undefined) {
    run.done(run.t('profile.exported', { name, file }));
  }
  if (document.leftOut.length > 0) {
    run.remark(run.t('profile.export.leftOut', { keys: document.leftOut.join(', ') }));
  }
}

async function readCertificates(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw systemCode(error) === undefined
      ? error
      : new TopazError('E_TRUST_MISSING', `${path} cannot be read`, {
          facts: [systemCode(error) ?? ''],
          hint: 'correct the profile (topaz profile show), then export it',
          cause: error,
        });
  }
}
