/**
 * What the commands of `backup` share.
 *
 * @module
 */

import { resolve } from 'node:path';

import type { Run, SecretFlags } from '../../cli/run.js';
import type { Roots } from '../../backup/collect.js';
import type { BackupKeys } from '../../backup/envelope.js';

/** The three folders of this home; what is in the cache can be made again. */
export const rootsOf = ({ paths: { config, data, state } }: Run): Roots => ({
  config,
  data,
  state,
});

/** What kind of thing a file is, for people: profiles, keystores … */
export type Kind = 'profiles' | 'keystores' | 'keys' | 'messages' | 'requests' | 'access' | 'other';

export const KINDS: readonly Kind[] = ['profiles', 'keystores', 'keys', 'messages', 'requests', 'access', 'other']; // prettier-ignore

const RULES: readonly (readonly [RegExp, Kind])[] = [
  [/^config\//, 'profiles'],
  [/\.access\.json$|^state\/access|^data\/access/, 'access'],
  [/^data\/[^/]+\/keystores\//, 'keystores'],
  [/^data\/[^/]+\/keys\//, 'keys'],
  [/^state\/[^/]+\/requests\//, 'requests'],
  [/^data\/[^/]+\/(ehbox|mycarenet|mailbox|genasync)/, 'messages'],
];

export const kindOf = (name: string): Kind =>
  RULES.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';

/**
 * Opens the keys of a backup with its passphrase, and wipes both afterwards.
 *
 * @throws TopazError `E_PASSPHRASE`, `E_BACKUP_INVALID`, `E_FILE_NOT_FOUND`, and as `Run.secret`.
 */
export async function withBackupKeys<T>(
  run: Run,
  file: string,
  flags: SecretFlags,
  work: (path: string, keys: BackupKeys) => Promise<T>,
): Promise<T> {
  const [{ keysOfBackup }, { wipeKeys }] = await Promise.all([
    import('../../backup/read.js'),
    import('../../backup/envelope.js'),
  ]);
  const path = resolve(run.ctx.cwd, file);
  const { bytes } = await run.secret('passphrase', flags, run.t('backup.passphrase'));
  let keys: BackupKeys;
  try {
    keys = await run.step(run.t('backup.open.step'), () => keysOfBackup(path, bytes));
  } finally {
    bytes.fill(0);
  }
  try {
    return await work(path, keys);
  } finally {
    wipeKeys(keys);
  }
}

export interface Counts {
  readonly add: (name: string, size: number) => void;
  readonly list: () => readonly {
    readonly kind: Kind;
    readonly files: number;
    readonly bytes: number;
  }[];
}

/** Counts files by kind. */
export function countKinds(): Counts {
  const counts = new Map<Kind, { files: number; bytes: number }>();
  return {
    add: (name, size) => {
      const kind = kindOf(name);
      const { files, bytes } = counts.get(kind) ?? { files: 0, bytes: 0 };
      counts.set(kind, { files: files + 1, bytes: bytes + size });
    },
    list: () =>
      KINDS.flatMap((kind) => {
        const found = counts.get(kind);
        return found === undefined ? [] : [{ kind, ...found }];
      }),
  };
}
