/**
 * A file in the making: a 0600 temporary file beside its target that gets its name only when everything about
 * it is known to be right, and is removed otherwise.
 *
 * What may hold plaintext is registered before it exists: after a crash the next command removes it. A file
 * whose process still runs is left alone.
 *
 * @module
 */

import { randomBytes } from 'node:crypto';
import { link, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import type { Pull } from '../der/pull.js';
import { diskError, makePrivateFolder, syncFolder, writeFileAtomic } from '../disk/atomic.js';
import { acquireLock, type Lock } from '../disk/lock.js';
import { FileWriter, pullFile } from './file-stream.js';

const TEMPORARY = /^\.[^/\\]+\.[0-9a-f]{12}\.tmp$/;
const ENTRY = /^[0-9a-f]{12}$/;

export class PendingFile {
  /** Where it will be. */
  readonly target: string;
  readonly #temporary: string;
  readonly #file: FileHandle;
  readonly #writer: FileWriter;
  readonly #unregister: () => Promise<void>;

  private constructor(
    target: string,
    temporary: string,
    file: FileHandle,
    unregister: () => Promise<void>,
  ) {
    this.target = target;
    this.#temporary = temporary;
    this.#file = file;
    this.#writer = new FileWriter(file);
    this.#unregister = unregister;
  }

  /**
   * @param target Its folder exists.
   * @param registry Folder of the register; made when it is missing.
   * @throws TopazError `E_DISK_FULL`, `E_READ_ONLY`, `E_FILE_NOT_FOUND`, as every method here.
   */
  static async create(target: string, registry: string): Promise<PendingFile> {
    const id = randomBytes(6).toString('hex');
    const temporary = join(dirname(target), `.${basename(target)}.${id}.tmp`);
    const unregister = await register(registry, id, temporary);
    try {
      const file = await open(temporary, 'wx+', 0o600);
      return new PendingFile(target, temporary, file, unregister);
    } catch (error) {
      await unregister();
      throw diskError(error, target);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#writer.write(bytes);
    } catch (error) {
      throw diskError(error, this.target);
    }
  }

  /** Gives the file its name; without `overwrite` an existing one is refused (`E_FILE_EXISTS`). */
  async commit({ overwrite }: { readonly overwrite: boolean }): Promise<void> {
    try {
      await this.#writer.end();
      await this.#file.sync();
      await this.#file.close();
      if (overwrite) {
        await rename(this.#temporary, this.target);
      } else {
        // link() fails when the name exists, rename() would replace it silently.
        await link(this.#temporary, this.target);
        await unlink(this.#temporary);
      }
      await syncFolder(dirname(this.target));
    } catch (error) {
      await this.discard();
      throw diskError(error, this.target);
    }
    await this.#unregister();
  }

  /** Gives what was written to `take`, and removes the file. */
  async handOut(take: (content: Pull) => Promise<void>): Promise<void> {
    try {
      await this.#writer.end();
      const file = await open(this.#temporary, 'r');
      try {
        await take(pullFile(file));
      } finally {
        await file.close();
      }
    } finally {
      await this.discard();
    }
  }

  /** Removes it. */
  async discard(): Promise<void> {
    await this.#writer.end().catch(() => undefined);
    await this.#file.close().catch(() => undefined);
    await unlink(this.#temporary).catch(() => undefined);
    await this.#unregister();
  }
}

/** Held as long as the file is in the making: a lock tells whether its process still runs. */
async function register(
  registry: string,
  id: string,
  temporary: string,
): Promise<() => Promise<void>> {
  const entry = join(registry, id);
  await makePrivateFolder(registry);
  const lock = await acquireLock(`${entry}.lock`);
  try {
    await writeFileAtomic(entry, temporary);
  } catch (error) {
    await lock.release();
    throw error;
  }
  return () => strike(entry, lock);
}

async function strike(entry: string, lock: Lock): Promise<void> {
  await unlink(entry).catch(() => undefined);
  await lock.release();
}

/**
 * Removes what earlier commands left behind when they were killed.
 *
 * @param registry As for {@link PendingFile.create}; it may not exist.
 * @returns How many files were removed.
 */
export async function sweepPending(registry: string): Promise<number> {
  const names = await readdir(registry).catch(() => []);
  let swept = 0;
  for (const name of names.filter((each) => ENTRY.test(each))) {
    const entry = join(registry, name);
    // Taken over only when the process that holds it is gone.
    const lock = await acquireLock(`${entry}.lock`, { timeoutMs: 0 }).catch(() => undefined);
    if (lock === undefined) {
      continue;
    }
    const temporary = await readFile(entry, 'utf8').catch(() => '');
    if (TEMPORARY.test(basename(temporary))) {
      swept += await unlink(temporary).then(
        () => 1,
        () => 0,
      );
    }
    await strike(entry, lock);
  }
  return swept;
}
