/**
 * `topaz profile import`: a profile that another machine exported. Nothing is overwritten, and what decides whom this
 * machine talks to is confirmed.
 *
 * @module
 */

import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { systemCode, TopazError } from '../../errors.js';

export interface ImportOptions {
  name?: string;
  use?: boolean;
  dryRun?: boolean;
}

const MAX_BYTES = 1024 * 1024;

/** `topaz profile import FILE`. */
export function importCommand(ctx: Context, run = runImport): Command {
  const command = new Command('import')
    .summary('take over a profile that was exported')
    .argument('<file>', 'a file of "topaz profile export"; - for stdin')
    .option('--name <name>', 'how it is called here; else as it was')
    .option('--use', 'use it from now on')
    .option('--dry-run', 'check it and say what it sets, write nothing')
    .addHelpText(
      'after',
      `
Examples:
  # from the colleague, under the same name
  $ topaz profile import cabinet.json --use
  # from another machine, under another name
  $ ssh desk topaz profile export cabinet | topaz profile import - --name desk

A profile of that name is not replaced. One that brings addresses or trusted
certificates decides whom this machine believes: it asks for a confirmation (--yes).
Keystores are not in it: topaz keystore import.`,
    );
  return command.action((file: string, options: ImportOptions) =>
    action(ctx, command, (session) => run(session, file, options)),
  );
}

export async function runImport(run: Run, source: string, options: ImportOptions): Promise<void> {
  const [{ certificatesFolder, listProfiles, profileFile, useProfile }, { parsePortable }, { changeProfile, environmentOf }] =
    await Promise.all([
      import('../../profile/files.js'),
      import('../../profile/portable.js'),
      import('../../profile/profile.js'),
    ]); // prettier-ignore
  const imported = parsePortable(await read(run, source));
  const name = options.name ?? imported.name;
  const file = profileFile(run.paths, name);
  const environment = environmentOf(imported.values);
  const refuseTaken = async (): Promise<void> => {
    if ((await listProfiles(run.paths)).includes(name)) {
      throw new TopazError('E_FILE_EXISTS', `there is a profile "${name}" already`, {
        hint: `add --name NAME, or remove that one: topaz profile remove ${name}`,
      });
    }
  };
  await refuseTaken();
  const { sensitive, certificates, values } = imported;
  const dryRun = options.dryRun === true;
  const document = { schema: 'topaz.profile.import/1', profile: name, environment, file, keys: [...values.keys(), ...certificates.keys()], sensitive }; // prettier-ignore
  if (dryRun) {
    run.result({ ...document, dryRun }, () => [...document.keys], () => document.keys.map((key) => [key])); // prettier-ignore
    return;
  }
  if (sensitive.length > 0) {
    await run.confirm(run.t('profile.import.question', { name, keys: sensitive.join(', ') }));
  }
  const { makePrivateFolder, writeFileAtomic } = await import('../../disk/atomic.js');
  const folder = certificatesFolder(run.paths, name);
  const whole = new Map(values);
  for (const [key, pem] of certificates) {
    await makePrivateFolder(folder);
    const path = join(folder, `${key.replace('.', '-')}.pem`);
    await writeFileAtomic(path, pem);
    whole.set(key, path);
  }
  await changeProfile(run.paths, name, (old) => {
    if (old.size > 1) {
      // Somebody made it meanwhile.
      throw new TopazError('E_FILE_EXISTS', `there is a profile "${name}" already`, {
        hint: 'add --name NAME',
      });
    }
    return whole;
  });
  if (options.use === true) {
    await useProfile(run.paths, name);
  }
  run.result(document, () => []);
  run.done(run.t('profile.imported', { name, environment }));
  run.remark(run.t('profile.import.next'));
}

async function read(run: Run, source: string): Promise<string> {
  if (source === '-') {
    return new TextDecoder().decode(await run.ctx.io.readStdin());
  }
  const path = resolve(run.ctx.cwd, source);
  try {
    const { size } = await stat(path);
    return size > MAX_BYTES ? '' : await readFile(path, 'utf8');
  } catch (error) {
    throw systemCode(error) === undefined
      ? error
      : new TopazError('E_FILE_NOT_FOUND', `${path} cannot be read`, {
          facts: [systemCode(error) ?? ''],
          hint: 'check the name of the file',
          cause: error,
        });
  }
}
