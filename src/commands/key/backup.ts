/**
 * `topaz key backup`: copies of a user key to several places, each read back.
 *
 * @module
 */

import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { withPassphraseFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import { seconds } from '../../cli/text.js';
import { TopazError } from '../../errors.js';
import type { Copy } from '../../userkey/key-store.js';
import type { UserKey } from '../../userkey/user-key.js';
import { chosenId, describeKey, keysFolder, refuseStdout } from './key-place.js';

export interface BackupOptions extends SecretFlags {
  id?: string;
  out?: readonly string[];
  encrypt?: boolean;
  paper?: string | true;
  force?: boolean;
}

/** `topaz key backup`. */
export function backupCommand(ctx: Context, run = runBackup): Command {
  const command = withPassphraseFile(
    new Command('backup')
      .summary('copies in several places, each read back')
      .option('--id <uuid>', 'which one, where there are several')
      .option('-o, --out <place>', 'a folder or a file; repeat it, two places at least', collect)
      .option('--encrypt', 'under a passphrase, which is asked')
      .option('--paper [file]', 'also a sheet to print (HTML), beside the first copy')
      .option('-f, --force', 'replace files of the same name'),
  ).addHelpText(
    'after',
    `
Examples:
  # a stick, and a folder that is kept elsewhere
  $ topaz key backup --out /media/stick --out /mnt/safe
  # the same under a passphrase, and a sheet to print
  $ topaz key backup --out /media/stick --out /mnt/safe --encrypt --paper
  # in a script
  $ topaz key backup --out a --out b --passphrase-file phrase

The passphrase cannot be found again by anyone: keep it apart from the copies.
Each copy is read back and must open what the public key closes.`,
  );
  return command.action((options: BackupOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

const collect = (value: string, previous: readonly string[] | undefined): readonly string[] => [
  ...(previous ?? []),
  value,
];

export async function runBackup(run: Run, options: BackupOptions): Promise<void> {
  const { loadKey, noteCopies } = await import('../../userkey/key-store.js');
  const folder = keysFolder(run);
  const key = await loadKey(folder, await chosenId(run, options.id));
  const encrypted = wantsPassphrase(options);
  const places = await placesOf(run, key, options.out ?? [], encrypted);
  await warnAboutOneDisk(run, places);
  const content = await contentOf(run, key, options, encrypted);
  const at = seconds(run.now());
  const copies: Copy[] = [];
  for (const place of places) {
    await writeAndReadBack(key, place, content.file, content, options.force === true);
    copies.push({ place, at, kind: 'file', passphrase: encrypted });
  }
  const [first] = places;
  if (options.paper !== undefined && first !== undefined) {
    const place = resolve(
      run.ctx.cwd,
      options.paper === true ? join(dirname(first), `${key.id}-paper.html`) : options.paper,
    );
    await writeAndReadBack(key, place, await sheetOf(run, key, content.der, encrypted), content, options.force === true); // prettier-ignore
    copies.push({ place, at, kind: 'paper', passphrase: encrypted });
  }
  await noteCopies(folder, key.id, copies);
  run.result(
    { schema: 'topaz.key.backup/1', key: describeKey(key), copies },
    () => copies.map(({ place }) => place),
    () => copies.map(({ place, kind }) => [key.id, kind, place]),
  );
  run.done(run.t('key.backup.done', { count: copies.length }));
  if (options.paper !== undefined) {
    run.remark(run.t('key.backup.print'));
  }
}

const wantsPassphrase = ({ encrypt, passphraseFile, passphraseFd }: BackupOptions): boolean =>
  encrypt === true || passphraseFile !== undefined || passphraseFd !== undefined;

/** Absolute paths of the copies; a folder gets a file of the platform's name. */
async function placesOf(
  run: Run,
  { id }: UserKey,
  outs: readonly string[],
  encrypted: boolean,
): Promise<readonly string[]> {
  const { privateFileName } = await import('../../userkey/user-key.js');
  const name = encrypted ? privateFileName(id).replace(/key$/, 'pem') : privateFileName(id);
  const places = await Promise.all(
    outs.map(async (out) => {
      refuseStdout(out);
      const path = resolve(run.ctx.cwd, out);
      const isFolder = await stat(path).then((found) => found.isDirectory()).catch(() => false); // prettier-ignore
      return isFolder ? join(path, name) : path;
    }),
  );
  if (new Set(places).size < 2) {
    throw new TopazError('E_USAGE', 'two places are needed at least', {
      hint: '--out PLACE --out PLACE: for example a stick, and a disk that is kept elsewhere',
    });
  }
  return [...new Set(places)];
}

/** Two copies on one disk are lost together. */
async function warnAboutOneDisk(run: Run, places: readonly string[]): Promise<void> {
  const disks = await Promise.all(
    places.map((place) => stat(dirname(place)).then(({ dev }) => dev).catch(() => place)),
  ); // prettier-ignore
  if (new Set(disks).size === 1) {
    run.warn(run.t('key.backup.oneDisk'));
  }
}

interface Content {
  /** PKCS#8, plain or under the passphrase. */
  readonly der: Uint8Array;
  readonly file: string;
  /** Gives the key again, from what was read back. */
  readonly open: (bytes: Uint8Array) => Promise<Uint8Array>;
}

async function contentOf(
  run: Run,
  key: UserKey,
  flags: SecretFlags,
  encrypted: boolean,
): Promise<Content> {
  const [{ pkcs8Of }, { keyFileText }, { readKey }] = await Promise.all([
    import('../../userkey/user-key.js'),
    import('../../userkey/key-store.js'),
    import('../../userkey/key-text.js'),
  ]);
  const pkcs8 = pkcs8Of(key);
  const plain = (bytes: Uint8Array): Promise<Uint8Array> => {
    const { privateKey } = readKey(bytes);
    return Promise.resolve(privateKey?.export({ type: 'pkcs8', format: 'der' }) ?? Buffer.of());
  };
  if (!encrypted) {
    return { der: pkcs8, file: keyFileText(key), open: plain };
  }
  const { encryptKey } = await import('../../userkey/passphrase.js');
  const { formatPem } = await import('../../x509/pem.js');
  const { bytes: passphrase } = await run.secret('passphrase', flags, run.t('key.ask.newPassphrase'), { choose: true }); // prettier-ignore
  try {
    const der = await run.step(run.t('key.lock.step'), () => encryptKey(pkcs8, passphrase));
    // Opened once, before the passphrase is forgotten; each copy is then compared byte for byte.
    const { decryptKey } = await import('../../userkey/passphrase.js');
    const again = await decryptKey(der, passphrase);
    if (Buffer.compare(again, pkcs8) !== 0) {
      throw new TopazError('E_INTERNAL', 'the encrypted key does not open', {
        hint: 'nothing was written; run the command again',
      });
    }
    return {
      der,
      file: formatPem('ENCRYPTED PRIVATE KEY', der),
      open: (bytes) => {
        const same = Buffer.compare(readKey(bytes).encrypted ?? Buffer.of(), der) === 0;
        return Promise.resolve(same ? again : Buffer.of());
      },
    };
  } finally {
    passphrase.fill(0);
  }
}

async function writeAndReadBack(
  key: UserKey,
  place: string,
  text: string,
  { open }: Content,
  overwrite: boolean,
): Promise<void> {
  const [{ writeFileAtomic }, { readFile }, { opens, readPrivateKey }] = await Promise.all([
    import('../../disk/atomic.js'),
    import('node:fs/promises'),
    import('../../userkey/user-key.js'),
  ]);
  await writeFileAtomic(place, text, { overwrite });
  const pkcs8 = await open(await readFile(place));
  if (pkcs8.length === 0 || !opens(readPrivateKey(pkcs8), key.spki)) {
    throw new TopazError('E_KEY_INVALID', 'a copy does not read back as it was written', {
      facts: [place],
      hint: 'that medium is not to be trusted: choose another place',
    });
  }
}

async function sheetOf(
  run: Run,
  { id, spki }: UserKey,
  der: Uint8Array,
  encrypted: boolean,
): Promise<string> {
  const { paperSheet } = await import('../../userkey/paper-sheet.js');
  const text = (key: string): string => run.t(`key.paper.${key}`, { id });
  return paperSheet({
    id,
    der,
    spki,
    day: seconds(run.now()).slice(0, 10),
    language: run.settings.lang,
    texts: {
      title: text('title'),
      purpose: text('purpose'),
      secrecy: text(encrypted ? 'passphrase' : 'plain'),
      recovery: text('recovery'),
      id: text('id'),
      fingerprint: text('fingerprint'),
      printed: text('printed'),
      code: text('code'),
    },
  });
}
