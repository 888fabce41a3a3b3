/**
 * `topaz keystore list`: the keystores of the profile. No password is asked, so only names and dates of
 * files are known.
 *
 * @module
 */

import { join } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { day, seconds, table } from '../../cli/text.js';
import { profileFolders } from '../../profile/paths.js';

export interface ListOptions {
  /** Also the folder where the official tools put keystores. */
  scan?: boolean;
  allProfiles?: boolean;
}

interface Listed {
  /** Absent for a file outside every profile. */
  readonly profile?: string;
  readonly alias: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedAt: string;
  readonly active: boolean;
  readonly organisation: boolean;
}

/** `topaz keystore list`. */
export function listCommand(ctx: Context, run = runList): Command {
  const command = new Command('list')
    .alias('ls')
    .summary('list the keystores of the profile')
    .option('--all-profiles', 'those of every profile')
    .option('--scan', 'also the folder ehealth/keystore of the home, where official tools put them')
    .addHelpText(
      'after',
      `
Examples:
  # which keystores are there, which one is active?
  $ topaz keystore list
  # also those that another program made
  $ topaz keystore list --scan`,
    );
  return command.action((options: ListOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runList(run: Run, options: ListOptions): Promise<void> {
  const { listProfiles } = await import('../../profile/profile.js');
  const names =
    options.allProfiles === true ? await listProfiles(run.paths) : [run.settings.profileName];
  const keystores: Listed[] = [];
  for (const name of names) {
    keystores.push(...(await listOfProfile(run, name)));
  }
  if (options.scan === true) {
    keystores.push(...(await scan(run)));
  }
  run.result(
    { schema: 'topaz.keystore.list/1', keystores },
    () => tableOf(run, keystores, names.length > 1),
    () =>
      keystores.map((entry) => [
        entry.alias,
        roleOf(entry),
        entry.modifiedAt,
        String(entry.sizeBytes),
        entry.path,
        entry.profile ?? '',
      ]),
  );
  if (keystores.length === 0) {
    run.remark(run.t('keystore.list.none'));
  }
}

async function listOfProfile(run: Run, name: string): Promise<readonly Listed[]> {
  const [{ listKeystores }, { readProfile }] = await Promise.all([
    import('../../keystore/store.js'),
    import('../../profile/profile.js'),
  ]);
  const stored = await listKeystores(profileFolders(run.paths, name).keystores);
  // A profile that is not there, or is broken, has no active keystore; its files are listed all the same.
  const profile = await readProfile(run.paths, name).catch(() => undefined);
  return stored.map(({ alias, path, sizeBytes, modifiedAt }) => ({
    profile: name,
    alias,
    path,
    sizeBytes,
    modifiedAt: seconds(modifiedAt),
    active: profile?.keystore === alias || profile?.keystore === path,
    organisation: profile?.organisationKeystore === alias || profile?.organisationKeystore === path,
  }));
}

async function scan(run: Run): Promise<readonly Listed[]> {
  const { listKeystores } = await import('../../keystore/store.js');
  const found = await listKeystores(join(run.ctx.home, 'ehealth', 'keystore'));
  return found.map(({ alias, path, sizeBytes, modifiedAt }) => ({
    alias,
    path,
    sizeBytes,
    modifiedAt: seconds(modifiedAt),
    active: false,
    organisation: false,
  }));
}

const roleOf = ({ active, organisation, profile }: Listed): string =>
  active ? 'active' : organisation ? 'organisation' : profile === undefined ? 'found' : '';

function tableOf(run: Run, keystores: readonly Listed[], withProfile: boolean): readonly string[] {
  if (keystores.length === 0) {
    return [];
  }
  const heading = (key: string): string => run.t(`keystore.list.${key}`);
  const rows = keystores.map((entry) => [
    entry.alias,
    roleOf(entry) === '' ? '' : heading(`role.${roleOf(entry)}`),
    day(new Date(entry.modifiedAt)),
    ...(withProfile ? [entry.profile ?? ''] : []),
    entry.path,
  ]);
  return table(run, rows, [
    heading('alias'),
    heading('role'),
    heading('changed'),
    ...(withProfile ? [heading('profile')] : []),
    heading('file'),
  ]);
}
