/**
 * Local copies of answers and lists, as they came: they are judged again at each use, so that a changed file
 * is a useless one and nothing more. Private to the user, written whole, and not kept for ever.
 *
 * @module
 */

import { readdir, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

import { makePrivateFolder, writeFileAtomic } from '../disk/atomic.js';

/** `ocsp` answers are small and many, `crl` lists large and few. */
export type CopyKind = 'ocsp' | 'crl';

export interface Copies {
  /** @param key Hex digits. */
  read(kind: CopyKind, key: string): Promise<Uint8Array | undefined>;
  /** A folder that cannot be written is no reason to fail: the answer is at hand. */
  write(kind: CopyKind, key: string, bytes: Uint8Array): Promise<void>;
}

const MAX_BYTES = 32 * 1024 * 1024;
const MAX_FILES: Readonly<Record<CopyKind, number>> = { ocsp: 500, crl: 20 };
const KEY = /^[0-9a-f]{64}$/;

/** @param folder Made at the first write. */
export function openCopies(folder: string): Copies {
  const path = (kind: CopyKind, key: string): string => join(folder, `${key}.${kind}`);
  return {
    read: async (kind, key) => {
      try {
        const file = path(kind, key);
        return KEY.test(key) && (await stat(file)).size <= MAX_BYTES
          ? Uint8Array.from(await readFile(file))
          : undefined;
      } catch {
        return undefined;
      }
    },
    write: async (kind, key, bytes) => {
      if (!KEY.test(key)) {
        return;
      }
      try {
        await makePrivateFolder(folder);
        await writeFileAtomic(path(kind, key), bytes);
        await prune(folder, kind);
      } catch {
        // The next command asks again.
      }
    },
  };
}

/** The oldest go when there are too many. */
async function prune(folder: string, kind: CopyKind): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(`.${kind}`));
  if (names.length <= MAX_FILES[kind]) {
    return;
  }
  const dated = await Promise.all(
    names.map(async (name) => {
      const file = join(folder, name);
      return { file, at: (await stat(file)).mtimeMs };
    }),
  );
  const old = dated.toSorted((a, b) => b.at - a.at).slice(MAX_FILES[kind]);
  await Promise.all(old.map(({ file }) => unlink(file)));
}
