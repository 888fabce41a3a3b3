/**
 * `topaz keystore export`: writes a keystore for another program or another place, under a password of its
 * own.
 *
 * @module
 */

import { dirname, resolve } from 'node:path';

import { Command, Option } from 'commander';

import type { Context } from '../../cli/context.js';
import { withNewPasswordFile, withPasswordFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import type { Keystore, SaveOptions } from '../../keystore/keystore.js';
import { withNewPassword } from './change.js';
import { checkEnvironment, keystoreFiles, loadKeystore } from './open-keystore.js';

export interface ExportOptions extends SecretFlags {
  out?: string;
  format: 'p12' | 'pem';
  legacy?: boolean;
  force?: boolean;
}

/** `topaz keystore export`. */
export function exportCommand(ctx: Context, run = runExport): Command {
  const command = withNewPasswordFile(
    withPasswordFile(
      new Command('export')
        .summary('write a keystore for another program or place')
        .argument('<alias>', 'alias or file')
        .option('-o, --out <file>', 'write to <file>, readable by you alone')
        .addOption(
          new Option('--format <format>', 'p12, or pem with encrypted keys')
            .choices(['p12', 'pem'])
            .default('p12'),
        )
        .option('--legacy', 'p12 with old algorithms, for Java before 8u301')
        .option('-f, --force', 'replace the file'),
    ),
  ).addHelpText(
    'after',
    `
Examples:
  # a copy for a second computer
  $ topaz keystore export doctor --out doctor-copy.p12
  # for a program with an old Java
  $ topaz keystore export doctor --out old.p12 --legacy
  # for a program that reads PEM, in a script
  $ topaz keystore export doctor --out doctor.pem --format pem --password-file pw \\
      --new-password-file new

Every key is written, also the old ones that open old messages. The file gets a
password of its own: 12 to 64 characters without accents, not digits only.`,
  );
  return command.action((alias: string, options: ExportOptions) =>
    action(ctx, command, (session) => run(session, alias, options)),
  );
}

export async function runExport(run: Run, named: string, options: ExportOptions): Promise<void> {
  const { format, legacy = false } = options;
  if (legacy && format === 'pem') {
    throw new TopazError('E_USAGE', '--legacy is for --format p12', {
      hint: 'leave out --legacy, or --format pem',
    });
  }
  const out = await run.require('--out FILE', options.out, async () =>
    (await run.ctx.prompter()).input(run.t('keystore.export.out')),
  );
  if (out === '-') {
    throw new TopazError('E_USAGE', 'a keystore is written to a file, not to stdout', {
      hint: '--out FILE',
    });
  }
  const target = resolve(run.ctx.cwd, out);
  await refuseExisting(target, options.force === true);
  const { path, alias, keystore } = await loadKeystore(run, named, options);
  await refuseItself(target, path);
  await checkEnvironment(run, keystore.authentication.chain[0], alias);
  await withNewPassword(run, { alias, flags: options }, (password) =>
    run.step(run.t('keystore.export.step'), () =>
      write(run, { target, keystore, password }, options),
    ),
  );
  const { authentication, encryption, unpairedKeys = [] } = keystore;
  const keys = new Set([authentication, ...encryption, ...unpairedKeys].map((e) => e.privateKey));
  run.result(
    { schema: 'topaz.keystore.export/1', alias, path: target, format, legacy, keys: keys.size },
    () => [],
  );
  run.done(run.t('keystore.export.done', { alias, path: target, count: keys.size }));
}

/** Refused before a password is asked. */
async function refuseExisting(target: string, force: boolean): Promise<void> {
  const { stat } = await import('node:fs/promises');
  const found = await stat(target).catch(() => undefined);
  if (found?.isDirectory() === true) {
    throw new TopazError('E_FILE_EXISTS', `${target} is a folder`, { hint: '--out FILE' });
  }
  if (found !== undefined && !force) {
    throw new TopazError('E_FILE_EXISTS', `${target} exists already`, {
      hint: 'choose another name, or add --force',
    });
  }
}

async function refuseItself(target: string, path: string): Promise<void> {
  const { stat } = await import('node:fs/promises');
  const [a, b] = await Promise.all([stat(target).catch(() => undefined), stat(path)]);
  if (a !== undefined && a.dev === b.dev && a.ino === b.ino) {
    throw new TopazError('E_USAGE', 'this is the keystore itself', {
      hint: 'choose another --out; for another password: topaz keystore passwd',
    });
  }
}

interface Export {
  readonly target: string;
  readonly keystore: Keystore;
  readonly password: Uint8Array;
}

/** Another keystore of the profile is replaced only with a dated copy kept. */
async function write(
  run: Run,
  { target, keystore, password }: Export,
  { format, legacy = false, force = false }: ExportOptions,
): Promise<void> {
  const { backupsOf } = await import('../../keystore/backups.js');
  const folder = await keystoreFiles(run);
  const replacing: SaveOptions = {
    overwrite: force,
    ...(force && dirname(target) === folder
      ? { backup: { folder: backupsOf(folder), now: run.now() } }
      : {}),
  };
  if (format === 'p12') {
    const { saveKeystore } = await import('../../keystore/keystore.js');
    await saveKeystore(target, keystore, password, {
      ...replacing,
      format: legacy ? 'compat' : 'modern',
    });
    return;
  }
  const [{ checkPem, writePem }, { replaceFile }] = await Promise.all([
    import('../../keystore/pem-export.js'),
    import('../../keystore/replace-file.js'),
  ]);
  await replaceFile(target, new TextEncoder().encode(await writePem(keystore, password)), {
    ...replacing,
    overwrite: force,
    check: (written) => {
      checkPem(written, keystore, password);
      return Promise.resolve();
    },
  });
}
