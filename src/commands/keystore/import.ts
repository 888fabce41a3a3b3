/**
 * `topaz keystore import`: copies a keystore file into the profile, once its password proved right.
 *
 * @module
 */

import { readFile, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { withPasswordFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import { formatDay } from '../../cli/text.js';
import { TopazError } from '../../errors.js';
import { profileOrNone } from '../eid/open-card.js';
import { checkEnvironment, keystoreFiles, withPassword } from './open-keystore.js';
import type { RememberFlags } from './remember.js';
import { rememberIt, setActive } from './use.js';

export interface ImportOptions extends SecretFlags, RememberFlags {
  alias?: string;
  use?: boolean;
  organisation?: boolean;
  move?: boolean;
  force?: boolean;
}

/** `topaz keystore import`. */
export function importCommand(ctx: Context, run = runImport): Command {
  const command = withPasswordFile(
    new Command('import')
      .summary('copy a keystore file into the profile')
      .argument('<file>', 'PKCS#12 file (.p12); - for stdin')
      .option('--alias <name>', 'how it is called here; else the name of the file without .p12')
      .option('--use', 'make it the active one')
      .option('--organisation', 'make it the keystore of the organisation')
      .option('--move', 'remove the file afterwards')
      .option('--remember', 'keep the password in the keyring of this system')
      .option('-f, --force', 'replace another one of that alias; a dated copy is kept'),
  ).addHelpText(
    'after',
    `
Examples:
  # a keystore that the official tool made, for daily work
  $ topaz keystore import doctor.p12 --use
  # and never ask for its password again
  $ topaz keystore import doctor.p12 --use --remember
  # without a person
  $ topaz keystore import doctor.p12 --alias doctor --password-file pw --json`,
  );
  return command.action((file: string, options: ImportOptions) =>
    action(ctx, command, (session) => run(session, file, options)),
  );
}

export async function runImport(run: Run, file: string, options: ImportOptions): Promise<void> {
  const source = file === '-' ? undefined : resolve(run.ctx.cwd, file);
  const folder = await keystoreFiles(run);
  const bytes = await readSource(run, source);
  const { pathOfAlias } = await import('../../keystore/store.js');
  const alias = await chooseAlias(source, options);
  const known = await findSame(folder, bytes, options.alias);
  const path = known ?? pathOfAlias(folder, alias);
  if (known === undefined) {
    await addFile(run, { folder, path, alias, bytes }, options);
  } else {
    const { aliasOf } = await import('../../keystore/store.js');
    run.remark(run.t('keystore.import.there', { alias: aliasOf(known) }));
    if (options.remember === true) {
      await rememberIt(run, { alias: aliasOf(known), path: known }, options);
    }
    run.result(
      { schema: 'topaz.keystore.import/1', imported: false, alias: aliasOf(known), path },
      () => [],
    );
  }
  if (options.use === true || options.organisation === true) {
    await setActive(run, path, options.organisation === true);
  } else if ((await profileOrNone(run))?.keystore === undefined) {
    run.remark(run.t('keystore.import.next', { alias }));
  }
  if (options.move === true && source !== undefined && source !== path) {
    await unlink(source);
  }
}

export async function readSource(run: Run, source: string | undefined): Promise<Uint8Array> {
  if (source === undefined) {
    return run.ctx.io.readStdin();
  }
  const { readKeystoreFile } = await import('../../keystore/keystore.js');
  return readKeystoreFile(source);
}

/** Letters, digits and what official names hold; nothing that leaves the folder or hides the file. */
const ALIAS = /^[\p{L}\p{N}][\p{L}\p{N} =,.@+_-]{0,119}$/u;

/**
 * How a file is called here.
 *
 * @param source Its path; `undefined` = stdin.
 * @throws TopazError `E_USAGE` for a name that cannot be one.
 */
export async function chooseAlias(
  source: string | undefined,
  { alias, move }: Pick<ImportOptions, 'alias' | 'move'>,
): Promise<string> {
  const { aliasOf } = await import('../../keystore/store.js');
  if (source === undefined && (alias === undefined || move === true)) {
    throw new TopazError('E_USAGE', 'a keystore from stdin has no name and cannot be moved', {
      hint: 'add --alias NAME, and leave out --move',
    });
  }
  const chosen = aliasOf(alias ?? source ?? '');
  if (!ALIAS.test(chosen) || (alias !== undefined && /[/\\]/.test(alias))) {
    throw new TopazError('E_USAGE', 'this is not an alias', {
      hint: '--alias NAME, of letters, digits, spaces and = , . @ + _ -, at most 120',
    });
  }
  return chosen;
}

/** The stored file with the same bytes: under the alias asked for, or any when none was. */
async function findSame(
  folder: string,
  bytes: Uint8Array,
  alias: string | undefined,
): Promise<string | undefined> {
  const { aliasOf, listKeystores } = await import('../../keystore/store.js');
  for (const stored of await listKeystores(folder)) {
    if (
      (alias === undefined || stored.alias === aliasOf(alias)) &&
      stored.sizeBytes === bytes.length &&
      Buffer.compare(await readFile(stored.path), bytes) === 0
    ) {
      return stored.path;
    }
  }
  return undefined;
}

export interface Addition {
  readonly folder: string;
  readonly path: string;
  readonly alias: string;
  readonly bytes: Uint8Array;
}

/** Copies byte for byte: nothing that other programs know about the file is lost. */
async function addFile(
  run: Run,
  { folder, path, alias, bytes }: Addition,
  options: ImportOptions,
): Promise<void> {
  const [{ readKeystore }, { describeKeystore, holderText }] = await Promise.all([
    import('../../keystore/keystore.js'),
    import('./describe.js'),
  ]);
  await refuseOther(folder, alias, options.force === true);
  const keystore = await withPassword(run, { alias, path }, options, (password) =>
    run.step(run.t('keystore.open.step', { alias }), () => readKeystore(bytes, password)),
  );
  await checkEnvironment(run, keystore.authentication.chain[0], alias);
  await copyIn(run, { folder, path, alias, bytes }, options.force === true);
  const document = describeKeystore(keystore, { alias, path, now: run.now() });
  run.result({ schema: 'topaz.keystore.import/1', imported: true, ...document }, () => []);
  const [certificate] = keystore.authentication.chain;
  run.done(
    document.holder === undefined
      ? run.t('keystore.import.pending', { alias })
      : run.t('keystore.import.done', {
          alias,
          holder: holderText(run, document.holder),
          date: formatDay(run, certificate.notAfter),
        }),
  );
}

/** Writes the file and reads it back; one that it replaces is kept as a dated copy. */
export async function copyIn(
  run: Run,
  { folder, path, bytes }: Addition,
  overwrite: boolean,
): Promise<void> {
  const [{ replaceFile }, { makePrivateFolder }] = await Promise.all([
    import('../../keystore/replace-file.js'),
    import('../../disk/atomic.js'),
  ]);
  await makePrivateFolder(folder);
  await replaceFile(path, bytes, {
    overwrite,
    backup: { folder: join(folder, 'backups'), now: run.now() },
    check: (written) =>
      Buffer.compare(written, bytes) === 0
        ? Promise.resolve()
        : Promise.reject(
            new TopazError('E_KEYSTORE_FORMAT', 'the copy differs from the file', {
              hint: 'nothing was replaced; check the disk and try again',
            }),
          ),
  });
}

/** Refused before the password is asked. */
export async function refuseOther(folder: string, alias: string, force: boolean): Promise<void> {
  const { listKeystores } = await import('../../keystore/store.js');
  const stored = await listKeystores(folder);
  if (!force && stored.some((entry) => entry.alias.toLowerCase() === alias.toLowerCase())) {
    throw new TopazError('E_FILE_EXISTS', `another keystore is called "${alias}"`, {
      hint: 'choose another --alias, or add --force (a dated copy of the old one is kept)',
      details: { alias },
    });
  }
}
