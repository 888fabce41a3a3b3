/**
 * `topaz backup create`: everything of this home in one encrypted file, in one place or several.
 *
 * @module
 */

import { lstat, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { withPassphraseFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import { formatSize, seconds } from '../../cli/text.js';
import { TopazError } from '../../errors.js';
import { lockOptions } from '../access/place.js';
import { rememberBackup } from './last-backup.js';
import { countKinds, rootsOf } from './place.js';

export interface CreateOptions extends SecretFlags {
  out?: readonly string[];
  force?: boolean;
  dryRun?: boolean;
}

/** `topaz backup create`. */
export function createCommand(ctx: Context, run = runCreate): Command {
  const command = withPassphraseFile(
    new Command('create')
      .summary('everything of this home, encrypted, read back')
      .option('-o, --out <place>', 'a folder or a file; repeat it for several places', collect)
      .option('-f, --force', 'replace files of the same name')
      .option('--dry-run', 'say what would be in it, write nothing'),
  ).addHelpText(
    'after',
    `
Examples:
  # on a stick, and on a disk that is kept elsewhere
  $ topaz backup create --out /media/stick --out /mnt/safe
  # in a script
  $ topaz backup create --out /mnt/safe --passphrase-file phrase --json
  # what would be in it?
  $ topaz backup create --dry-run

In it: profiles, keystores, requests, user keys, mirrors, grants and the log. Not in it:
sessions, caches, what the sandbox keeps. Passwords of keystores are not in it either.
Asks for a passphrase (--passphrase-file): nobody can find it again.`,
  );
  return command.action((options: CreateOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

const collect = (value: string, previous: readonly string[] | undefined): readonly string[] => [
  ...(previous ?? []),
  value,
];

export async function runCreate(run: Run, options: CreateOptions): Promise<void> {
  const { findFiles } = await import('../../backup/collect.js');
  const found = await findFiles(rootsOf(run));
  if (found.names.length === 0) {
    throw new TopazError('E_FILE_NOT_FOUND', 'there is nothing to back up in this home', {
      hint: 'check TOPAZ_HOME, and run it as the user who works with topaz',
    });
  }
  const counts = countKinds();
  for (const name of found.names) {
    counts.add(name, 0);
  }
  const contents = counts.list().map(({ kind, files }) => ({ kind, files }));
  const createdAt = seconds(run.now());
  if (options.dryRun === true) {
    run.result(
      { schema: 'topaz.backup.create/1', createdAt, files: found.names.length, contents, skipped: found.skipped.length, dryRun: true }, // prettier-ignore
      () => contents.map(({ kind, files }) => run.t(`backup.kind.${kind}`, { count: files })),
      () => contents.map(({ kind, files }) => [kind, String(files)]),
    );
    return;
  }
  const places = await placesOf(run, options.out ?? [], createdAt, options.force === true);
  await write(run, options, { places, createdAt, contents });
}

interface Plan {
  readonly places: readonly string[];
  readonly createdAt: string;
  readonly contents: readonly { readonly kind: string; readonly files: number }[];
}

async function write(
  run: Run,
  options: CreateOptions,
  { places, createdAt, contents }: Plan,
): Promise<void> {
  const [{ createBackup }, { newBackupKeys, wipeKeys }] = await Promise.all([
    import('../../backup/create.js'),
    import('../../backup/envelope.js'),
  ]);
  const { bytes: passphrase } = await run.secret('passphrase', options, run.t('backup.newPassphrase'), { choose: true }); // prettier-ignore
  const keys = await run.step(run.t('backup.open.step'), () => newBackupKeys(passphrase)).finally(() => passphrase.fill(0)); // prettier-ignore
  try {
    const made = await run.step(run.t('backup.create.step'), () =>
      createBackup({
        roots: rootsOf(run),
        places,
        overwrite: options.force === true,
        keys,
        createdAt,
        lock: lockOptions(run),
      }),
    );
    await rememberBackup(run.paths, createdAt);
    const { files, bytes, sizeBytes, sha256, skipped } = made;
    run.result(
      { schema: 'topaz.backup.create/1', createdAt, places, files, bytes, sizeBytes, sha256, contents, skipped: skipped.length }, // prettier-ignore
      () => places,
      () => places.map((place) => [place, String(sizeBytes), sha256]),
    );
    run.done(run.t('backup.create.done', { count: places.length, size: formatSize(run, sizeBytes) })); // prettier-ignore
    if (skipped.length > 0) {
      run.warn(run.t('backup.create.skipped', { count: skipped.length }));
    }
    if (places.length === 1) {
      run.remark(run.t('backup.create.second'));
    }
  } finally {
    wipeKeys(keys);
  }
}

/** Absolute paths; a folder gets a file named by the moment. None may lie in what is backed up. */
async function placesOf(
  run: Run,
  outs: readonly string[],
  createdAt: string,
  force: boolean,
): Promise<readonly string[]> {
  const wanted =
    outs.length > 0
      ? outs
      : [
          await run.require('--out PLACE', undefined, async () =>
            (await run.ctx.prompter()).input(run.t('backup.ask.out')),
          ),
        ];
  const name = `topaz-${createdAt.replace(/[-:]/g, '')}.backup`;
  const places = await Promise.all(
    wanted.map(async (out) => {
      if (out === '-') {
        throw new TopazError('E_USAGE', 'a backup is written to files, so that it can be read back', {
          hint: '--out FILE, or a folder',
        }); // prettier-ignore
      }
      const path = resolve(run.ctx.cwd, out);
      const isFolder = await stat(path).then((entry) => entry.isDirectory()).catch(() => false); // prettier-ignore
      return isFolder ? join(path, name) : path;
    }),
  );
  for (const root of Object.values(rootsOf(run))) {
    const within = places.find((place) => !relative(root, dirname(place)).startsWith('..'));
    if (within !== undefined) {
      throw new TopazError('E_USAGE', 'a backup does not lie in the folder that it saves', {
        facts: [within],
        hint: 'choose a place on another disk',
      });
    }
  }
  await refuseBeforehand(places, force);
  return [...new Set(places)];
}

/** What can be known before a passphrase is asked; the writing itself decides without a race. */
async function refuseBeforehand(places: readonly string[], force: boolean): Promise<void> {
  const { diskError } = await import('../../disk/atomic.js');
  for (const place of places) {
    const found = await lstat(place).catch(() => undefined);
    if (found !== undefined && !force) {
      throw diskError(Object.assign(new Error(place), { code: 'EEXIST' }), place);
    }
    await stat(dirname(place)).catch((error: unknown) => {
      throw diskError(error, place);
    });
  }
}
